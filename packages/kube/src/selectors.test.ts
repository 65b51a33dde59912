import { describe, expect, it } from "vitest";
import { formatFieldSelector, parseFieldSelector } from "./field-selector.js";
import {
  formatLabelSelector,
  labelSelectorFromObject,
  matchesLabels,
  selectsLabels,
} from "./label-selector.js";
import { parseLabelSelector } from "./label-selector-parse.js";

const labels = { app: "web", tier: "front", n: "5" };

describe("label selectors in text", () => {
  it.each([
    ["", true],
    ["app=web", true],
    ["app==web,tier!=back", true],
    ["app = web , tier in (front, back)", true],
    ["app in (api)", false],
    ["tier notin (back)", true],
    ["missing notin (x)", true],
    ["missing!=x", true],
    ["app", true],
    ["!app", false],
    ["!missing", true],
    ["constructor", false],
    ["n>4", true],
    ["n<5", false],
    ["app>4", false],
    ["app=", false],
    ["x in (,a)", false],
  ])("%j: %s", (text, matches) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(matches);
  });

  it("prints requirements by key", () => {
    expect(formatLabelSelector(parseLabelSelector("z,b in (y,x),!c,a==1,n>3"))).toBe(
      "a==1,b in (x,y),!c,n>3,z",
    );
  });

  it.each([
    ["a=b c", "unable to parse requirement: found 'c', expected: ',' or 'end of string'"],
    ["a=b,", "unable to parse requirement: found '', expected: identifier after ','"],
    [",a", "unable to parse requirement: found ',', expected: !, identifier, or 'end of string'"],
    ["a in b", "unable to parse requirement: found 'b' expected: '('"],
    ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ["n>x", `values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`],
  ])("refuses %j", (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message);
  });

  it("refuses keys and values that no label can have", () => {
    expect(() => parseLabelSelector("a/b/c=1")).toThrow(
      /^key: Invalid value: "a\/b\/c": a valid label key must/,
    );
    expect(() => parseLabelSelector("a=-b")).toThrow(/^values\[0\]\[a\]: Invalid value: "-b": a valid label/);
  });
});

describe("label selectors in objects", () => {
  it("absent matches nothing, empty everything", () => {
    expect(selectsLabels(undefined, labels)).toBe(false);
    expect(selectsLabels({}, undefined)).toBe(true);
  });

  it("joins labels and expressions", () => {
    const object = {
      matchLabels: { app: "web" },
      matchExpressions: [
        { key: "tier", operator: "In", values: ["front"] },
        { key: "gone", operator: "DoesNotExist" },
      ],
    };
    expect(selectsLabels(object, labels)).toBe(true);
    expect(formatLabelSelector(labelSelectorFromObject(object))).toBe("app=web,!gone,tier in (front)");
  });

  it.each([
    [{ key: "a", operator: "Is" }, '"Is" is not a valid label selector operator'],
    [{ key: "a", operator: "In", values: [] }, "for 'in', 'notin' operators, values set can't be empty"],
    [
      { key: "a", operator: "Exists", values: ["x"] },
      "values set must be empty for exists and does not exist",
    ],
  ])("refuses %j", (expression, message) => {
    expect(() => labelSelectorFromObject({ matchExpressions: [expression] })).toThrow(message);
  });
});

describe("field selectors", () => {
  it("reads terms and escapes", () => {
    expect(parseFieldSelector("metadata.name=a,status.phase!=Running,x==a\\,b\\=c")).toEqual([
      { field: "metadata.name", operator: "=", value: "a" },
      { field: "status.phase", operator: "!=", value: "Running" },
      { field: "x", operator: "=", value: "a,b=c" },
    ]);
    expect(parseFieldSelector("")).toEqual([]);
  });

  it("prints what it reads", () => {
    const text = "a=b\\,c,d!=\\\\";
    expect(formatFieldSelector(parseFieldSelector(text))).toBe(text);
  });

  it.each([
    ["name", "invalid selector: 'name'; can't understand 'name'"],
    ["a=b\\x", "invalid escape sequence"],
    ["a=b=c", "unescaped character '='"],
  ])("refuses %j", (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(message);
  });
});
