import { describe, expect, it } from "vitest";
import { contains, definitions } from "./reconcilers.js";

describe("contains", () => {
  it("ignores what the API added", () => {
    expect(contains({ a: 1, b: [{ c: 2, added: true }], added: {} }, { a: 1, b: [{ c: 2 }] })).toBe(true);
  });

  it("sees what is missing, other or longer", () => {
    expect(contains({}, { a: 1 })).toBe(false);
    expect(contains({ a: 2 }, { a: 1 })).toBe(false);
    expect(contains({ a: [1, 2] }, { a: [1] })).toBe(false);
    expect(contains({ a: "x" }, { a: { b: 1 } })).toBe(false);
  });

  it("does not take inherited members for fields", () => {
    expect(contains({}, { constructor: Object })).toBe(false);
  });
});

describe("definitions", () => {
  it("allows local addresses of sources only where asked", () => {
    const pattern = (allowLocal: boolean) =>
      JSON.stringify(
        definitions({ allowLocal }).find((each) => each.metadata.name.startsWith("gitrepositories")),
      );
    expect(pattern(true)).toContain("file");
    expect(pattern(false)).not.toContain("file:");
  });
});
