import { describe, expect, it } from "vitest";
import { parseRepoSpec } from "./repo-spec.js";

describe("parseRepoSpec", () => {
  it.each([
    ["github.com/o/r", "https://github.com/o/r", "", ""],
    ["https://github.com/o/r/a/b?ref=v1", "https://github.com/o/r", "a/b", "v1"],
    ["https://github.com/o/r//a?version=v1&ref=v2", "https://github.com/o/r", "a", "v2"],
    ["git@github.com:o/r.git/a", "git@github.com:o/r.git", "a", ""],
    ["ssh://git@github.com/o/r", "git@github.com:o/r", "", ""],
    ["ssh://git@host:22/o/r.git//a", "ssh://git@host:22/o/r.git", "a", ""],
    ["https://host/group/sub/r.git/a?ref=x", "https://host/group/sub/r.git", "a", "x"],
    ["https://dev.azure.com/o/p/_git/r/a/b", "https://dev.azure.com/o/p/_git/r", "a/b", ""],
    ["git::https://host/o/r", "https://host/o/r", "", ""],
    ["file:///srv/repo", "file:///srv/repo", "", ""],
    ["user@host:o/r", "user@host:o/r", "", ""],
  ])("%s", (url, cloneUrl, path, ref) => {
    expect(parseRepoSpec(url)).toMatchObject({ cloneUrl, path, ref });
  });

  it.each(["../base", "base", "/abs", "a.yaml", "host/o/r", "https://host/o/r//../../x", "https://h"])(
    "%s is none",
    (url) => {
      expect(parseRepoSpec(url)).toBeUndefined();
    },
  );

  it("reads timeout and submodules", () => {
    expect(parseRepoSpec("github.com/o/r?timeout=2m&submodules=false")).toMatchObject({
      timeoutSeconds: 120,
      submodules: false,
    });
    expect(parseRepoSpec("github.com/o/r?timeout=x")).toMatchObject({ timeoutSeconds: 27, submodules: true });
  });
});
