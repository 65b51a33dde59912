import { applyMergePatch, type KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { threeWayPatch } from "./client-side-patch.js";

const object = (fields: Record<string, unknown>) =>
  ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "x" }, ...fields }) as KubeObject;

function merged(original: unknown, target: unknown, live: unknown): unknown {
  const [before, after, now] = [original, target, live].map((spec) => object({ spec }));
  if (before === undefined || after === undefined || now === undefined) throw new Error("unreachable");
  return (applyMergePatch(now, threeWayPatch(before, after, now)) as KubeObject)["spec"];
}

describe("threeWayPatch", () => {
  it("is empty where the live object is as declared", () => {
    const same = object({ spec: { replicas: 1, containers: [{ name: "a" }] } });
    const live = object({ spec: { replicas: 1, containers: [{ name: "a" }], defaulted: true } });
    expect(threeWayPatch(same, same, live)).toEqual({});
  });

  it("takes away what is no longer declared, and leaves what others added", () => {
    expect(merged({ a: 1, b: 2 }, { a: 1 }, { a: 9, b: 2, c: 3 })).toEqual({ a: 1, c: 3 });
  });

  it("tells items of lists apart by their keys", () => {
    const ports = (port: number) => [{ containerPort: port, protocol: "TCP" }];
    expect(
      merged(
        { containers: [{ name: "web", image: "1" }, { name: "old" }] },
        { containers: [{ name: "web", image: "2", ports: ports(80) }] },
        {
          containers: [
            { name: "proxy" },
            { name: "web", image: "1", tty: true, ports: ports(9) },
            { name: "old" },
          ],
        },
      ),
    ).toEqual({
      containers: [
        { name: "web", image: "2", tty: true, ports: [...ports(80), ...ports(9)] },
        { name: "proxy" },
      ],
    });
  });

  it("replaces lists whose items have no keys", () => {
    expect(merged({ args: ["a"] }, { args: ["b"] }, { args: ["a", "x"] })).toEqual({ args: ["b"] });
  });
});
