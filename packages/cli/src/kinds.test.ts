import { describe, expect, it } from "vitest";
import { parseAddress } from "./commands/controllers.js";
import { selectKinds } from "./commands/get.js";
import { formatLine } from "./commands/logs.js";
import { formatTree } from "./commands/tree.js";
import { CommandError } from "./exit-code.js";
import { objectName, parseReconciled } from "./kinds.js";

describe("parseReconciled", () => {
  it.each([
    [["kustomization/demo"], "Kustomization"],
    [["ks", "demo"], "Kustomization"],
    [["source", "git", "demo"], "GitRepository"],
    [["GitRepository/demo"], "GitRepository"],
  ])("reads %j", (words, kind) => {
    const parsed = parseReconciled(words);
    expect([parsed.kind.kind, parsed.name]).toEqual([kind, "demo"]);
  });

  it.each([[["deployment/x"]], [["ks"]], [["ks", "a", "b"]], [["ks/a", "b"]], [[]]])(
    "refuses %j",
    (words) => {
      expect(() => parseReconciled(words)).toThrow(CommandError);
    },
  );
});

describe("selectKinds", () => {
  it("tells all, sources, a kind and one object", () => {
    expect(selectKinds([]).kinds.length).toBeGreaterThan(5);
    expect(selectKinds(["sources"]).kinds.every((kind) => kind.category === "source")).toBe(true);
    expect(selectKinds(["sources", "git"]).kinds.map((kind) => kind.kind)).toEqual(["GitRepository"]);
    expect(selectKinds(["ks/demo"]).name).toBe("demo");
    expect(() => selectKinds(["nope"])).toThrow(/cannot get "nope"/);
    expect(() => selectKinds(["ks", "a", "b"])).toThrow(/"b" is too much/);
  });
});

describe("objectName", () => {
  it("names the group of a kind that has one", () => {
    expect(objectName({ apiVersion: "apps/v1", kind: "Deployment", name: "a" })).toBe("deployment.apps/a");
    expect(objectName({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" } })).toBe("pod/p");
  });
});

describe("parseAddress", () => {
  it("reads host and port, all addresses, and a port alone", () => {
    expect(parseAddress("127.0.0.1:9090")).toEqual({ host: "127.0.0.1", port: 9090 });
    expect(parseAddress(":9090")).toEqual({ host: "0.0.0.0", port: 9090 });
    expect(parseAddress("0")).toEqual({ host: "127.0.0.1", port: 0 });
    expect(() => parseAddress("host:99999")).toThrow(CommandError);
  });
});

describe("formatTree", () => {
  it("draws branches", () => {
    const node = (name: string, children: Parameters<typeof formatTree>[0][] = []) => ({
      kind: "Pod",
      namespace: "",
      name,
      status: "Current",
      message: "",
      children,
    });
    expect(formatTree(node("r", [node("a", [node("x")]), node("b")]))).toBe(
      "Pod/r Current\n├── Pod/a Current\n│   └── Pod/x Current\n└── Pod/b Current\n",
    );
  });
});

describe("formatLine", () => {
  it("reads a JSON line and passes on any other", () => {
    expect(formatLine('{"ts":"T","level":"warn","msg":"m","n":1}')).toBe("T WARN  m n=1");
    expect(formatLine("{cut off")).toBe("{cut off");
  });
});
