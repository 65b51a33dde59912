import { describe, expect, it } from "vitest";
import { KustomizeError } from "../errors.js";
import { builtinSchema } from "../schema/builtin.js";
import { parseDocument } from "../yaml/parser.js";
import { nodeToValue, type YamlValue } from "../yaml/value.js";
import { strategicMerge } from "./strategic-merge.js";

function merge(target: string, patch: string): YamlValue | undefined {
  const node = parseDocument(target);
  const over = parseDocument(patch);
  if (node === undefined || over === undefined) throw new Error("empty");
  return strategicMerge(node, over, builtinSchema) ? nodeToValue(node) : undefined;
}

const POD = "apiVersion: v1\nkind: Pod\n";

function containers(target: string, patch: string): YamlValue {
  const merged = merge(`${POD}spec: {containers: ${target}}`, `${POD}spec: {containers: ${patch}}`);
  return (merged as { spec: { containers: YamlValue } }).spec.containers;
}

describe("maps", () => {
  it.each<[string, string, YamlValue | undefined]>([
    ["{a: 1}", "{b: 2}", { a: 1, b: 2 }],
    ["{a: {b: 1, c: 2}}", "{a: {b: null}}", { a: { c: 2 } }],
    ["{a: {b: 1}}", "{a: {b: null}}", { a: {} }],
    ["{}", "{a: {b: null, c: [null]}}", { a: { c: [null] } }],
    ["{a: {b: 1}}", "{a: {$patch: replace, c: 2}}", { a: { c: 2 } }],
    ["{a: {b: 1}}", "{a: {$patch: delete}}", {}],
    ["{a: [1, 2]}", "{a: [3]}", { a: [3] }],
    ["{a: '1'}", "{a: 5}", { a: "5" }],
    ["{a: 5}", "{a: 'x'}", { a: "x" }],
    ["{a: 5}", "{$patch: delete}", undefined],
    ["a:\nb: null\n", "{c: 1}", { b: null, c: 1 }],
  ])("%s with %s", (target, patch, merged) => {
    expect(merge(target, patch)).toEqual(merged);
  });

  it("refuse what is of another kind", () => {
    expect(() => merge("{a: {b: 1}}", "{a: x}")).toThrow(KustomizeError);
    expect(() => merge("{a: {b: 1}}", "{a: {$patch: other}}")).toThrow("unknown patch strategy 'other'");
  });
});

describe("lists that are merged", () => {
  it.each<[string, string, string, string[]]>([
    [
      "those of the patch come first",
      "[{name: a}, {name: b}]",
      "[{name: c}, {name: b}, {name: a}]",
      ["c", "b", "a"],
    ],
    ["an empty patch changes nothing", "[{name: a}]", "[]", ["a"]],
    ["delete by key", "[{name: a}, {name: b}]", "[{name: a, $patch: delete}]", ["b"]],
    ["delete what is not there", "[{name: a}]", "[{name: z, $patch: delete}]", ["a"]],
    ["replace the list", "[{name: a}, {name: b}]", "[{$patch: replace}, {name: c}]", ["c"]],
  ])("%s", (_, target, patch, names) => {
    const merged = containers(target, patch) as { name: string }[];
    expect(merged.map(({ name }) => name)).toEqual(names);
  });

  it("merge the fields of an element", () => {
    const merged = containers(
      "[{name: a, image: x, env: [{name: E, value: '1'}]}]",
      "[{name: a, env: [{name: F}]}]",
    );
    expect(merged).toEqual([{ name: "a", image: "x", env: [{ name: "F" }, { name: "E", value: "1" }] }]);
  });

  it("keep their places where several keys tell elements apart", () => {
    const merged = containers(
      "[{name: a, ports: [{containerPort: 80, protocol: TCP}, {containerPort: 81, protocol: UDP}]}]",
      "[{name: a, ports: [{containerPort: 81, protocol: UDP, name: x}, {containerPort: 82, protocol: TCP}]}]",
    );
    expect(merged).toEqual([
      {
        name: "a",
        ports: [
          { containerPort: 82, protocol: "TCP" },
          { containerPort: 80, protocol: "TCP" },
          { containerPort: 81, protocol: "UDP", name: "x" },
        ],
      },
    ]);
  });

  it("are sets where they hold scalars", () => {
    const merged = merge(`${POD}metadata: {finalizers: [a, b]}`, `${POD}metadata: {finalizers: [c, a]}`);
    expect(merged).toMatchObject({ metadata: { finalizers: ["c", "a", "b"] } });
  });

  it("are replaced where nothing is known of the kind", () => {
    const merged = merge("{spec: {containers: [{name: a}]}}", "{spec: {containers: [{name: b}]}}");
    expect(merged).toEqual({ spec: { containers: [{ name: "b" }] } });
  });
});
