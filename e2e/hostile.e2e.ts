import { execFile } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { temporaryDirectory } from "./support/capstan.js";

const scratch = temporaryDirectory();
afterAll(() => scratch.remove());

const MAX_MS = 20_000;
const MAX_MEMORY_MIB = 400;
const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

interface Ended {
  readonly code: number;
  readonly text: string;
  readonly milliseconds: number;
  readonly memoryMiB: number;
}

/** Runs capstan in a process that tells at its end how much memory it took. */
function run(args: readonly string[]): Promise<Ended> {
  const binary = fileURLToPath(new URL("../packages/cli/bin/capstan.js", import.meta.url));
  const tell = `data:text/javascript,process.on("exit",()=>process.stderr.write("\\nmemory="+process.resourceUsage().maxRSS))`;
  const start = performance.now();
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", tell, binary, ...args],
      { maxBuffer: 1 << 26, timeout: 60_000 },
      (failure, stdout, stderr) => {
        const code = failure === null ? 0 : Number(failure.code ?? -1);
        const memory = /memory=(\d+)$/.exec(stderr)?.[1];
        resolve({
          code,
          text: stdout + stderr,
          milliseconds: performance.now() - start,
          memoryMiB: Number(memory ?? Number.NaN) / 1024,
        });
      },
    );
  });
}

/** A directory with files; in `root/app` is what gets built. */
function tree(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(scratch.path, name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const build = (entry: string) => `resources: [${entry}]\n`;

const nested = `${"{a: ".repeat(10_000)}${"}".repeat(10_000)}`;

function aliasBomb(): string {
  let text = `${CONFIG_MAP}data:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n`;
  for (let i = 1; i < 12; i++) {
    text += `  a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(", ")}]\n`;
  }
  return text;
}

function largeFile(path: string): void {
  const file = openSync(path, "w");
  writeSync(file, `${CONFIG_MAP}data:\n  k: `);
  ftruncateSync(file, 100 * 1024 * 1024);
  closeSync(file);
}

interface HostileTree {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly names: string;
  readonly also?: (folder: string) => void;
}

const trees: readonly HostileTree[] = [
  {
    name: "a file above the root",
    files: { "secret.yaml": CONFIG_MAP, "app/kustomization.yaml": build("../secret.yaml") },
    names: "app/kustomization.yaml",
  },
  {
    name: "a link to a file above the root",
    files: { "secret.yaml": CONFIG_MAP, "app/kustomization.yaml": build("link.yaml") },
    names: "app/link.yaml",
    also: (folder) => symlinkSync("../secret.yaml", join(folder, "app/link.yaml")),
  },
  {
    name: "a component above everything",
    files: { "app/kustomization.yaml": `components: [${"../".repeat(40)}etc]\n` },
    names: "app",
  },
  {
    name: "a generator's file above the root",
    files: {
      "secret.txt": "x",
      "app/kustomization.yaml": "configMapGenerator: [{name: a, files: [../secret.txt]}]\n",
    },
    names: "secret.txt",
  },
  {
    name: "a patch above the root",
    files: {
      "patch.yaml": "[]",
      "app/a.yaml": CONFIG_MAP,
      "app/kustomization.yaml": "resources: [a.yaml]\npatches: [{path: ../patch.yaml, target: {}}]\n",
    },
    names: "patch.yaml",
  },
  {
    name: "a remote base",
    files: { "app/kustomization.yaml": build("https://example.org/base.yaml") },
    names: "https://example.org/base.yaml",
  },
  {
    name: "a circle",
    files: {
      "app/kustomization.yaml": build("../b"),
      "b/kustomization.yaml": build("../app"),
    },
    names: "app",
  },
  {
    name: "nesting without end",
    files: { "app/kustomization.yaml": build("a.yaml"), "app/a.yaml": `${CONFIG_MAP}data: ${nested}\n` },
    names: "app/a.yaml",
  },
  {
    name: "aliases of aliases",
    files: { "app/kustomization.yaml": build("a.yaml"), "app/a.yaml": aliasBomb() },
    names: "app/a.yaml",
  },
  {
    name: "a file of 100 MB",
    files: { "app/kustomization.yaml": build("a.yaml") },
    names: "app/a.yaml",
    also: (folder) => largeFile(join(folder, "app/a.yaml")),
  },
];

describe.each([
  ["build", (folder: string) => ["build", join(folder, "app")]],
  ["test", (folder: string) => ["test", folder]],
])("capstan %s", (command, args) => {
  it.each(trees.map((one) => [one.name, one] as const))(
    "refuses %s",
    async (name, { files, names, also }) => {
      const folder = tree(`${command}-${name.replaceAll(" ", "-")}`, files);
      also?.(folder);
      const ended = await run(args(folder));
      // What needs the network is no fault of the repository: a test leaves it out, and says so.
      if (name === "a remote base" && command === "test") expect(ended.text).toContain("1 skipped");
      else expect(ended.code, ended.text).toBeGreaterThan(0);
      expect(ended.text).toContain(names);
      expect(ended.text).not.toContain("    at ");
      expect(ended.milliseconds).toBeLessThan(MAX_MS);
      expect(ended.memoryMiB).toBeLessThan(MAX_MEMORY_MIB);
    },
  );

  it("matches expressions that backtrack elsewhere", async () => {
    const folder = tree(`${command}-expressions`, {
      "app/a.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: "${"a".repeat(60)}"}}\n`,
      "app/kustomization.yaml": `resources: [a.yaml]\npatches:\n- target: {name: "(a+)+b|${"(a*)*".repeat(30)}c"}\n  patch: '- {op: test, path: /kind, value: x}'\n`,
    });
    const ended = await run(args(folder));
    expect(ended.code, ended.text).toBe(0);
    expect(ended.milliseconds).toBeLessThan(MAX_MS);
  });

  it("takes keys that are properties of every object for data", async () => {
    const folder = tree(`${command}-keys`, {
      "app/a.yaml": `${CONFIG_MAP}data: {__proto__: "1", constructor: "2"}\n`,
      "app/kustomization.yaml": "resources: [a.yaml]\ncommonAnnotations: {hasOwnProperty: x}\n",
    });
    const ended = await run(args(folder));
    expect(ended.code, ended.text).toBe(0);
    if (command === "build") expect(ended.text).toContain('__proto__: "1"');
  });
});
