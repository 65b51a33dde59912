import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { clientSidePatch } from "./client-side-patch.js";

const object = (apiVersion: string, kind: string, fields: Record<string, unknown>) =>
  ({ apiVersion, kind, metadata: { name: "x" }, ...fields }) as KubeObject;
const deployment = (spec: unknown) => object("apps/v1", "Deployment", { spec: { template: { spec } } });

describe("clientSidePatch", () => {
  it("asks nothing where the live object is as declared", () => {
    const same = deployment({ containers: [{ name: "a" }] });
    const live = deployment({ containers: [{ name: "a", tty: false }], restartPolicy: "Always" });
    expect(clientSidePatch(same, same, live)).toBeUndefined();
  });

  it("merges kinds of Kubernetes by the keys of their lists", () => {
    const before = deployment({ containers: [{ name: "web", ports: [{ containerPort: 80 }] }] });
    const after = deployment({ containers: [{ name: "web", ports: [{ containerPort: 81 }] }] });
    const live = deployment({
      containers: [{ name: "proxy" }, { name: "web", ports: [{ containerPort: 80, protocol: "TCP" }] }],
    });
    expect(clientSidePatch(before, after, live)).toEqual({
      type: "strategic",
      body: {
        spec: {
          template: {
            spec: {
              containers: [
                {
                  name: "web",
                  ports: [{ containerPort: 81 }, { containerPort: 80, $patch: "delete" }],
                  "$setElementOrder/ports": [{ containerPort: 81 }],
                },
              ],
              "$setElementOrder/containers": [{ name: "web" }],
            },
          },
        },
      },
    });
  });

  it.each([
    ["example.com/v1", "Widget"],
    ["gateway.networking.k8s.io/v1", "HTTPRoute"],
    ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
  ])("merges %s %s from manifest to manifest, whatever is live", (apiVersion, kind) => {
    const spec = (fields: unknown) => object(apiVersion, kind, { spec: fields });
    expect(clientSidePatch(spec({ a: 1, b: 1 }), spec({ a: 1 }), spec({ a: 9, b: 1, c: 1 }))).toEqual({
      type: "merge",
      body: { spec: { b: null } },
    });
  });

  it("merges adopted custom resources with what is live, without taking away what is not declared", () => {
    const target = object("example.com/v1", "Widget", { spec: { a: 1 } });
    const live = object("example.com/v1", "Widget", { spec: { a: 9, c: 1 }, status: { ready: true } });
    expect(clientSidePatch(target, target, live, true)).toEqual({ type: "merge", body: { spec: { a: 1 } } });
  });
});
