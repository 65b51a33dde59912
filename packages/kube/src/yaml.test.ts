import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deepEqual } from "./deep-equal.js";
import {
  locateYaml,
  parseYaml,
  parseYamlDocuments,
  stringifyYaml,
  YamlError,
  type YamlOptions,
} from "./yaml.js";

const fail = (text: string, options?: YamlOptions): YamlError => {
  try {
    parseYaml(text, options);
  } catch (error) {
    if (error instanceof YamlError) return error;
    throw error;
  }
  throw new Error(`expected ${JSON.stringify(text)} to be refused`);
};

describe("parseYaml, as sigs.k8s.io/yaml", () => {
  it.each([
    ["x: on", { x: true }],
    ["y: n", { true: false }],
    ["x: 'on'", { x: "on" }],
    ["x: 0o10", { x: 8 }],
    ["x: 010", { x: 8 }],
    ["x: 08", { x: 8 }],
    ["x: 0x1F", { x: 31 }],
    ["x: -0b11", { x: -3 }],
    ["x: 1_000", { x: 1000 }],
    ["x: -0", { x: 0 }],
    ["x: 1e3", { x: 1000 }],
    ["x: .5", { x: 0.5 }],
    ["x: 1e400", { x: "1e400" }],
    ["x: 12:30", { x: "12:30" }],
    ["x: 2020-01-01", { x: "2020-01-01" }],
    ["x: !!str 5", { x: "5" }],
    ["x: !!int '5'", { x: 5 }],
    ["x: !!binary aGVsbG8=", { x: "hello" }],
    ["x: !custom 5", { x: "5" }],
    ["x: ~", { x: null }],
    ["x: {a, b: }", { x: { a: null, b: null } }],
    ["{1.5: a, 16: b}", { "1.5": "a", "16": "b" }],
    ["a: 1\na: 2", { a: 2 }],
    ["", null],
    ["# only a comment", null],
    ["a: |+\n  x\n\nb: >-\n  c\n  d", { a: "x\n\n", b: "c d" }],
  ])("reads %o", (text, value) => {
    expect(parseYaml(text)).toEqual(value);
  });

  it("merges in the order of the text, earlier maps of a list first", () => {
    expect(parseYaml("a: 1\n<<: {a: 2, b: 3}")).toEqual({ a: 2, b: 3 });
    expect(parseYaml("<<: [{a: 2, b: 3}, {a: 5, c: 6}]\na: 1")).toEqual({ a: 1, b: 3, c: 6 });
  });

  it.each([
    ["in single quotes", "m:\n  a: 'one\n  two\n\n  it''s'\n  b: 1\nend: 0", { a: "one two\nit's", b: 1 }],
    ["not at all", 'm:\n  - - a: "one\ntwo\nthree"\nend: 0', [[{ a: "one two three" }]]],
    ["in flow", "m:\n  a: {x: [1,\n2\n],\n  z: u\nv}\nend: 0", { a: { x: [1, 2], z: "u v" } }],
  ])("reads lines that are indented less than YAML asks for: %s", (_, text, m) => {
    expect(parseYaml(text)).toEqual({ m, end: 0 });
    expect(locateYaml(text, 0, ["end"])).toBe(text.split("\n").length);
  });

  it("still refuses what is wrong after lines that are indented too little", () => {
    expect(fail("a:\n  b: 'x\n  y'\n  c: ]\n").line).toBe(4);
  });

  it("keeps __proto__ and constructor as plain keys", () => {
    const value = parseYaml("__proto__: {polluted: true}\nconstructor: 1") as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    const merged = parseYaml("a: &a {__proto__: {x: 1}}\nb: {<<: *a}") as { b: object };
    expect(Object.getPrototypeOf(merged.b)).toBe(Object.prototype);
  });

  it("never rounds an integer in silence", () => {
    expect(fail("x: 9007199254740993").reason).toContain("9007199254740993");
    expect(parseYaml("x: 9007199254740993", { bigIntegers: "bigint" })).toEqual({ x: 9007199254740993n });
    expect(parseYaml("x: 9007199254740993", { bigIntegers: "float" })).toEqual({ x: 9007199254740992 });
    expect(parseYaml("x: 9007199254740991")).toEqual({ x: 9007199254740991 });
  });
});

describe("blocks that a text ends in", () => {
  it.each([
    ["a: |\n  x", "x"],
    ["a: |\n  x\n", "x\n"],
    ["a: |+\n  x", "x"],
    ["a: |-\n  x", "x"],
    ["a: >\n  x\n  y", "x y"],
    ["a: |2\n   x", " x"],
    ["a: |\n  x # c", "x # c"],
    ["a: |\n  x\n# c", "x\n"],
    ["a: |\n  x\n ", "x\n"],
    ["a: |\n  x\n  ", "x\n"],
    ["a: |\n  x\n   ", "x\n "],
    ["a: |+\n  x\n\n", "x\n\n"],
    ["a: |", ""],
  ])("of %j keep only line breaks that are there", (text, value) => {
    expect(parseYaml(text)).toEqual({ a: value });
  });
});

describe("parseYaml, as kustomize reads resources", () => {
  const read = (text: string) => parseYaml(text, { dialect: "kustomize" });
  it.each([
    ["x: on", { x: "on" }],
    ["x: True", { x: true }],
    ["x: 014", { x: 12 }],
    ["x: 2001-01-01", { x: "2001-01-01T00:00:00Z" }],
    ["x: 2001-12-14t21:59:43.10-05:00", { x: "2001-12-14T21:59:43.1-05:00" }],
    ["x: 2001-02-30", { x: "2001-02-30" }],
    ["x: {a: , b: }", { x: { a: "", b: "" } }],
    ["x:", { x: null }],
    ["a: 1\n<<: {a: 2, b: 3}", { a: 1, b: 3 }],
    ["x: 18446744073709551615", { x: 18446744073709551615n }],
    ["x: 18446744073709551616", { x: 18446744073709552000 }],
  ])("reads %o", (text, value) => {
    expect(read(text)).toEqual(value);
  });

  it("refuses duplicate keys, naming the first", () => {
    expect(fail("x: 1\na: 1\na: 2", { dialect: "kustomize", file: "a.yaml" }).message).toBe(
      'a.yaml: yaml: line 3: mapping key "a" already defined at line 2',
    );
  });
});

describe("what is refused", () => {
  it("names file, line and column, never the text", () => {
    const error = fail("a: 1\nb: 'hunter2", { file: "secret.yaml" });
    expect(error).toMatchObject({ file: "secret.yaml", line: 2 });
    expect(error.message).not.toContain("hunter2");
  });

  it("aliases that grow out of proportion", () => {
    let bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (let at = 1; at < 10; at++)
      bomb += `a${at}: &a${at} [${Array(10)
        .fill(`*a${at - 1}`)
        .join(",")}]\n`;
    expect(fail(bomb).reason).toBe("document contains excessive aliasing");
  });

  it("depth and length past their bounds", () => {
    expect(fail("[".repeat(1000)).reason).toMatch(/depth/i);
    expect(fail("a: 1", { maxLength: 3 }).reason).toContain("at most 3");
    const chain = `a: &a ${"[".repeat(300)}1${"]".repeat(300)}\nb: ${"[".repeat(300)}*a${"]".repeat(300)}`;
    expect(fail(chain).reason).toContain("maxDepth");
  });

  it.each([
    ["a: &a [*a]", "anchor 'a' value contains itself"],
    ["a: *b", "unknown anchor 'b' referenced"],
    ["a: .inf", "json: unsupported value: +Inf"],
    ["{[a]: b}", "invalid map key: a sequence"],
    ["<<: 1", "map merge requires map or sequence of maps as the value"],
    ["~: 1", "unsupported map key of type: nil"],
  ])("%j", (text, reason) => {
    expect(fail(text).reason).toBe(reason);
  });
});

describe("documents and places", () => {
  const text = "# head\na: 1\n---\n---\n# c\nkind: List\nitems:\n- name: x\n- name: z\n  spec: {z: [1, 2]}\n";

  it("reports every document with its line", () => {
    expect(parseYamlDocuments(text)).toEqual([
      { value: { a: 1 }, line: 2 },
      { value: null, line: expect.any(Number) },
      { value: { kind: "List", items: [{ name: "x" }, { name: "z", spec: { z: [1, 2] } }] }, line: 6 },
    ]);
  });

  it("finds the line of a path", () => {
    expect(locateYaml(text, 2, ["items", 1])).toBe(9);
    expect(locateYaml(text, 2, ["items", 1, "spec", "z"])).toBe(10);
    expect(locateYaml(text, 2, ["items", 7])).toBe(7);
    expect(locateYaml(text, 9, [])).toBeUndefined();
  });
});

describe("stringifyYaml", () => {
  it.each([
    [{ b: [1, { x: 1, y: [] }], a: {} }, 'a: {}\nb:\n- 1\n- x: 1\n  "y": []\n'],
    [[[1, 2], [3]], "- - 1\n  - 2\n- - 3\n"],
    [{ a: "x\n", b: "x", c: "x\n\n", d: " x\ny" }, "a: |\n  x\nb: x\nc: |+\n  x\n\nd: |2-\n   x\n  y\n"],
    ["a\nb", "|-\n  a\n  b\n"],
    [["on", "1", "", "12:30", "2020-01-01", "~"], '- "on"\n- "1"\n- ""\n- "12:30"\n- "2020-01-01"\n- "~"\n'],
    [["a: b", "- a", "it's", "'x", "a #b", " a"], "- 'a: b'\n- '- a'\n- it's\n- '''x'\n- 'a #b'\n- ' a'\n"],
    [["a\tb", "\u{1f600}", "a \nb"], '- "a\\tb"\n- "\\U0001F600"\n- "a \\nb"\n'],
    [
      [1e6, 1e20, 1e-7, 12345678.5, -0, 12345678901234567890n],
      "- 1000000\n- 1e+20\n- 1e-07\n- 1.23456785e+07\n- 0\n- 12345678901234567890\n",
    ],
    [{ a10: 1, a2: 1, B: 1, "1": 1, _: 1 }, '_: 1\n"1": 1\nB: 1\na2: 1\na10: 1\n'],
    [{ a: undefined, b: null }, "b: null\n"],
    [{ ["k".repeat(129)]: [1] }, `? ${"k".repeat(129)}\n: - 1\n`],
    [{ k: `${"word ".repeat(17)}end` }, `k: ${"word ".repeat(16).trimEnd()}\n  word end\n`],
  ])("prints %o", (value, text) => {
    expect(stringifyYaml(value)).toBe(text);
  });

  it("reads back to the same data", () => {
    const key = fc.string({ unit: "grapheme", maxLength: 10 });
    const text = fc.oneof(
      key,
      fc.array(fc.constantFrom(" ", "\n", "a", ":", "#", "-", "'", '"', "1")).map((c) => c.join("")),
    );
    const { data } = fc.letrec((tie) => ({
      data: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("data"), { maxLength: 4 }),
        fc.dictionary(key, tie("data"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, data), (value) => {
        fc.pre(!/[\u0085\u2028\u2029\u007f-\u009f]/.test(JSON.stringify(value)));
        const back = parseYaml(stringifyYaml(value), { bigIntegers: "float" });
        expect(deepEqual(back, JSON.parse(JSON.stringify(value)))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("refuses data that is nested without end", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => stringifyYaml(loop)).toThrow(RangeError);
  });
});
