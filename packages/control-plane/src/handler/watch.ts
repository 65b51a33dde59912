import { ApiError } from "@capstan/kube";
import { StoreError } from "../store/store.js";
import { EventStream } from "../watch/event-stream.js";
import { plainEvent, storedEvent } from "../watch/watched-event.js";
import type { Call, Machinery } from "./call.js";
import { prepareChanges } from "./conversions.js";
import { expired, internal } from "./errors.js";
import { selectionOf } from "./list.js";
import { type ListOptions, readListOptions } from "./list-options.js";
import { keyRange, objectKey, servedVersion } from "./object-storage.js";
import type { Selection } from "./selection.js";

const BOOKMARK_MS = 60_000;
const LAST_BOOKMARK_MS = 2_000;
const MIN_TIMEOUT_S = 1_800;
const END_OF_INITIAL_EVENTS = "k8s.io/initial-events-end";

/** Opens a watch on a collection. Errors after the options were read arrive in the stream, as ERROR. */
export function watch(machinery: Machinery, call: Call): EventStream {
  const options = readListOptions(call.query, true);
  const selection = selectionOf(call, options);
  const stream = new EventStream();
  machinery.hub.adopt(stream);
  const opened = open(machinery, call, options, selection, stream);
  if (opened instanceof Promise) opened.catch((error: unknown) => fail(stream, error));
  endWith(call.signal, stream);
  scheduleTimeout(machinery, call, options, stream);
  return stream;
}

function open(
  machinery: Machinery,
  call: Call,
  options: ListOptions,
  selection: Selection,
  stream: EventStream,
): Promise<void> | void {
  const asked = options.resourceVersion ?? 0;
  const withState = options.sendInitialEvents ?? asked === 0;
  const start = () => {
    try {
      if (withState) startWithState(machinery, call, options, selection, stream);
      else startAfter(machinery, call, selection, asked === 0 ? machinery.hub.revision : asked, stream);
    } catch (error) {
      fail(stream, error);
    }
  };
  if (call.kind.storage.remote !== undefined) {
    return convertFeed(machinery, call, selection, withState ? undefined : asked).then(start);
  }
  if (!withState || asked <= machinery.hub.revision) return start();
  return machinery.hub.reached(asked, call.signal).then(start);
}

/** Converts all that a watch starts with: the state, or the changes after a revision. */
async function convertFeed(
  { hub, objects }: Machinery,
  { kind }: Call,
  selection: Selection,
  after: number | undefined,
): Promise<void> {
  const { codec, store } = objects;
  let reached: number;
  do {
    reached = hub.revision;
    if (after === undefined || after === 0) {
      const { entries } = objects.range(keyRange(kind, selection.namespace));
      await kind.storage.remote?.prepare(
        entries.map(({ value }) => codec.decode(value)),
        servedVersion(kind),
      );
    } else {
      const { start } = keyRange(kind);
      const own = store.changes(after).filter(({ key }) => key.startsWith(start));
      await prepareChanges(kind, own, codec);
    }
  } while (hub.revision !== reached);
}

function interestOf(call: Call, selection: Selection) {
  const { kind } = call;
  const pinned =
    selection.name !== undefined && (!kind.namespaced || selection.namespace !== undefined)
      ? objectKey(kind, selection.namespace, selection.name)
      : undefined;
  return {
    keyPrefix: keyRange(kind, selection.namespace).start,
    key: pinned,
    matches: selection.matches,
  };
}

function startAfter(
  machinery: Machinery,
  call: Call,
  selection: Selection,
  after: number,
  stream: EventStream,
): void {
  machinery.hub.subscribe(call.kind, interestOf(call, selection), after, stream);
}

function startWithState(
  machinery: Machinery,
  call: Call,
  options: ListOptions,
  selection: Selection,
  stream: EventStream,
): void {
  const { entries, revision } = machinery.objects.range(keyRange(call.kind, selection.namespace));
  const { matches } = selection;
  const initial = [];
  for (const entry of entries) {
    const stored = machinery.objects.wrap(call.kind, entry);
    if (matches === undefined || matches(stored.object)) initial.push(storedEvent("ADDED", 0, stored));
  }
  if (options.allowBookmarks) initial.push(bookmark(call, revision, { [END_OF_INITIAL_EVENTS]: "true" }));
  stream.pushAll(initial);
  startAfter(machinery, call, selection, revision, stream);
}

function bookmark(call: Call, revision: number, annotations?: Readonly<Record<string, string>>) {
  return plainEvent("BOOKMARK", {
    kind: call.kind.kind,
    apiVersion: servedVersion(call.kind),
    metadata: { resourceVersion: String(revision), ...(annotations === undefined ? {} : { annotations }) },
  });
}

/** Ends a stream with what went wrong, as its last event. */
function fail(stream: EventStream, error: unknown): void {
  stream.push(plainEvent("ERROR", failureOf(error).status));
  stream.end();
}

function failureOf(error: unknown): ApiError {
  if (ApiError.is(error)) return error;
  if (StoreError.is(error, "compacted")) return expired(error.message);
  return internal(error instanceof Error ? error.message : String(error), error);
}

function endWith(signal: AbortSignal | undefined, stream: EventStream): void {
  if (signal === undefined) return;
  const end = () => stream.end();
  if (signal.aborted) {
    end();
    return;
  }
  signal.addEventListener("abort", end, { once: true });
  stream.onEnd(() => signal.removeEventListener("abort", end));
}

function scheduleTimeout(machinery: Machinery, call: Call, options: ListOptions, stream: EventStream): void {
  const { clock, random, hub } = machinery;
  const seconds =
    options.timeoutSeconds !== undefined && options.timeoutSeconds > 0
      ? options.timeoutSeconds
      : MIN_TIMEOUT_S * (1 + random.float());
  stream.onEnd(clock.after(seconds * 1000, () => stream.end()));
  if (!options.allowBookmarks) return;
  const mark = () => {
    if (!stream.ended) stream.push(bookmark(call, hub.revision));
  };
  const lastMs = seconds * 1000 - LAST_BOOKMARK_MS;
  if (lastMs > 0) stream.onEnd(clock.after(lastMs, mark));
  let cancel: (() => void) | undefined;
  const repeat = () => {
    cancel = clock.after(BOOKMARK_MS * (0.75 + random.float() / 2), () => {
      mark();
      repeat();
    });
  };
  repeat();
  stream.onEnd(() => cancel?.());
}
