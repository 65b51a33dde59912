import type { Schema } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { formatFieldError } from "../handler/field-error.js";
import { ruleErrors } from "./rule-errors.js";
import { validateRules } from "./rules.js";

const short: Schema = { type: "string", maxLength: 10 };
const spec: Schema = {
  type: "object",
  validations: [
    { rule: "self.a != 'x'", message: " a must not be x " },
    {
      rule: "!has(self.b) || self.b < 5",
      messageExpression: "self.b > 0 ? 'b is too big' : ''",
      fieldPath: ".b",
      reason: "FieldValueForbidden",
    },
    { rule: "self.a != 'err' || self.m['nope'] == 1" },
  ],
  properties: {
    a: { ...short, validations: [{ rule: "self == oldSelf || self.startsWith('t')", message: "immutable" }] },
    b: { type: "integer" },
    opt: {
      ...short,
      validations: [
        { rule: "!oldSelf.hasValue() || oldSelf.value() == self", optionalOldSelf: true, message: "fixed" },
      ],
    },
    m: {
      type: "object",
      maxProperties: 5,
      additionalProperties: { type: "integer", validations: [{ rule: "self > 0" }] },
    },
    l: {
      type: "array",
      maxItems: 5,
      listType: "map",
      listMapKeys: ["k"],
      items: {
        type: "object",
        properties: { k: short, v: { type: "integer" } },
        validations: [{ rule: "self.v >= oldSelf.v", message: "v must grow" }],
      },
    },
    s: { type: "array", maxItems: 3, items: short, validations: [{ rule: "self.size() < 2" }] },
  },
};
const schema: Schema = {
  type: "object",
  properties: { spec },
  validations: [{ rule: "self.metadata.name != 'bad'" }],
};

function texts(next: object, old?: object, name = "t"): string[] {
  const object = (content: object): object => ({
    apiVersion: "v1",
    kind: "T",
    metadata: { name },
    spec: content,
  });
  const errors = validateRules(object(next), old && object(old), schema);
  return errors.map((error) => `${error.field}: ${formatFieldError(error)}`);
}

describe("validateRules", () => {
  it.each<[object, string[]]>([
    [{ a: "t" }, []],
    [{ a: "x" }, ["spec: Invalid value: a must not be x"]],
    [{ a: "t", b: 7 }, ["spec.b: Forbidden: b is too big"]],
    [{ a: "t", m: { z: 0 } }, ["spec.m[z]: Invalid value: 0: failed rule: self > 0"]],
    [{ a: "t", s: ["1", "2"] }, ["spec.s: Invalid value: failed rule: self.size() < 2"]],
    [
      { a: "err", m: { z: 1 } },
      [
        "spec: Invalid value: \"object\": no such key: nope evaluating rule: self.a != 'err' || self.m['nope'] == 1",
      ],
    ],
  ])("judges %j", (next, expected) => {
    expect(texts(next)).toEqual(expected);
  });

  it("shows rules of the whole object their metadata", () => {
    expect(texts({ a: "t" }, undefined, "bad")).toEqual([
      "<nil>: Invalid value: failed rule: self.metadata.name != 'bad'",
    ]);
  });

  it("compares with what was there before, items by their keys", () => {
    const old = {
      a: "q",
      opt: "o",
      l: [
        { k: "a", v: 5 },
        { k: "b", v: 5 },
      ],
    };
    expect(
      texts(
        {
          a: "q",
          opt: "o",
          l: [
            { k: "b", v: 4 },
            { k: "n", v: 0 },
          ],
        },
        old,
      ),
    ).toEqual(["spec.l[0]: Invalid value: v must grow"]);
    expect(texts({ a: "z" }, old)).toEqual(['spec.a: Invalid value: "z": immutable']);
    expect(texts({ a: "q", opt: "p" }, old)).toEqual(['spec.opt: Invalid value: "p": fixed']);
  });

  it("does not complain about what is as it was", () => {
    expect(texts({ a: "t", s: ["1", "2"], b: 1 }, { a: "t", s: ["1", "2"] })).toEqual([]);
  });
});

describe("ruleErrors", () => {
  const errors = (rule: string, node: Schema, extra = {}): string[] =>
    ruleErrors(
      { type: "object", properties: { a: { ...node, validations: [{ rule, ...extra }] } } },
      "s",
    ).map(({ field, detail }) => `${field}: ${detail}`);
  const at = "s.properties[a].x-kubernetes-validations[0]";

  it("accepts what compiles and stays within bounds", () => {
    expect(ruleErrors(schema, "s")).toEqual([]);
  });

  it("says what does not compile", () => {
    expect(errors("self.nope", { type: "object", properties: { b: short } })).toEqual([
      `${at}.rule: compilation failed: ERROR: <input>:1:5: undefined field 'nope'\n | self.nope\n | ....^`,
    ]);
    expect(errors("self", short)).toEqual([`${at}.rule: cel expression must evaluate to a bool`]);
    expect(errors("true", short, { optionalOldSelf: true })).toEqual([
      `${at}.optionalOldSelf: may not be set if oldSelf is not used in rule`,
    ]);
  });

  it("refuses what may cost too much", () => {
    const list: Schema = { type: "array", items: { type: "array", items: { type: "string" } } };
    expect(errors("self.all(x, x.all(y, y.contains('z')))", list)[0]).toMatch(
      /estimated rule cost exceeds budget by factor of more than 100x \(try simplifying the rule/,
    );
  });

  it("forbids oldSelf where the former value cannot be found", () => {
    const inList: Schema = {
      type: "array",
      maxItems: 2,
      items: { ...short, validations: [{ rule: "self == oldSelf" }] },
    };
    const found = ruleErrors({ type: "object", properties: { a: inList } }, "s");
    expect(found.map(({ detail }) => detail)).toEqual([
      "oldSelf cannot be used on the uncorrelatable portion of the schema within s.properties[a]",
    ]);
  });
});
