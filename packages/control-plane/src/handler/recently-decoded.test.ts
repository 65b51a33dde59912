import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { RecentlyDecoded } from "./recently-decoded.js";

const object = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } }) as KubeObject;

describe("RecentlyDecoded", () => {
  it("finds objects by the identity of their bytes", () => {
    const recent = new RecentlyDecoded(100);
    const bytes = new Uint8Array(10);
    const a = object("a");
    recent.set(bytes, a);
    expect(recent.get(bytes)).toBe(a);
    expect(recent.get(new Uint8Array(10))).toBeUndefined();
  });

  it("forgets what was not used while twice its bytes came by, and keeps what was", () => {
    const recent = new RecentlyDecoded(100);
    const used = new Uint8Array(10);
    const unused = new Uint8Array(10);
    recent.set(used, object("used"));
    recent.set(unused, object("unused"));
    for (let i = 0; i < 25; i++) {
      recent.set(new Uint8Array(10), object(`other-${i}`));
      expect(recent.get(used)?.metadata.name).toBe("used");
    }
    expect(recent.get(unused)).toBeUndefined();
  });

  it("holds an object larger than its bound until the next one comes", () => {
    const recent = new RecentlyDecoded(100);
    const large = new Uint8Array(1_000);
    recent.set(large, object("large"));
    expect(recent.get(large)?.metadata.name).toBe("large");
  });
});
