import { expect, test } from "vitest";
import { decodeObject } from "./decode.js";

const pod = (spec: unknown) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec });

test("values read as they do after a round trip through the published type", () => {
  const { object, unknown } = decodeObject(
    "core.v1.Pod",
    pod({ containers: [{ name: "c", args: [], resources: { limits: { cpu: "1000m" } } }] }),
  );
  expect(unknown).toEqual([]);
  expect(object).toEqual({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "a" },
    spec: { containers: [{ name: "c", resources: { limits: { cpu: "1" } } }] },
    status: {},
  });
});

test("unknown fields are dropped and reported in document order", () => {
  const { object, unknown } = decodeObject("core.v1.Pod", {
    ...pod({ foo: 1, containers: [{ name: "c", bar: { x: 1 } }] }),
    zzz: true,
    metadata: { name: "a", labels: { x: "y" }, labelz: {} },
  });
  expect(unknown).toEqual([
    'unknown field "metadata.labelz"',
    'unknown field "spec.foo"',
    'unknown field "spec.containers[0].bar"',
    'unknown field "zzz"',
  ]);
  expect(object["spec"]).toEqual({ containers: [{ name: "c", resources: {} }] });
});

test.each([
  [
    "apps.v1.Deployment",
    { spec: { replicas: "3" } },
    "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
  ],
  [
    "core.v1.ConfigMap",
    { data: { a: 1 } },
    "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
  ],
  [
    "core.v1.Pod",
    { spec: { containers: {} } },
    "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
  ],
  [
    "core.v1.Pod",
    { spec: { containers: [{ imagePullPolicy: 1 }] } },
    "json: cannot unmarshal number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy",
  ],
  [
    "core.v1.Pod",
    { spec: { containers: [{ resources: { limits: { cpu: "x" } } }] } },
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  ["core.v1.Secret", { data: { a: "@" } }, "illegal base64 data at input byte 0"],
])("%s: a value of the wrong type is refused as Go does", (name, value, message) => {
  expect(() => decodeObject(name, value)).toThrow(message);
});

test("keys of prototypes are data", () => {
  const { object } = decodeObject(
    "core.v1.ConfigMap",
    JSON.parse('{"data":{"__proto__":"x","constructor":"y"}}'),
  );
  expect(Object.keys(object["data"] as object)).toEqual(["__proto__", "constructor"]);
  expect(({} as { x?: unknown }).x).toBeUndefined();
});

test("what is the very same as in the stored object is taken as it is, all else is read", () => {
  const { object: live } = decodeObject(
    "core.v1.Pod",
    pod({ containers: [{ name: "c" }, { name: "d", resources: { limits: { cpu: "1000m" } } }] }),
  );
  const { containers, ...spec } = live["spec"] as { containers: unknown[] };
  const changed = {
    ...live,
    metadata: { ...live.metadata, labels: { a: "b" }, nonsense: 1 },
    spec: { ...spec, containers: [{ name: "e", args: [] }, containers[1]] },
  };
  const read = decodeObject("core.v1.Pod", changed, live);
  expect(read).toEqual(decodeObject("core.v1.Pod", changed));
  expect(read.unknown).toEqual(['unknown field "metadata.nonsense"']);
  expect((read.object["spec"] as { containers: unknown[] }).containers[1]).toBe(containers[1]);
  expect(decodeObject("core.v1.Pod", { ...live, kind: "Pod" }, live).object["spec"]).toBe(live["spec"]);
});
