import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import type { HelmRelease, HelmReleaseSpec } from "./resource.js";
import { composeValues, type ReadConfig } from "./values.js";

type References = NonNullable<HelmReleaseSpec["valuesFrom"]>;

function release(values: unknown, valuesFrom: References = []): HelmRelease {
  return {
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name: "app", namespace: "apps" },
    spec: { interval: "1m", values, valuesFrom },
  } as HelmRelease;
}

const read =
  (objects: Readonly<Record<string, Record<string, string>>>): ReadConfig =>
  async (kind, name) => {
    const data = objects[`${kind}/${name}`];
    if (data === undefined) return undefined;
    const encoded = Object.entries(data).map(([key, value]) => [
      key,
      kind === "Secret" ? Buffer.from(value).toString("base64") : value,
    ]);
    return { apiVersion: "v1", kind, metadata: { name }, data: Object.fromEntries(encoded) } as KubeObject;
  };

const compose = async (
  values: unknown,
  references: References,
  objects: Record<string, Record<string, string>>,
) => JSON.parse(JSON.stringify(await composeValues(release(values, references), read(objects)), marked));

/** Whole numbers of Go, which JSON does not tell from others, as text. */
const marked = (_key: string, value: unknown) => (typeof value === "bigint" ? `int64 ${value}` : value);

describe("values", () => {
  it("takes a reference's first document as it is, without a line break that is not there", async () => {
    const objects = { "ConfigMap/a": { "values.yaml": "text: |\n  x", other: "a: 1\n---\nb: 2\n" } };
    const references: References = [
      { kind: "ConfigMap", name: "a" },
      { kind: "ConfigMap", name: "a", valuesKey: "other" },
    ];
    expect(await compose({}, references, objects)).toEqual({ text: "x", a: 1 });
  });

  it("merges references in order, and inline values over them", async () => {
    const references: References = [
      { kind: "ConfigMap", name: "a" },
      { kind: "Secret", name: "b", valuesKey: "v" },
    ];
    const objects = {
      "ConfigMap/a": { "values.yaml": "x: {a: 1, b: 1}\nlist: [1, 2]\n" },
      "Secret/b": { v: "x: {b: 2, c: 2}\nlist: [3]\n" },
    };
    expect(await compose({ x: { c: 3 } }, references, objects)).toEqual({
      x: { a: 1, b: 2, c: 3 },
      list: [3],
    });
  });

  it("sets a target path over nested inline values, but not over a plain one at the top", async () => {
    const references: References = [
      { kind: "ConfigMap", name: "a", valuesKey: "k", targetPath: "db.password" },
      { kind: "ConfigMap", name: "a", valuesKey: "k", targetPath: "top" },
    ];
    const objects = { "ConfigMap/a": { k: "s3" } };
    expect(
      await compose({ db: { password: "inline", user: "u" }, top: "inline" }, references, objects),
    ).toEqual({ db: { password: "s3", user: "u" }, top: "inline" });
  });

  it("reads target values as --set does, quoted ones as text, literal ones as they are", async () => {
    const of = (name: string, targetPath: string, literal = false) =>
      ({ kind: "Secret", name, valuesKey: "k", targetPath, literal }) as const;
    const references: References = [
      of("number", "a.number"),
      of("quoted", "a.quoted"),
      of("list", "a.list"),
      of("literal", "a.literal", true),
      of("number", "a.items[1].port"),
      of("number", "a.with\\.dot"),
    ];
    const objects = {
      "Secret/number": { k: "8080" },
      "Secret/quoted": { k: '"8080"' },
      "Secret/list": { k: "{a,b}" },
      "Secret/literal": { k: "{a,b}=[c]\\," },
    };
    expect(await compose({}, references, objects)).toEqual({
      a: {
        number: "int64 8080",
        quoted: "8080",
        list: ["a", "b"],
        literal: "{a,b}=[c]\\,",
        items: [null, { port: "int64 8080" }],
        "with.dot": "int64 8080",
      },
    });
  });

  it("leaves out what is optional and not there", async () => {
    const references: References = [
      { kind: "ConfigMap", name: "none", optional: true },
      { kind: "Secret", name: "there", valuesKey: "none", optional: true },
    ];
    expect(await compose({ a: 1 }, references, { "Secret/there": {} })).toEqual({ a: 1 });
  });

  it("says what is missing", async () => {
    await expect(compose({}, [{ kind: "Secret", name: "x" }], {})).rejects.toThrow(
      `could not resolve Secret chart values reference 'apps/x' with key 'values.yaml': secrets "x" not found`,
    );
    await expect(compose({}, [{ kind: "ConfigMap", name: "x" }], { "ConfigMap/x": {} })).rejects.toThrow(
      "could not resolve ConfigMap chart values reference 'apps/x' with key 'values.yaml': key not found",
    );
  });

  it("does not tell what a Secret holds", async () => {
    const objects = { "Secret/x": { "values.yaml": '"hunter2"' } };
    const failed = compose({}, [{ kind: "Secret", name: "x" }], objects);
    await expect(failed).rejects.toThrow("could not resolve Secret");
    await expect(failed).rejects.not.toThrow("hunter2");
  });

  it("is not fooled by names of the prototype", async () => {
    const objects = { "ConfigMap/x": { "values.yaml": "__proto__: {polluted: true}\n" } };
    await compose({ a: 1 }, [{ kind: "ConfigMap", name: "x" }], objects);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
