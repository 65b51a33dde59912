import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packetLine, readAccepted, readUpdates } from "./server-protocol.js";

const ONE = "1".repeat(40);
const ZERO = "0".repeat(40);

describe("readUpdates", () => {
  it("reads the commands before the pack, capabilities left out", () => {
    const lines = [
      `${ZERO} ${ONE} refs/heads/main\0 report-status side-band-64k`,
      `${ONE} ${ZERO} refs/tags/v1\n`,
    ];
    const request = Buffer.concat([
      Buffer.from(`${lines.map(packetLine).join("")}0000`),
      Buffer.from("PACK\0\0\0\u0002"),
    ]);
    expect(readUpdates(request)).toEqual([
      { ref: "refs/heads/main", from: ZERO, to: ONE },
      { ref: "refs/tags/v1", from: ONE, to: ZERO },
    ]);
  });

  it("reads what is there of a cut off or senseless request, and throws nothing", () => {
    expect(readUpdates(Buffer.from(packetLine(`${ZERO} ${ONE} refs/heads/main`).slice(0, -3)))).toEqual([]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readUpdates(Buffer.from(bytes));
        readAccepted(Buffer.from(bytes));
      }),
    );
  });
});

describe("readAccepted", () => {
  it("reads a report, plain or in a side band, also when it comes in pieces", () => {
    const report = `${packetLine("unpack ok\n")}${packetLine("ok refs/heads/a\n")}${packetLine("ng refs/heads/b stale\n")}0000`;
    expect(readAccepted(Buffer.from(report))).toEqual(new Set(["refs/heads/a"]));
    const banded = [report.slice(0, 11), report.slice(11)]
      .map((part) => packetLine(`\u0001${part}`))
      .join("");
    expect(readAccepted(Buffer.from(`${packetLine("\u0002counting")}${banded}0000`))).toEqual(
      new Set(["refs/heads/a"]),
    );
  });
});
