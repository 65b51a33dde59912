import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedDiff } from "./unified-diff.js";

describe("unifiedDiff", () => {
  it("is empty for equal texts", () => {
    expect(unifiedDiff("a\nb\n", "a\nb\n")).toBe("");
  });

  it("shows what changed with three lines around it", () => {
    const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    expect(unifiedDiff(before, before.replace("6", "six"))).toBe("@@\n 3\n 4\n 5\n-6\n+six\n 7\n 8\n 9\n");
  });

  it("shows a new and a removed text whole", () => {
    expect(unifiedDiff("", "a\nb\n")).toBe("+a\n+b\n");
    expect(unifiedDiff("a\n", "")).toBe("-a\n");
  });

  it("takes away and adds exactly what turns one text into the other", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c"), { maxLength: 3 })
      .map((lines) => lines.map((line) => `${line}\n`).join(""));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = unifiedDiff(before, after)
          .split("\n")
          .filter((line) => line !== "" && line !== "@@");
        if (before === after) {
          expect(lines).toEqual([]);
          return;
        }
        const side = (mark: string) =>
          lines
            .filter((line) => line[0] === " " || line[0] === mark)
            .map((line) => `${line.slice(1)}\n`)
            .join("");
        expect(side("-")).toBe(before);
        expect(side("+")).toBe(after);
      }),
    );
  });
});
