import { ApiError, type Clock, formatTime, type KubeObject } from "@capstan/kube";
import type { Writer } from "../client/client.js";
import type { Logger } from "../logger.js";
import { TokenBucket } from "../queue/token-bucket.js";

/** What happened to an object, for people. */
export interface EventNote {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** Annotations of the Event; notifications carry them on. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Tell only the hook: nothing is written to the API. */
  readonly hookOnly?: boolean;
  /** Tell only the API: nobody is notified. */
  readonly apiOnly?: boolean;
}

/** An event as the hook for notifications gets it. */
export interface RecordedEvent extends EventNote {
  readonly object: KubeObject;
  /** Epoch ms. */
  readonly time: number;
  readonly reportingController: string;
  readonly reportingInstance: string;
}

/** Writes events about objects, as `kubectl events` and `kubectl describe` show them. */
export interface EventRecorder {
  /** Never fails and never waits; what cannot be written is logged. */
  record(object: KubeObject, note: EventNote): void;
  normal(object: KubeObject, reason: string, message: string, metadata?: EventNote["metadata"]): void;
  warning(object: KubeObject, reason: string, message: string, metadata?: EventNote["metadata"]): void;
  /** What only those look for who follow a run step by step: a Normal event, of which nobody is notified. */
  trace(object: KubeObject, reason: string, message: string, metadata?: EventNote["metadata"]): void;
  /** Resolves when everything recorded so far was written. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  readonly writer: Writer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `source.component` and `reportingComponent`. */
  readonly component: string;
  readonly instance: string;
  readonly onEvent?: ((event: RecordedEvent) => void) | undefined;
}

interface Series {
  name: string;
  readonly namespace: string;
  readonly first: number;
  count: number;
  last: number;
}

/** Events that differ only in their message are told apart up to this number per object and reason. */
const MAX_SIMILAR = 10;
const SIMILAR_WINDOW_MS = 10 * 60_000;
/** One object's events: a burst, then one in five minutes, as in client-go. */
const BURST = 25;
const PER_SECOND = 1 / 300;
const MAX_TRACKED = 4096;
const MAX_PENDING = 10_000;
const MAX_MESSAGE = 1024;
/** Names that are tried for one event. */
const MAX_NAMES = 10;
/** Writes at a time: events must not crowd out the work they tell of. */
const WRITERS = 4;

/** A recorder that writes core/v1 Events, counting repetitions instead of writing them again. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options);
}

class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #similar = new Map<string, { messages: Set<string>; since: number }>();
  readonly #limits = new Map<string, TokenBucket>();
  readonly #pending = new Map<string, () => Promise<void>>();
  #writing = 0;
  #sequence = 0;
  #idle: (() => void)[] = [];

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  normal(object: KubeObject, reason: string, message: string, metadata?: EventNote["metadata"]): void {
    this.record(object, { type: "Normal", reason, message, ...(metadata === undefined ? {} : { metadata }) });
  }

  warning(object: KubeObject, reason: string, message: string, metadata?: EventNote["metadata"]): void {
    this.record(object, {
      type: "Warning",
      reason,
      message,
      ...(metadata === undefined ? {} : { metadata }),
    });
  }

  trace(object: KubeObject, reason: string, message: string, metadata?: EventNote["metadata"]): void {
    const note = { type: "Normal", reason, message, apiOnly: true } as const;
    this.record(object, { ...note, ...(metadata === undefined ? {} : { metadata }) });
  }

  record(object: KubeObject, note: EventNote): void {
    const { clock, component, instance, onEvent } = this.#options;
    const time = clock.now();
    if (note.apiOnly !== true) {
      onEvent?.({ ...note, object, time, reportingController: component, reportingInstance: instance });
    }
    if (note.hookOnly === true) return;
    const about = `${object.metadata.uid ?? ""}|${object.kind}|${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    if (!this.#limit(about).tryTake(time)) return;
    const message = this.#aggregate(about, note, time);
    const id = `${about}|${note.type}|${note.reason}|${message}`;
    const series = this.#series.get(id);
    if (series !== undefined) {
      series.count += 1;
      series.last = time;
      this.#series.delete(id);
      this.#series.set(id, series);
      this.#write(id, () => this.#count(series));
      return;
    }
    const started = this.#newSeries(object, time);
    remember(this.#series, id, started);
    this.#write(id, () => this.#create(object, { ...note, message }, started));
  }

  async flush(): Promise<void> {
    if (this.#pending.size === 0 && this.#writing === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #limit(about: string): TokenBucket {
    const known = this.#limits.get(about);
    if (known !== undefined) return known;
    const limit = new TokenBucket(PER_SECOND, BURST);
    remember(this.#limits, about, limit);
    return limit;
  }

  #aggregate(about: string, note: EventNote, now: number): string {
    const message =
      note.message.length > MAX_MESSAGE ? `${note.message.slice(0, MAX_MESSAGE - 3)}...` : note.message;
    const id = `${about}|${note.type}|${note.reason}`;
    let similar = this.#similar.get(id);
    if (similar === undefined || now - similar.since > SIMILAR_WINDOW_MS) {
      similar = { messages: new Set(), since: now };
      remember(this.#similar, id, similar);
    }
    similar.messages.add(message);
    return similar.messages.size > MAX_SIMILAR ? `(combined from similar events): ${message}` : message;
  }

  #newSeries(object: KubeObject, now: number): Series {
    return {
      name: this.#newName(object, now),
      namespace: object.metadata.namespace ?? "default",
      first: now,
      last: now,
      count: 1,
    };
  }

  /** As client-go names events: the object's name and a time in nanoseconds, counted up within the millisecond. */
  #newName(object: KubeObject, now: number): string {
    this.#sequence += 1;
    const suffix = (BigInt(now) * 1_000_000n + BigInt(this.#sequence % 1_000_000)).toString(16);
    return `${object.metadata.name.slice(0, 230)}.${suffix}`;
  }

  async #create(object: KubeObject, note: EventNote, series: Series): Promise<void> {
    const { writer, component, instance } = this.#options;
    const { name, namespace, uid, resourceVersion } = object.metadata;
    const event = (): KubeObject => ({
      apiVersion: "v1",
      kind: "Event",
      metadata: {
        name: series.name,
        namespace: series.namespace,
        ...(note.metadata === undefined ? {} : { annotations: { ...note.metadata } }),
      },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      type: note.type,
      reason: note.reason,
      message: note.message,
      source: { component },
      reportingComponent: component,
      reportingInstance: instance,
      firstTimestamp: formatTime(series.first),
      lastTimestamp: formatTime(series.last),
      count: series.count,
    });
    for (let attempt = 1; ; attempt += 1) {
      try {
        await writer.create(event());
        return;
      } catch (error) {
        // Another component told something of the same object at the same moment.
        if (!ApiError.is(error, "AlreadyExists") || attempt === MAX_NAMES) throw error;
        series.name = this.#newName(object, series.first);
      }
    }
  }

  async #count(series: Series): Promise<void> {
    await this.#options.writer.patch(
      { apiVersion: "v1", kind: "Event", namespace: series.namespace, name: series.name },
      { type: "merge", body: { count: series.count, lastTimestamp: formatTime(series.last) } },
    );
  }

  /** Queues a write; a later one about the same series waits behind its creation. */
  #write(id: string, write: () => Promise<void>): void {
    if (this.#pending.size >= MAX_PENDING) {
      this.#options.logger.warn("events are written too slowly; one was dropped", { id });
      return;
    }
    // A creation still pending will carry the newest count.
    if (!this.#pending.has(id)) this.#pending.set(id, write);
    this.#pump();
  }

  #pump(): void {
    while (this.#writing < WRITERS) {
      const next = this.#pending.entries().next();
      if (next.done === true) break;
      const [id, write] = next.value;
      this.#pending.delete(id);
      this.#writing += 1;
      void this.#run(write).finally(() => {
        this.#writing -= 1;
        this.#pump();
      });
    }
    if (this.#writing > 0 || this.#pending.size > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle = [];
  }

  async #run(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      // Events inform; that one could not be written must not fail what it tells of.
      this.#options.logger.debug("an event was not written", { error: String(error) });
    }
  }
}

/** Keeps the newest entries only. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_TRACKED) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
