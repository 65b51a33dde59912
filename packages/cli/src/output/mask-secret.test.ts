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
    const malformed = { ...secret("a"), data: "aHVudGVyMg==", stringData: ["aHVudGVyMg=="] };
    expect(JSON.stringify(maskSecret(malformed, "salt"))).not.toContain("aHVudGVyMg");
  });

  it("tells different values apart and equal ones not", () => {
    expect(maskSecret(secret("a"), "s")["data"]).toEqual(maskSecret(secret("a"), "s")["data"]);
    expect(maskSecret(secret("a"), "s")["data"]).not.toEqual(maskSecret(secret("b"), "s")["data"]);
  });

  it("gives nothing away that a guess could be held against", () => {
    expect(maskSecret(secret("a"))["data"]).toEqual({ k: "***" });
    expect(maskSecret(secret("a"), "s")["data"]).not.toEqual(maskSecret(secret("a"), "t")["data"]);
  });

  it("keeps other annotations, and other kinds as they are", () => {
    expect(maskSecret(secret("a")).metadata.annotations).toEqual({ kept: "yes" });
    const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { k: "v" } };
    expect(maskSecret(config)).toBe(config);
  });
});
