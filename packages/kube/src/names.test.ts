import { describe, expect, it } from "vitest";
import {
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from "./names.js";

describe.each([
  [
    "isDns1123Label",
    isDns1123Label,
    ["a", "a-1", "1a", "a".repeat(63)],
    ["", "A", "-a", "a-", "a.b", "a".repeat(64)],
  ],
  [
    "isDns1123Subdomain",
    isDns1123Subdomain,
    ["a.b", "1.2", "a-b.c"],
    ["", "a..b", ".a", "A", "a_b", "a".repeat(254)],
  ],
  ["isDns1035Label", isDns1035Label, ["a", "a-1"], ["1a", "", "a.b"]],
  [
    "isQualifiedName",
    isQualifiedName,
    ["a", "A_b.c", "x.io/a", `x.io/${"a".repeat(63)}`],
    ["", "/a", "x/", "a/b/c", "X/a", "a b", "a".repeat(64)],
  ],
  ["isLabelValue", isLabelValue, ["", "a", "A_b.c-d"], ["-a", "a-", "a b", "a".repeat(64)]],
] as const)("%s", (_name, check, good, bad) => {
  it.each(good)("allows %j", (text) => {
    expect(check(text)).toEqual([]);
  });
  it.each(bad)("refuses %j", (text) => {
    expect(check(text).length).toBeGreaterThan(0);
  });
});

it("answers in Kubernetes' words", () => {
  expect(isDns1123Label("A")).toEqual([
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
  expect(isLabelValue("x".repeat(64))).toEqual(["must be no more than 63 bytes"]);
  expect(isQualifiedName("/a")).toEqual(["prefix part must be non-empty"]);
});

it("answers fast to hostile input", () => {
  const hostile = `${"a-".repeat(50_000)}!`;
  const start = performance.now();
  isDns1123Subdomain(hostile);
  isQualifiedName(hostile);
  expect(performance.now() - start).toBeLessThan(200);
});
