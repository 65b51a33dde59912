import { expect, it } from "vitest";
import { repositoryKey } from "./own-sources.js";

it("knows a repository by whichever URL", () => {
  const urls = [
    "https://github.com/Org/Repo",
    "https://user@github.com/org/repo.git",
    "git@github.com:org/repo.git",
    "ssh://git@github.com/org/repo/",
  ];
  expect(new Set(urls.map(repositoryKey))).toEqual(new Set(["github.com/org/repo"]));
  expect(repositoryKey("https://github.com/org/other")).not.toBe(
    repositoryKey("https://github.com/org/repo"),
  );
});
