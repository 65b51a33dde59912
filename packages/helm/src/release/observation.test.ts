import { expect, test } from "vitest";
import { observationDigest } from "./observation.js";

const record = { name: "foo", version: 0, namespace: "", info: {} };

test("is the digest that Flux has of the same release", () => {
  expect(observationDigest(record)).toBe(
    "sha256:f1498f27a16a09cd7e1ee610d924df065c03d30035638babc95dd9a8d412ce4d",
  );
});

test("follows what a release is, and not the results of its tests", () => {
  const hook = { name: "t", kind: "Pod", path: "p", manifest: "m", events: ["test"] };
  const tested = (phase: "" | "Succeeded") => ({ ...record, hooks: [{ ...hook, last_run: { phase } }] });
  expect(observationDigest(tested("Succeeded"))).toBe(observationDigest(tested("")));
  expect(observationDigest({ ...record, info: { status: "failed" } })).not.toBe(observationDigest(record));
  expect(observationDigest(record, "sha256:1")).not.toBe(observationDigest(record));
});

test("does not depend on the order in which a record was read", () => {
  const hook = { name: "h", kind: "Job", path: "p", manifest: "m", events: ["pre-install"] };
  const one = { ...record, hooks: [{ ...hook, last_run: { phase: "Failed" as const } }] };
  const other = { ...record, hooks: [{ last_run: { phase: "Failed" as const }, ...hook }] };
  expect(observationDigest(one)).toBe(observationDigest(other));
});
