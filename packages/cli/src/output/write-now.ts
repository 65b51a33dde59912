import { writeSync } from "node:fs";

/** A write of bytes to a descriptor; returns how many were taken. */
export type Write = (descriptor: number, bytes: Uint8Array) => number;

/** How long a reader that takes nothing is left alone before it is asked again. */
const PAUSE_MS = 5;

/**
 * Writes all of `text` to a descriptor before it returns, without the streams of Node, which take a tenth of a
 * quick command's time to load. A reader that is slow is waited for; one that has gone is no failure.
 */
export function writeNow(descriptor: number, text: string, write: Write = writeSync): void {
  let rest: Uint8Array = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(write(descriptor, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
