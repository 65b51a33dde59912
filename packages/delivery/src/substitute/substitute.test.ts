// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what is substituted
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SubstitutionError } from "./expression.js";
import { substitute } from "./substitute.js";

const VARIABLES = { A: "foo.oof/bar", EMPTY: "", U: "wörld", P: "/a/b/c", ONE: "1" };

function eval_(text: string, strict = false, variables: Record<string, string> = VARIABLES): string {
  return substitute(text, new Map(Object.entries(variables)), strict);
}

describe("substitute", () => {
  it.each([
    ["plain $A text", "plain $A text"],
    ["${A}", "foo.oof/bar"],
    ["$${A}", "${A}"],
    ["a$$b", "a$b"],
    ["${MISSING}", ""],
    ["${MISSING:-x y}", "x y"],
    ["${EMPTY:-d}", "d"],
    ["${A:-d}", "foo.oof/bar"],
    ["${MISSING:=d}", "d"],
    ["${MISSING=d}", "d"],
    ["${MISSING:-${ONE}2}", "12"],
    ["${MISSING:-}", ""],
    ["${#A}", "11"],
    ["${#U}", "6"],
    ["${A^}", "Foo.oof/bar"],
    ["${A^^}", "FOO.OOF/BAR"],
    ["${A,}", "foo.oof/bar"],
    ["${A:4}", "oof/bar"],
    ["${A:4:3}", "oof"],
    ["${A:(-3)}", "foo.oof/bar"],
    ["${A:-3:2}", "foo.oof/bar"],
    ["${A:99}", ""],
    ["${A/o/0}", "f0o.oof/bar"],
    ["${A//o/0}", "f00.00f/bar"],
    ["${A/#foo/x}", "x.oof/bar"],
    ["${A/%bar/x}", "foo.oof/x"],
    ["${A/\\//-}", "foo.oof-bar"],
    ["${P#/*/}", "b/c"],
    ["${P##*}", "/a/b/c"],
    ["${A%bar}", "foo.oof/"],
    ["${A%%o*}", "foo.oof/bar"],
  ])("turns %s into %s", (text, result) => {
    expect(eval_(text)).toBe(result);
  });

  it.each(["${", "${}", "${A", "${A-b}", "${A:}", "${A/x}", "${#}", "${A b}"])("refuses %s", (text) => {
    expect(() => eval_(text)).toThrow(SubstitutionError);
  });

  it("asks for every variable where it is strict, but for those with a default", () => {
    expect(() => eval_("${MISSING}", true)).toThrow('variable not set (strict mode): "MISSING"');
    expect(() => eval_("${#MISSING}", true)).toThrow("strict mode");
    expect(eval_("${MISSING:-d}${EMPTY}", true)).toBe("d");
  });

  it("refuses names that no shell would take", () => {
    expect(() => eval_("x", false, { "a-b": "1" })).toThrow("'a-b' var name is invalid");
  });

  it("never fails otherwise, never hangs, and leaves text without dollars alone", () => {
    const fragment = fc.constantFrom(
      "$",
      "{",
      "}",
      "A",
      ":",
      "-",
      "=",
      "/",
      "#",
      "%",
      "^",
      ",",
      "*",
      "[",
      "\\",
      "é",
      "x",
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 40 }), (fragments) => {
        const text = fragments.join("");
        try {
          const result = eval_(text);
          if (!text.includes("$")) expect(result).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(SubstitutionError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("bounds how deep expressions may be nested", () => {
    expect(() => eval_(`${"${X:-".repeat(5000)}x${"}".repeat(5000)}`)).toThrow("nested too deeply");
  });
});
