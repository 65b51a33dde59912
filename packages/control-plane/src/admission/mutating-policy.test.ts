import type { KubeObject } from "@capstan/kube";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

const GROUP = "/apis/admissionregistration.k8s.io/v1beta1";
const CONFIGS = "/api/v1/namespaces/default/configmaps";

let plane: TestControlPlane;

beforeAll(async () => {
  plane = await testControlPlane();
});
afterAll(() => plane.close());

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
async function send(method: "POST", path: string, body?: unknown): Promise<any> {
  return (await plane.transport().request({ method, path, body })).body;
}

/** A policy for objects labelled with its name. */
async function policy(name: string, spec: Record<string, unknown>): Promise<{ message?: string }> {
  const match = {
    objectSelector: { matchLabels: { policy: name } },
    resourceRules: [
      { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps", "pods"] },
    ],
  };
  await send("POST", `${GROUP}/mutatingadmissionpolicybindings`, {
    apiVersion: "admissionregistration.k8s.io/v1beta1",
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name },
  });
  return send("POST", `${GROUP}/mutatingadmissionpolicies`, {
    apiVersion: "admissionregistration.k8s.io/v1beta1",
    kind: "MutatingAdmissionPolicy",
    metadata: { name },
    spec: { matchConstraints: match, reinvocationPolicy: "Never", ...spec },
  });
}

const apply = (expression: string) => ({
  mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression } }],
});
const patch = (expression: string) => ({
  mutations: [{ patchType: "JSONPatch", jsonPatch: { expression } }],
});

function configMap(name: string): KubeObject {
  const metadata = { name, labels: { policy: name } };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "1" } } as KubeObject;
}

describe("mutating admission policies", () => {
  it("lay an object over the one that is created, without owning what they set", async () => {
    await policy("label", {
      ...apply(
        'Object{metadata: Object.metadata{labels: {"added": variables.x, ?"not": object.?data["b"]}}}',
      ),
      variables: [{ name: "x", expression: "'v' + object.data.a" }],
    });
    const { metadata } = await send("POST", CONFIGS, configMap("label"));
    expect(metadata.labels).toEqual({ policy: "label", added: "v1" });
    expect(JSON.stringify(metadata.managedFields)).not.toContain("f:added");
  });

  it("merge lists by their keys, and default what they added", async () => {
    const expression =
      'Object{spec: Object.spec{containers: [Object.spec.containers{name: "c", image: "new"}, ' +
      'Object.spec.containers{name: "side", image: "s"}]}}';
    await policy("side", apply(expression));
    const pod = await send("POST", "/api/v1/namespaces/default/pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "side", labels: { policy: "side" } },
      spec: { containers: [{ name: "c", image: "old" }] },
    });
    const containers = pod.spec.containers as Record<string, unknown>[];
    expect(containers.map(({ name, image, imagePullPolicy }) => [name, image, imagePullPolicy])).toEqual([
      ["c", "new", "Always"],
      ["side", "s", "Always"],
    ]);
  });

  it("patch, and do nothing at all where a test of the patch fails", async () => {
    const path = '"/metadata/labels/" + jsonpatch.escapeKey("a/b")';
    await policy("patch", patch(`[JSONPatch{op: "add", path: ${path}, value: "1"}]`));
    expect((await send("POST", CONFIGS, configMap("patch"))).metadata.labels).toEqual({
      policy: "patch",
      "a/b": "1",
    });
    const test = 'JSONPatch{op: "test", path: "/data/a", value: "z"}';
    await policy("untested", patch(`[${test}, JSONPatch{op: "add", path: "/data/q", value: "z"}]`));
    expect((await send("POST", CONFIGS, configMap("untested"))).data).toEqual({ a: "1" });
  });

  it.each([
    [
      "a value that is not there",
      apply('Object{data: {"x": object.data.nope}}'),
      "expression 'Object{data: {\"x\": object.data.nope}}' resulted in error: no such key: nope",
    ],
    [
      "a path that is not there",
      patch('[JSONPatch{op: "remove", path: "/nope"}]'),
      "JSON Patch: error in remove for path: '/nope': Unable to remove nonexistent key: nope: missing value",
    ],
    [
      "a type of another place",
      apply('Object{data: Object.metadata{labels: {"x": "y"}}}'),
      'type mismatch: unexpected type name "Object.metadata", expected "Object.data", which matches field name path from root Object type',
    ],
    [
      "a field that is not there",
      apply('Object{nope: "x"}'),
      "error applying patch: failed to convert patch object to typed object: .nope: field not declared in schema",
    ],
  ])("refuse the write with %s, unless failures are ignored", async (_what, spec, reason) => {
    const name = `fail-${Math.random().toString(36).slice(2)}`;
    await policy(name, spec);
    const message = `policy '${name}' with binding '${name}' denied request: ${reason}`;
    expect(await send("POST", CONFIGS, configMap(name))).toMatchObject({
      code: 403,
      reason: "Invalid",
      message,
      details: { name, kind: "configmaps", causes: [{ message }] },
    });
    await policy(`${name}-ok`, { ...spec, failurePolicy: "Ignore" });
    expect((await send("POST", CONFIGS, configMap(`${name}-ok`))).data).toEqual({ a: "1" });
  });

  it("may not set a part of what is one unit", async () => {
    const containers = '[Object.spec.containers{name: "c", args: ["x"]}]';
    await policy("atomic", apply(`Object{spec: Object.spec{containers: ${containers}}}`));
    const refused = await send("POST", "/api/v1/namespaces/default/pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "atomic", labels: { policy: "atomic" } },
      spec: { containers: [{ name: "c", image: "i" }] },
    });
    expect(refused.message).toContain(
      "may not mutate atomic arrays, maps or structs: .spec.containers[0].args",
    );
  });

  it.each([
    [
      apply("1"),
      'spec.mutations[0].applyConfiguration.expression: Invalid value: "1": must evaluate to Object but got int',
    ],
    [
      patch("Object{}"),
      'spec.mutations[0].jsonPatch.expression: Invalid value: "Object{}": must evaluate to list(JSONPatch) but got Object',
    ],
    [
      apply("Object{"),
      'spec.mutations[0].applyConfiguration.expression: Invalid value: "Object{": compilation failed:',
    ],
    [
      { mutations: [{ patchType: "JSONPatch", applyConfiguration: { expression: "Object{}" } }] },
      "spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch",
    ],
  ])("are refused when they are written with %j", async (spec, message) => {
    expect((await policy(`never-${Math.random().toString(36).slice(2)}`, spec)).message).toContain(message);
  });
});
