import { expect, test } from "vitest";
import { parseIgnore } from "./ignore.js";

test.each([
  ["*.txt", "a/b.txt", false, true],
  ["/a-b.txt", "a-b.txt", false, true],
  ["/a-b.txt", "x/a-b.txt", false, false],
  ["docs/", "docs", true, true],
  ["docs/", "docs", false, false],
  ["a/*.md", "a/b/c.md", false, false],
  ["[ab].txt", "a.txt", false, true],
  ["!keep.txt", "other.txt", false, true],
  ["", "templates/.hidden", false, true],
])("%s on %s", (line, path, isDirectory, ignored) => {
  expect(parseIgnore(line)(path, isDirectory)).toBe(ignored);
});
