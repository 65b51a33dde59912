import { describe, expect, it } from "vitest";
import { foldedBase64 } from "./generate.js";
import { parseEnv } from "./sources.js";

describe("env files", () => {
  it("keep everything but blanks before keys, comments and line ends", () => {
    const text = "\ufeffA=1\n  # no\n B = 2 \r\nC\n=x\nexport D='3'\n";
    expect(parseEnv(new TextEncoder().encode(text))).toEqual([
      { key: "A", value: "1" },
      { key: "B ", value: " 2 " },
      { key: "C", value: "" },
      { key: "export D", value: "'3'" },
    ]);
  });

  it("must be text", () => {
    expect(() => parseEnv(Uint8Array.of(65, 61, 255))).toThrow("invalid utf8");
  });
});

describe("base64", () => {
  it("is folded from 52 bytes on", () => {
    expect(foldedBase64("x".repeat(51))).not.toContain("\n");
    const lines = foldedBase64("x".repeat(60)).split("\n");
    expect(lines.map((line) => line.length)).toEqual([70, 10, 0]);
  });

  it("is right for long input", () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    expect(Buffer.from(foldedBase64(bytes), "base64").equals(Buffer.from(bytes))).toBe(true);
  });
});
