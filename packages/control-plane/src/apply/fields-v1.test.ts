import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathsOf } from "./conflict.js";
import {
  difference,
  type FieldSet,
  insertPath,
  intersection,
  newFieldSet,
  recursiveDifference,
  sameSet,
  union,
} from "./field-set.js";
import { formatFieldsV1, parseFieldsV1 } from "./fields-v1.js";
import { formatPath, keyStep, valueStep } from "./path-step.js";

const steps = [
  "f:a",
  "f:b",
  "f:x<y",
  keyStep([["name", "c"]]),
  keyStep([
    ["port", 8080],
    ["protocol", "TCP"],
  ]),
  valueStep("v"),
  valueStep(2),
  "i:0",
];
const path = fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 4 });
const paths = fc.array(path, { maxLength: 12 });

function setOf(list: readonly string[][]): FieldSet {
  const set = newFieldSet();
  for (const path of list) insertPath(set, path);
  return set;
}
const keys = (list: Iterable<readonly string[]>): string[] =>
  [...new Set([...list].map((path) => path.join("|")))].sort();

describe("field sets", () => {
  it("behave as sets of paths", () => {
    fc.assert(
      fc.property(paths, paths, (left, right) => {
        const [a, b] = [setOf(left), setOf(right)];
        const inRight = new Set(keys(right));
        expect(keys(pathsOf(union(a, b)))).toEqual(keys([...left, ...right]));
        expect(keys(pathsOf(intersection(a, b)))).toEqual(keys(left).filter((key) => inRight.has(key)));
        expect(keys(pathsOf(difference(a, b)))).toEqual(keys(left).filter((key) => !inRight.has(key)));
        const below = (key: string): boolean => keys(right).some((r) => key === r || key.startsWith(`${r}|`));
        expect(keys(pathsOf(recursiveDifference(a, b)))).toEqual(keys(left).filter((key) => !below(key)));
        expect([keys(pathsOf(a)), keys(pathsOf(b))]).toEqual([keys(left), keys(right)]);
      }),
    );
  });

  it("survive being written and read", () => {
    fc.assert(
      fc.property(paths, (list) => {
        const set = setOf(list);
        const read = parseFieldsV1(JSON.parse(JSON.stringify(formatFieldsV1(set))) as object);
        expect(sameSet(read, set) || list.length === 0).toBe(true);
      }),
    );
  });
});

describe("FieldsV1", () => {
  it("writes members in the order of the API", () => {
    const set = setOf([
      ["f:b"],
      ["f:a"],
      ["f:a", keyStep([["port", 443]])],
      ["f:a", keyStep([["port", 80]])],
      ["f:a", valueStep("x")],
      ["f:a", valueStep(1)],
      ["f:a", "f:z"],
    ]);
    expect(JSON.stringify(formatFieldsV1(set))).toBe(
      '{"f:a":{".":{},"f:z":{},"k:{\\"port\\":80}":{},"k:{\\"port\\":443}":{},"v:1":{},"v:\\"x\\"":{}},"f:b":{}}',
    );
  });

  it("takes keys in any order and number form, and skips steps it does not know", () => {
    const read = parseFieldsV1({
      "f:l": { 'k:{"protocol":"TCP","port":8.0e1}': { ".": {} }, "z:later": {} },
    });
    expect(
      sameSet(
        read,
        setOf([
          [
            "f:l",
            keyStep([
              ["port", 80],
              ["protocol", "TCP"],
            ]),
          ],
        ]),
      ),
    ).toBe(true);
  });

  it.each([[{ "f:a": 1 }], [{ "k:{": {} }], [{ x: {} }], [{ "i:a": {} }], [{ ab: {} }]])(
    "refuses %j",
    (fields) => {
      expect(() => parseFieldsV1(fields)).toThrow(SyntaxError);
    },
  );

  it("prints paths as messages show them", () => {
    const port = keyStep([
      ["port", 80],
      ["protocol", "TCP"],
    ]);
    expect(formatPath(["f:spec", "f:containers", keyStep([["name", "c"]]), "f:ports", port])).toBe(
      '.spec.containers[name="c"].ports[port=80,protocol="TCP"]',
    );
    expect(formatPath(["f:metadata", "f:finalizers", valueStep("x"), "i:3"])).toBe(
      '.metadata.finalizers[="x"][3]',
    );
  });
});
