import { expect, test } from "vitest";
import { type ChartFile, loadChart } from "../index.js";
import { type RenderOptions, renderChart } from "./render.js";

function render(files: Readonly<Record<string, string>>, options: Partial<RenderOptions> = {}) {
  const all = { "Chart.yaml": "apiVersion: v2\nname: p\nversion: 1.0.0\n", ...files };
  const chart = loadChart(
    Object.entries(all).map(([name, text]): ChartFile => ({ name, data: Buffer.from(text) })),
  );
  return renderChart(chart, {
    releaseName: "r",
    namespace: "n",
    clock: { now: () => 0, after: () => () => undefined },
    random: { float: () => 0, bytes: (length) => new Uint8Array(length) },
    ...options,
  });
}

test("says which values it skipped, and that a chart is deprecated", () => {
  const { warnings } = render(
    {
      "Chart.yaml": "apiVersion: v2\nname: p\nversion: 1.0.0\ndeprecated: true\n",
      "values.yaml": "a: 1\nt: {x: {k: 1}, z: 5}\n",
      "templates/a.yaml": "kind: A\nmetadata: {annotations: {helm.sh/hook: crd-install}}\n",
    },
    { values: { a: { b: 1 }, t: { x: 5, z: { q: 1 } } } },
  );
  expect(warnings).toEqual([
    { level: "warn", message: "this chart is deprecated" },
    { level: "info", message: "warning: skipped value for p.a: Not a table." },
    { level: "info", message: "warning: cannot overwrite table with non table for p.t.x (map[k:1])" },
    { level: "info", message: "warning: destination for p.t.z is a table. Ignoring non-table value (5)" },
    { level: "info", message: "skipping unknown hooks hookTypes=crd-install" },
  ]);
});

test("says which conditions and tags are no booleans", () => {
  const chart =
    "apiVersion: v2\nname: p\nversion: 1.0.0\ndependencies: [{name: s, version: 1.0.0, condition: s.use, tags: [t], import-values: [q]}]\n";
  const { warnings } = render({
    "Chart.yaml": chart,
    "values.yaml": "s: {use: yep}\ntags: {t: no-bool}\n",
    "charts/s/Chart.yaml": "apiVersion: v2\nname: s\nversion: 1.0.0\n",
  });
  expect(warnings.map(({ message }) => message)).toEqual([
    "returned non-bool value tag=t chart=s",
    "returned non-bool value path=s.use chart=s",
    "ImportValues missing table chart=s table=exports.q",
  ]);
});

test("knows the templates that come out differently each time", () => {
  const { unstable } = render({
    "templates/a.yaml": 'k: {{ include "h" . }}{{ now | date "2006" }}',
    "templates/_h.tpl": '{{ define "h" }}{{ randAlphaNum 5 }}{{ end }}',
    "templates/b.yaml": 'k: {{ toDate "2006" "2020" | date "2006" }}{{ if false }}{{ uuidv4 }}{{ end }}',
  });
  expect(unstable).toEqual([{ template: "p/templates/a.yaml", functions: ["now", "randAlphaNum"] }]);
});

test("compares the version of a cluster with its suffix, a given one without", () => {
  const files = { "Chart.yaml": "apiVersion: v2\nname: p\nversion: 1.0.0\nkubeVersion: '>=1.20.0'\n" };
  expect(() => render(files, { kubeVersion: "v1.28.3-eks-abc" })).not.toThrow();
  expect(() => render(files, { kubeVersion: "v1.28.3-eks-abc", strictKubeVersion: true })).toThrow(
    "chart requires kubeVersion: >=1.20.0 which is incompatible with Kubernetes v1.28.3-eks-abc",
  );
});
