import { describe, expect, it } from "vitest";
import { parseQuick } from "./quick.js";

describe("parseQuick", () => {
  it("reads plain builds", () => {
    expect(parseQuick(["build"])).toEqual({ name: "build", path: ".", options: {} });
    expect(parseQuick(["build", "a", "--reorder", "none", "--load-restrictor=x"])).toEqual({
      name: "build",
      path: "a",
      options: { reorder: "none", loadRestrictor: "x" },
    });
    expect(parseQuick(["version"])).toEqual({ name: "version" });
  });

  it("leaves everything else to the command line", () => {
    for (const args of [
      [],
      ["up"],
      ["version", "-o", "json"],
      ["build", "kustomization", "apps"],
      ["build", "a", "--path", "b"],
      ["build", "a", "--enable-helm"],
      ["build", "a", "--reorder"],
      ["build", "--help"],
      ["build", "--", "a"],
      ["build", ""],
    ]) {
      expect(parseQuick(args), args.join(" ")).toBeUndefined();
    }
  });
});
