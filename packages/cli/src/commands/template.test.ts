import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Io } from "../io.js";
import { systemClock, systemRandom } from "../runtime.js";
import { type TemplateOptions, template } from "./template.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "capstan-template-"));
  await mkdir(join(directory, "templates"));
  await writeFile(join(directory, "Chart.yaml"), "apiVersion: v2\nname: app\nversion: 1.0.0\n");
  await writeFile(join(directory, "values.yaml"), "a: {b: 1}\n");
  await writeFile(join(directory, "templates/values.yaml"), "{{ toYaml .Values }}\n");
  await writeFile(
    join(directory, "templates/name.yaml"),
    "name: {{ .Release.Name }}/{{ .Release.Namespace }}\n",
  );
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function run(words: readonly string[], options: TemplateOptions = {}): Promise<string> {
  let out = "";
  const io = {
    out: (text: string) => (out += text),
    clock: systemClock,
    random: systemRandom,
  } as unknown as Io;
  await template([...words, directory], options, io);
  return out;
}

it("prints the rendered chart with its sources", async () => {
  expect(await run(["web"], { namespace: "apps" })).toBe(
    "---\n# Source: app/templates/name.yaml\nname: web/apps\n---\n# Source: app/templates/values.yaml\na:\n  b: 1\n",
  );
});

it("takes values of every kind, the later ones over the earlier", async () => {
  const file = join(directory, "more.yaml");
  await writeFile(file, "a: {c: file}\n");
  const out = await run([], {
    values: [file],
    setJson: ['list=[1,{"x":true}]'],
    set: ["a.b=2,n=3"],
    setString: ["n=3"],
    setFile: [`text=${join(directory, "Chart.yaml")}`],
    setLiteral: ["literal=a,b=[c]"],
    showOnly: ["templates/val*.yaml"],
  });
  expect(out).toBe(
    '---\n# Source: app/templates/values.yaml\na:\n  b: 2\n  c: file\nlist:\n- 1\n- x: true\nliteral: a,b=[c]\n"n": "3"\ntext: |\n  apiVersion: v2\n  name: app\n  version: 1.0.0\n',
  );
});

it("says which template is not there", async () => {
  await expect(run([], { showOnly: ["templates/none.yaml"] })).rejects.toThrow(
    "could not find template templates/none.yaml in chart",
  );
});

it("says what is wrong with a Chart.yaml that is no YAML", async () => {
  await writeFile(
    join(directory, "Chart.yaml"),
    "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n  - name: db\n  version: 1.0.0\n",
  );
  await expect(run([])).rejects.toThrow(
    /^cannot load Chart\.yaml: error converting YAML to JSON: yaml: line \d+: /,
  );
});

it("takes dependencies from charts/ alone, as helm template does", async () => {
  const dependency = join(directory, "db");
  await mkdir(dependency);
  await writeFile(join(dependency, "Chart.yaml"), "apiVersion: v2\nname: db\nversion: 1.0.0\n");
  await writeFile(
    join(directory, "Chart.yaml"),
    "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n  - {name: db, version: 1.0.0, repository: 'file://db'}\n",
  );
  await expect(run([])).rejects.toThrow("found in Chart.yaml, but missing in charts/ directory: db");
});
