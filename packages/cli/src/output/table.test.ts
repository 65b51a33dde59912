import { describe, expect, it } from "vitest";
import { formatAge } from "./age.js";
import { formatTable } from "./table.js";

describe("formatTable", () => {
  it("pads columns to their widest cell and leaves no space at the end of a line", () => {
    expect(
      formatTable(
        ["NAME", "READY"],
        [
          ["a-long-name", ""],
          ["b", "True"],
        ],
      ),
    ).toBe("NAME          READY\na-long-name\nb             True\n");
  });

  it("counts no columns for colours", () => {
    const [first, second] = formatTable(["A", "B"], [["\u001b[32mx\u001b[39m", "y"]]).split("\n");
    expect(first).toBe("A   B");
    expect(second).toBe("\u001b[32mx\u001b[39m   y");
  });
});

describe("formatAge", () => {
  it.each([
    [-5, "0s"],
    [119_000, "119s"],
    [120_000, "2m"],
    [200_000, "3m20s"],
    [3_600_000, "60m"],
    [11_700_000, "3h15m"],
    [86_400_000, "24h"],
    [180_000_000, "2d2h"],
    [864_000_000, "10d"],
  ])("prints %i ms as %s", (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
});
