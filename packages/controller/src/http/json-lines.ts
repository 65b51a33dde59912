import type { KubeObject, WatchEvent } from "@capstan/kube";

/** Longest line of a watch: an object is at most 3 MiB, its JSON may be somewhat longer. */
const MAX_LINE = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The events of a watch's body, which is one JSON document per line. Reads from the body only as
 * fast as the events are consumed.
 */
export async function* decodeWatch(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent> {
  let rest: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      size = 0;
      start = end + 1;
      if (line.length > 0) yield parseEvent(line.toString("utf8"));
    }
    const tail = chunk.subarray(start);
    if (tail.length === 0) continue;
    rest.push(tail);
    size += tail.length;
    if (size > MAX_LINE) throw new Error(`a watch event is longer than ${MAX_LINE} bytes`);
  }
  const last = Buffer.concat(rest).toString("utf8").trim();
  if (last !== "") yield parseEvent(last);
}

function parseEvent(line: string): WatchEvent {
  const event: unknown = JSON.parse(line);
  if (typeof event !== "object" || event === null || !("type" in event) || !("object" in event)) {
    throw new Error("the server sent a watch event without type and object");
  }
  // The API's own encoding of exactly this type.
  return event as WatchEvent<KubeObject>;
}
