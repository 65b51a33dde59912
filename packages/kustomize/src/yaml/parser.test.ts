import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { YamlSyntaxError } from "./error.js";
import { expandAliases } from "./expand.js";
import { parseDocument } from "./parser.js";
import { printYaml } from "./print.js";
import { nodeToValue, nodeToValue11, type YamlValue } from "./value.js";

function read(text: string): YamlValue {
  const node = parseDocument(text);
  return node === undefined ? null : nodeToValue(expandAliases(node));
}

function error(text: string): YamlSyntaxError {
  try {
    read(text);
  } catch (thrown) {
    if (thrown instanceof YamlSyntaxError) return thrown;
    throw thrown;
  }
  throw new Error("did not fail");
}

describe("structure", () => {
  it.each<[string, string, YamlValue]>([
    ["nested maps", "a:\n  b:\n    c: 1\nd: 2\n", { a: { b: { c: 1 } }, d: 2 }],
    ["a sequence at its key's column", "a:\n- 1\n- 2\nb: 3\n", { a: [1, 2], b: 3 }],
    ["sequences in sequences", "- - a\n  - b\n-\n  - c\n- \n", [["a", "b"], ["c"], null]],
    ["maps in sequences", "- a: 1\n  b: 2\n- c:\n    d: 3\n", [{ a: 1, b: 2 }, { c: { d: 3 } }]],
    ["flow collections", "{a: [1, {b: c}], 'd': \"e\", f}", { a: [1, { b: "c" }], d: "e", f: "" }],
    ["a pair in a flow sequence", "[a: 1, b]", [{ a: 1 }, "b"]],
    ["JSON", '{"a":{"b":[1,true,null]},\n"c":"d"}', { a: { b: [1, true, null] }, c: "d" }],
    ["explicit keys", "? a\n: 1\n? b\n", { a: 1, b: null }],
    ["comments", "# x\na: 1 # y\n# z\nb: 'c # d'\n", { a: 1, b: "c # d" }],
    ["missing values", "a:\nb: {c: , d: x}\n", { a: null, b: { c: "", d: "x" } }],
    ["a colon in a flow scalar", "{a:b: c}", { "a:b": "c" }],
    ["several lines of a plain scalar", "a: one\n  two\n\n  three\nb: 1\n", { a: "one two\nthree", b: 1 }],
    ["only the first document", "---\na: 1\n---\nb: 2\n", { a: 1 }],
  ])("%s", (_, text, value) => {
    expect(read(text)).toEqual(value);
  });

  it("has nothing where only comments are", () => {
    expect(parseDocument("# nothing\n")).toBeUndefined();
    expect(parseDocument("")).toBeUndefined();
  });
});

describe("block scalars", () => {
  it.each([
    ["|\n  a\n   b\n\n  c\n", "a\n b\n\nc\n"],
    ["|-\n  a\n\n", "a"],
    ["|+\n  a\n\n", "a\n\n"],
    [">\n  a\n  b\n\n  c\n", "a b\nc\n"],
    ["|2\n   a\n", " a\n"],
    ["|\n\n  a\n", "\na\n"],
    [">-\n  a\n\n\n  b\n", "a\n\nb"],
  ])("%j", (text, value) => {
    expect(read(`x: ${text}`)).toEqual({ x: value });
  });
});

describe("quoted scalars", () => {
  it.each([
    ["'it''s'", "it's"],
    ['"a\\tb\\u00e9\\x41\\U0001F600\\n"', "a\tbéA😀\n"],
    ['"a\n  b\n\n  c"', "a b\nc"],
    ['"a\\\n  b"', "ab"],
    ["'a\n  b'", "a b"],
  ])("%s", (text, value) => {
    expect(read(`x: ${text}`)).toEqual({ x: value });
  });
});

describe("errors", () => {
  it.each([
    ["a: 1\n\tb: 2\n", 2, "found a tab character that violates indentation"],
    ["a: [1, 2\nb: 3\n", 2, "did not find expected ',' or ']'"],
    ["a: 1\n b: 2\n", 2, "mapping values are not allowed in this context"],
    ["a: *x\n", 1, "unknown anchor 'x' referenced"],
    ["a:\n  - b\n c: d\n", 3, "did not find expected key"],
    ['a: "x\n', 2, "found unexpected end of stream"],
    ["a: @b\n", 1, "found character that cannot start any token"],
    ["a: 1\na: 2\n", 2, 'mapping key "a" already defined'],
    ["a: {1: x}\n", 1, "unsupported type: map[interface {}]interface {}"],
    ["a: .inf\n", 1, "unsupported value: +Inf"],
    ["a: !!int x\n", 1, "cannot decode !!str `x` as a !!int"],
    ["a: \u0001\n", 1, "control characters are not allowed"],
    ["<<: {a: 1}\n<<: {b: 1}\n", 1, "duplicate merge key"],
  ])("%j", (text, line, message) => {
    const thrown = error(text);
    expect(thrown.message).toContain(message);
    expect(thrown.line).toBe(line);
  });

  it("never throws anything else, whatever the text", () => {
    const piece = fc.constantFrom(
      ..."ab:-?,[]{}#&*!|>'\"%@` \n\t01.~<=\\".split(""),
      "\n  ",
      "- ",
      ": ",
      "é",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          read(pieces.join(""));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(YamlSyntaxError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("YAML 1.1", () => {
  it("has more booleans, and its last duplicate wins", () => {
    const node = parseDocument("a: yes\nb: off\ny: 1\na: 'no'\nd: 2001-01-01\n");
    expect(node && nodeToValue11(node)).toEqual({ a: "no", b: false, true: 1, d: "2001-01-01" });
  });
});

describe("printing", () => {
  const scalar = fc.oneof(
    fc
      .string({ unit: "grapheme", maxLength: 120 })
      .filter((text) => !/[\u007f-\u009f]|[\ud800-\udfff](?![\udc00-\udfff])/.test(text) || false),
    fc.constantFrom(
      "yes",
      "1",
      "null",
      "a: b",
      " x",
      "x ",
      "a\nb\n",
      "\n",
      "#",
      "- a",
      "1e3",
      "2001-01-01",
      "'",
      '"',
      "a\\b",
    ),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })
      .map((value) => (Object.is(value, -0) ? 0 : value)),
  );
  const tree = fc.letrec<{ node: YamlValue }>((tie) => ({
    node: fc.oneof(
      { depthSize: "small" },
      scalar,
      fc.array(tie("node"), { maxLength: 4 }),
      fc.dictionary(
        fc.string({ maxLength: 12 }).filter((key) => key !== "__proto__"),
        tie("node"),
        { maxKeys: 4 },
      ),
    ) as fc.Arbitrary<YamlValue>,
  }));

  it("quotes line separators, which are breaks to a reader", () => {
    const value = { a: "\u2028", b: "x\u2028y", c: ["\u2029x"] };
    const printed = printYaml(value);
    expect(printed).toBe("a: '\u2028'\nb: 'x\u2028  y'\nc:\n- '\u2029  x'\n");
    expect(read(printed)).toEqual(value);
  });

  it("writes what is read back the same", () => {
    fc.assert(
      fc.property(tree.node, (value) => {
        const printed = printYaml({ root: value });
        expect(read(printed), printed).toEqual({ root: value });
      }),
      { numRuns: 500 },
    );
  });
});
