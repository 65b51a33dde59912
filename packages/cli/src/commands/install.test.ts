import { describe, expect, it } from "vitest";
import { CommandError } from "../exit-code.js";
import { install } from "./install.js";

function exported(options: Parameters<typeof install>[0]) {
  const view = install({ export: true, ...options });
  if (view.kind !== "objects") throw new Error("expected objects");
  return view.objects;
}

describe("install --export", () => {
  it("prints everything that a cluster needs, the namespace and definitions first", () => {
    const kinds = exported({}).map((object) => object.kind);
    expect(kinds[0]).toBe("Namespace");
    expect(new Set(kinds)).toEqual(
      new Set([
        "Namespace",
        "CustomResourceDefinition",
        "ServiceAccount",
        "ClusterRole",
        "ClusterRoleBinding",
        "Role",
        "RoleBinding",
        "Deployment",
        "Service",
        "NetworkPolicy",
      ]),
    );
    expect(kinds.lastIndexOf("CustomResourceDefinition")).toBeLessThan(kinds.indexOf("Deployment"));
  });

  it("binds no administrator where that is left out", () => {
    const bound = (clusterAdmin: boolean) =>
      exported({ clusterAdmin }).some((object) => object.metadata.name === "capstan-reconciler");
    expect(bound(true)).toBe(true);
    expect(bound(false)).toBe(false);
  });

  it("puts every namespaced object into the namespace asked for", () => {
    const named = exported({ namespace: "gitops" }).map((object) => object.metadata.namespace);
    expect(new Set(named)).toEqual(new Set([undefined, "gitops"]));
  });

  it("gives the controllers no right to write what they only read", () => {
    const role = exported({}).find((object) => object.kind === "ClusterRole");
    const rules = role?.["rules"] as { resources: string[]; verbs: string[] }[];
    const secrets = rules.filter((rule) => rule.resources.includes("secrets")).flatMap((rule) => rule.verbs);
    expect(secrets).toEqual(["get", "list", "watch"]);
  });

  it("refuses to write to a cluster", () => {
    expect(() => install({})).toThrow(CommandError);
  });
});
