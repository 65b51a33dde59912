import { fileURLToPath } from "node:url";
import { type ChartFile, loadChart, renderChart, templateOutput } from "@capstan/helm";
import { readChart, renderCase } from "../conformance/_helm-charts.js";
import { ensurePeers } from "../scripts/peers.mjs";
import { benchCharts } from "./_helm-charts.js";
import { measureReleases } from "./_helm-releases.js";
import type { Print } from "./_running.js";

const file = (name: string, text: string): ChartFile => ({ name, data: Buffer.from(text) });

const labels = `{{ define "app.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{ end }}`;

const deployment = (index: number): string => `{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ printf "%s-%d" .Release.Name ${index} }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas | default 1 }}
  template:
    spec:
      containers:
      {{- range $i, $port := .Values.ports }}
      - name: {{ $port.name | quote }}
        resources:
          {{- toYaml $.Values.resources | nindent 10 }}
        ports:
        - containerPort: {{ $port.port }}
      {{- end }}
{{- end }}
`;

const values = `enabled: true
replicas: 3
ports: [{name: http, port: 80}, {name: metrics, port: 9090}]
resources: {limits: {cpu: 100m, memory: 128Mi}, requests: {cpu: 10m, memory: 64Mi}}
`;

/** Rendering alone, and a thousand releases in a running `capstan up`. */
export async function run(print: Print): Promise<void> {
  measureRendering(print);
  await measureCharts(print);
  await measureReleases(print);
}

// What a thread that starts cold renders charts with.
export { readChart, renderCase };

/** Public charts against the real helm, where CONFORMANCE_CHARTS names a directory that holds them. */
async function measureCharts(print: Print): Promise<void> {
  const charts = process.env["CONFORMANCE_CHARTS"];
  if (charts === undefined) return;
  const { helm } = await ensurePeers();
  const cases =
    process.env["CAPSTAN_CONFORMANCE"] ?? fileURLToPath(new URL("../../shared/conformance", import.meta.url));
  const module = new URL("../.cache/bench/helm.mjs", import.meta.url).href;
  await benchCharts(charts, cases, helm, module, (name, value, unit) => void print(name, value, unit));
}

/** Loading and rendering a chart of thirty templates. */
function measureRendering(print: Print): void {
  const files = [
    file("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n"),
    file("values.yaml", values),
    file("templates/_helpers.tpl", labels),
    ...Array.from({ length: 30 }, (_, index) =>
      file(`templates/deployment-${index}.yaml`, deployment(index)),
    ),
  ];
  const options = {
    releaseName: "r",
    namespace: "n",
    clock: { now: () => 0, after: () => () => undefined },
    random: { float: () => 0, bytes: (length: number) => new Uint8Array(length) },
  };
  const once = (): string => templateOutput(renderChart(loadChart(files), options));
  for (let warm = 0; warm < 20; warm += 1) once();
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < 2000) {
    once();
    count += 1;
  }
  void print("render_30_templates", (performance.now() - start) / count, "ms");
}
