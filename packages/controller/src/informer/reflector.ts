import { ApiError, type Clock, type KubeObject, type Random, type TypeMeta } from "@capstan/kube";
import { isNoKindMatch } from "../client/api-error.js";
import type { Reader, WatchOptions } from "../client/client.js";
import type { Logger } from "../logger.js";
import { type BackoffOptions, backoffDelay } from "../queue/backoff.js";
import type { InformerCache } from "./informer.js";
import { sleep } from "./sleep.js";

const RETRY: BackoffOptions = { baseMs: 200, maxMs: 30_000, jitter: 0.5 };
const PAGE_SIZE = 500;
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";
/** Servers end watches at a time of their own; asking for one spreads the reconnects. */
const WATCH_SECONDS = 5 * 60;

/** Which objects a reflector follows. */
export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly metadataOnly?: boolean;
}

export interface ReflectorOptions {
  readonly reader: Reader;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly type: TypeMeta;
  readonly selection: Selection;
  /** Called when the kind turns out not to be served; `wake` of the reflector ends the wait early. */
  readonly onKindMissing?: () => void;
}

/**
 * Keeps a cache equal to the API: streams the initial state where the server can (WatchList), lists
 * it in pages where it cannot, follows by watch, and starts over when its version has expired.
 */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions;
  readonly #cache: InformerCache<T>;
  #resourceVersion: string | undefined;
  #watchList = true;
  #failures = 0;
  #wake: AbortController | undefined;

  constructor(options: ReflectorOptions, cache: InformerCache<T>) {
    this.#options = options;
    this.#cache = cache;
  }

  /** Ends a wait between two attempts, when there is reason to expect success. */
  wake(): void {
    this.#wake?.abort();
  }

  /** Follows until `signal` aborts; failures are retried for ever. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#follow(signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#handle(error, signal);
      }
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    if (this.#resourceVersion === undefined && this.#watchList) {
      await this.#consume(
        this.#watch({ sendInitialEvents: true, resourceVersionMatch: "NotOlderThan" }, signal),
        true,
      );
      return;
    }
    if (this.#resourceVersion === undefined) await this.#list(signal);
    if (this.#resourceVersion === undefined) return;
    await this.#consume(this.#watch({ resourceVersion: this.#resourceVersion }, signal), false);
  }

  #watch(start: WatchOptions, signal: AbortSignal): ReturnType<Reader["watch"]> {
    const { reader, type, selection, random } = this.#options;
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + random.float()));
    return reader.watch(type, { ...selection, ...start, allowBookmarks: true, timeoutSeconds, signal });
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { reader, type, selection } = this.#options;
    const found: T[] = [];
    let page = await reader.list<T>(type, { ...selection, limit: PAGE_SIZE, signal });
    found.push(...page.items);
    const resourceVersion = page.metadata.resourceVersion;
    while (page.metadata.continue !== undefined && page.metadata.continue !== "") {
      const next = page.metadata.continue;
      page = await reader.list<T>(type, { ...selection, limit: PAGE_SIZE, continue: next, signal });
      found.push(...page.items);
    }
    this.#cache.replace(found);
    this.#resourceVersion = resourceVersion;
    this.#failures = 0;
  }

  async #consume(events: ReturnType<Reader["watch"]>, initial: boolean): Promise<void> {
    let collected: T[] | undefined = initial ? [] : undefined;
    for await (const event of events) {
      if (event.type === "ERROR") throw new ApiError(event.object);
      // The server sends the kind that was asked for.
      const object = event.object as T;
      this.#failures = 0;
      if (collected !== undefined) {
        if (event.type !== "BOOKMARK") {
          collected.push(object);
          continue;
        }
        if (object.metadata.annotations?.[INITIAL_EVENTS_END] !== "true") continue;
        this.#cache.replace(collected);
        collected = undefined;
      } else if (event.type === "DELETED") this.#cache.remove(object);
      else if (event.type !== "BOOKMARK") this.#cache.upsert(object);
      this.#resourceVersion = object.metadata.resourceVersion ?? this.#resourceVersion;
    }
    // A stream that ends before its initial state is complete tells nothing; pause before the next.
    if (collected !== undefined) throw new Error("the watch ended before its initial events did");
  }

  async #handle(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, random, logger, type, onKindMissing } = this.#options;
    if (ApiError.is(error, "Expired", "Gone")) {
      this.#resourceVersion = undefined;
      if (this.#failures === 0) {
        this.#failures = 1;
        return;
      }
    } else if (this.#watchList && ApiError.is(error, "Invalid", "BadRequest", "MethodNotAllowed")) {
      this.#watchList = false;
      return;
    }
    if (isNoKindMatch(error) || ApiError.is(error, "NotFound")) {
      this.#resourceVersion = undefined;
      this.#cache.clear();
      onKindMissing?.();
    } else {
      logger.warn("watch failed", { kind: type.kind, apiVersion: type.apiVersion, error: String(error) });
    }
    this.#failures += 1;
    this.#wake = new AbortController();
    await sleep(
      clock,
      backoffDelay(this.#failures, RETRY, random),
      AbortSignal.any([signal, this.#wake.signal]),
    );
    this.#wake = undefined;
  }
}
