import { loadIgnoreRules } from "@capstan/artifacts";
import { describe, expect, it } from "vitest";
import { leadsOut, refuseEscapingLinks } from "./symlinks.js";

const link = (path: string, target: string) => ({ path, target: async () => target });

describe("a symbolic link", () => {
  it.each([
    ["a", "/etc/passwd", true],
    ["a", "../x", true],
    ["a/b", "../../x", true],
    ["a/b", "../c/../../x", true],
    ["a/b", "../x", false],
    ["a/b", "c/../../x", false],
    ["a", "b", false],
    ["a", "./b//c", false],
  ])("%s -> %s leads out: %s", (path, target, out) => {
    expect(leadsOut(path, target)).toBe(out);
  });

  it("that leads out is refused by name, unless it is ignored", async () => {
    const links = [link("app/a.yaml", "/etc/passwd"), link("inside", "app"), link("docs/x", "../../y")];
    await expect(refuseEscapingLinks(links, await loadIgnoreRules([], undefined))).rejects.toMatchObject({
      failure: {
        condition: "StorageOperationFailed",
        reason: "IllegalPath",
        message: expect.stringContaining("'app/a.yaml' (to '/etc/passwd'), 'docs/x' (to '../../y')"),
      },
    });
    await refuseEscapingLinks(links, await loadIgnoreRules([], "/app/a.yaml\n/docs/"));
  });
});
