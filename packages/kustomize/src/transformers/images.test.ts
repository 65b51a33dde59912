import { describe, expect, it } from "vitest";
import { rewriteImage, splitImage } from "./images.js";

describe("splitImage", () => {
  it.each([
    ["nginx", "nginx", "", ""],
    ["nginx:1.2", "nginx", "1.2", ""],
    ["registry:5000/a/b:1", "registry:5000/a/b", "1", ""],
    ["registry:5000/a", "registry:5000/a", "", ""],
    ["a@sha256:x", "a", "", "sha256:x"],
    ["a:1@sha256:x", "a", "1", "sha256:x"],
  ])("%s", (image, name, tag, digest) => {
    expect(splitImage(image)).toEqual({ name, tag, digest });
  });
});

describe("rewriteImage", () => {
  it.each([
    ["a:1", { newName: "b" }, "b:1"],
    ["a:1@sha256:x", { newTag: "2" }, "a:2"],
    ["a:1", { digest: "sha256:y" }, "a@sha256:y"],
    ["a:1", { newTag: "2", digest: "sha256:y" }, "a:2@sha256:y"],
    ["a", { tagSuffix: "-x" }, "a:-x"],
    ["a:1@sha256:x", {}, "a:1@sha256:x"],
  ])("%s with %j", (image, change, result) => {
    expect(rewriteImage(image, change)).toBe(result);
  });
});
