import { describe, expect, it } from "vitest";
import { maskSecret } from "./mask-secret.js";

const secret = (value: string) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: {
    name: "a",
    annotations: {
      "kubectl.kubernetes.io/last-applied-configuration": `{"data":{"k":"${value}"}}`,
      kept: "yes",
    },
  },
  data: { k: value },
  stringData: { s: value },
});

describe("maskSecret", () => {
  it("lets no value through, in no member", () => {
    expect(JSON.stringify(maskSecret(secret("aHVudGVyMg==")))).not.toContain("aHVudGVyMg");
  });

  it("tells different values apart and equal ones not", () => {
    expect(maskSecret(secret("a"))["data"]).toEqual(maskSecret(secret("a"))["data"]);
    expect(maskSecret(secret("a"))["data"]).not.toEqual(maskSecret(secret("b"))["data"]);
  });

  it("keeps other annotations, and other kinds as they are", () => {
    expect(maskSecret(secret("a")).metadata.annotations).toEqual({ kept: "yes" });
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { k: "v" } };
    expect(maskSecret(config)).toBe(config);
  });
});
