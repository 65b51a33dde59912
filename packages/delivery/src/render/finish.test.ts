// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is what is substituted
import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { type FinishOptions, finishObjects } from "./finish.js";

const OWNER = { name: "app", namespace: "flux-system" };

function finish(object: Record<string, unknown>, options: Partial<FinishOptions> = {}): KubeObject {
  const built = {
    object: {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", namespace: "n" },
      ...object,
    } as KubeObject,
  };
  const { objects } = finishObjects([built], { owner: OWNER, ...options });
  return JSON.parse(objects[0]?.json ?? "null") as KubeObject;
}

describe("finishObjects", () => {
  it("labels objects with their owner and adds common metadata over theirs", () => {
    const object = finish(
      { metadata: { name: "a", labels: { x: "1", y: "1" }, creationTimestamp: null }, status: {} },
      { commonMetadata: { labels: { y: "2" }, annotations: { z: "3" } } },
    );
    expect(object).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "a",
        labels: {
          x: "1",
          y: "2",
          "kustomize.toolkit.fluxcd.io/name": "app",
          "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
        },
        annotations: { z: "3" },
      },
    });
  });

  it("brings objects to the form that applies well", () => {
    const secret = finish({ kind: "Secret", stringData: { a: "x" }, data: { b: "eQ==" } });
    expect(secret["data"]).toEqual({ a: "eA==", b: "eQ==" });
    expect(secret).not.toHaveProperty("stringData");
    const service = finish({ kind: "Service", spec: { ports: [{ port: 1 }, { port: 2, protocol: "UDP" }] } });
    expect(service["spec"]).toEqual({
      ports: [
        { port: 1, protocol: "TCP" },
        { port: 2, protocol: "UDP" },
      ],
    });
    const template = { spec: { containers: [{ name: "c", ports: [{ containerPort: 1 }] }] } };
    const deployment = finish({ apiVersion: "apps/v1", kind: "Deployment", spec: { template } });
    expect(JSON.stringify(deployment["spec"])).toContain('"protocol":"TCP"');
  });

  it("substitutes by text, so that numbers become numbers", () => {
    const substitution = { variables: new Map([["N", "3"]]), strict: true, always: false };
    const object = finish({ data: { a: "${N}", b: "x${N}" } }, { substitution });
    expect(object["data"]).toEqual({ a: 3, b: "x3" });
  });

  it("leaves objects alone that ask for it, and all of them where there are no variables", () => {
    const substitution = { variables: new Map([["N", "3"]]), strict: true, always: false };
    const metadata = { name: "a", annotations: { "kustomize.toolkit.fluxcd.io/substitute": "disabled" } };
    expect(finish({ metadata, data: { a: "${X}" } }, { substitution })["data"]).toEqual({ a: "${X}" });
    const none = { ...substitution, variables: new Map() };
    expect(finish({ data: { a: "${X}" } }, { substitution: none })["data"]).toEqual({ a: "${X}" });
    const always = { ...none, always: true };
    expect(finish({ data: { a: "${X:-d}" } }, { substitution: always })["data"]).toEqual({ a: "d" });
  });

  it("tells every object that is wrong, with its place", () => {
    const bad = (name: string, line: number) => ({
      object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { a: "${MISSING}" } },
      origin: { file: "a.yaml", line },
    });
    const substitution = { variables: new Map([["N", "3"]]), strict: true, always: false };
    const run = () => finishObjects([bad("one", 1), bad("two", 9)], { owner: OWNER, substitution });
    expect(run).toThrow(
      /a\.yaml:1: post build failed for 'ConfigMap\.v1\.\[noGrp\]\/one'[\s\S]*a\.yaml:9: post build failed/,
    );
  });

  it("gives equal objects equal digests, whatever the order of their keys", () => {
    const digest = (object: KubeObject) => finishObjects([{ object }], { owner: OWNER }).objects[0]?.digest;
    const one = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { x: "1", y: "2" } };
    const two = { kind: "ConfigMap", data: { y: "2", x: "1" }, metadata: { name: "a" }, apiVersion: "v1" };
    expect(digest(one)).toBe(digest(two));
    expect(digest({ ...one, data: { x: "1" } })).not.toBe(digest(one));
  });

  it("notices Secrets that are encrypted still", () => {
    const object = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, sops: { mac: "x" } };
    expect(finishObjects([{ object }], { owner: OWNER }).objects[0]?.encrypted).toBe(true);
  });
});
