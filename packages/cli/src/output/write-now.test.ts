import { describe, expect, it } from "vitest";
import { type Write, writeNow } from "./write-now.js";

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Takes a few bytes at a time, and does what `before` says first. */
function reader(before: (turn: number) => void): { write: Write; text: () => string } {
  const taken: Buffer[] = [];
  let turn = 0;
  return {
    text: () => Buffer.concat(taken).toString("utf8"),
    write: (_, bytes) => {
      before(turn++);
      taken.push(Buffer.from(bytes.subarray(0, 3)));
      return Math.min(3, bytes.length);
    },
  };
}

describe("writeNow", () => {
  it("writes everything, however little is taken at a time", () => {
    const { write, text } = reader(() => undefined);
    writeNow(1, "größer als drei\n", write);
    expect(text()).toBe("größer als drei\n");
  });

  it("waits for a reader that takes nothing just now", () => {
    const { write, text } = reader((turn) => {
      if (turn === 1 || turn === 2) throw failure("EAGAIN");
    });
    writeNow(1, "some text", write);
    expect(text()).toBe("some text");
  });

  it("stops without a failure when the reader has gone", () => {
    const { write, text } = reader((turn) => {
      if (turn === 1) throw failure("EPIPE");
    });
    writeNow(1, "some text", write);
    expect(text()).toBe("som");
  });

  it("tells of everything else", () => {
    const { write } = reader(() => {
      throw failure("EIO");
    });
    expect(() => writeNow(1, "x", write)).toThrow("EIO");
  });
});
