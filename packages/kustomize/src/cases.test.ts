import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { build, diskTree, KustomizeError, toYaml } from "./index.js";

const folder = fileURLToPath(new URL("../testdata/cases", import.meta.url));

function read(name: string, file: string): string | undefined {
  const path = join(folder, name, file);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

async function render(name: string): Promise<string> {
  const { resources } = await build(diskTree(join(folder, name, "input")), read(name, "run-dir") ?? ".");
  return toYaml(resources);
}

describe("cases with the real tool's output", () => {
  const names = readdirSync(folder);

  it.each(names.filter((name) => !name.startsWith("error-")))("%s", async (name) => {
    expect(await render(name)).toBe(read(name, "expected.yaml"));
  });

  it.each(names.filter((name) => name.startsWith("error-")))("%s", async (name) => {
    const error = await render(name).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KustomizeError);
    expect(read(name, "error.txt")).toBeDefined();
    expect((error as KustomizeError).file).toMatch(/^\//);
  });
});
