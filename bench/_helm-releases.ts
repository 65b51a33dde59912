import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Client } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import {
  cpuSeconds,
  git,
  inParallel,
  type Print,
  peakMebibytes,
  start,
  stop,
  untilQuiet,
  writtenSoFar,
} from "./_running.js";

const RELEASES = Number(process.env["CAPSTAN_BENCH_RELEASES"] ?? "1000");
const NAMESPACE = "many";
const INTERVAL_SECONDS = 60;
/** How long replaced artifacts are kept. */
const REPLACED_KEPT_SECONDS = 60;
const READY_LIMIT_MS = 600_000;
const MANAGER = { fieldManager: "bench" };
const HELM_RELEASE = { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease" };

interface Release extends KubeObject {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly lastAttemptedRevision?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const helpers = `{{- define "web.name" -}}{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}{{- end }}
{{- define "web.fullname" -}}
{{- if contains (include "web.name" .) .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}{{ printf "%s-%s" .Release.Name (include "web.name" .) | trunc 63 | trimSuffix "-" }}{{ end }}
{{- end }}
{{- define "web.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "web.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "web.selectorLabels" -}}
app.kubernetes.io/name: {{ include "web.fullname" . }}
{{- end }}
`;

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.fullname" . }}
  labels: {{- include "web.labels" . | nindent 4 }}
spec:
  {{- if not .Values.hpa.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 1}}
  selector:
    matchLabels: {{- include "web.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "web.selectorLabels" . | nindent 8 }}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: "{{ .Values.service.httpPort }}"
    spec:
      terminationGracePeriodSeconds: 30
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          command:
            - ./web
            - --port={{ .Values.service.httpPort }}
            - --level={{ .Values.logLevel }}
            {{- range .Values.backends }}
            - --backend={{ . }}
            {{- end }}
          env:
            {{- range $name, $value := .Values.env }}
            - {name: {{ $name }}, value: {{ $value | quote }}}
            {{- end }}
          ports:
            {{- range .Values.ports }}
            - {name: {{ .name }}, containerPort: {{ .port }}, protocol: TCP}
            {{- end }}
          livenessProbe: {{- toYaml .Values.probes.liveness | nindent 12 }}
          readinessProbe: {{- toYaml .Values.probes.readiness | nindent 12 }}
          volumeMounts:
            - {name: data, mountPath: /data}
          resources: {{- toYaml .Values.resources | nindent 12 }}
      volumes:
        - {name: data, emptyDir: {}}
`;

const service = `apiVersion: v1
kind: Service
metadata:
  name: {{ include "web.fullname" . }}
  labels: {{- include "web.labels" . | nindent 4 }}
spec:
  type: {{ .Values.service.type }}
  ports:
    - {port: {{ .Values.service.httpPort }}, targetPort: http, protocol: TCP, name: http}
    - {port: {{ .Values.service.grpcPort }}, targetPort: grpc, protocol: TCP, name: grpc}
  selector: {{- include "web.selectorLabels" . | nindent 4 }}
`;

const test = (name: string) => `{{- if .Values.tests }}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "web.fullname" . }}-${name}-{{ randAlphaNum 5 | lower }}
  annotations: {helm.sh/hook: test, helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"}
spec:
  containers:
    - {name: ${name}, image: "curl:8", command: [sh, -c, "curl -s {{ include "web.fullname" . }}:{{ .Values.service.httpPort }}"]}
  restartPolicy: Never
{{- end }}
`;

const optional = (kind: string, apiVersion: string, flag: string) => `{{- if .Values.${flag}.enabled }}
apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: {{ include "web.fullname" . }}
  labels: {{- include "web.labels" . | nindent 4 }}
spec: {{- toYaml .Values.${flag}.spec | nindent 2 }}
{{- end }}
`;

const values = `replicaCount: 1
logLevel: info
tests: true
backends: []
nameOverride: ""
image: {repository: registry.example.com/web, tag: "", pullPolicy: IfNotPresent}
service: {type: ClusterIP, httpPort: 9898, grpcPort: 9999}
ports: [{name: http, port: 9898}, {name: http-metrics, port: 9797}, {name: grpc, port: 9999}]
env: {COLOR: "#34577c", MESSAGE: hello}
hpa: {enabled: false, spec: {}}
ingress: {enabled: false, spec: {}}
pdb: {enabled: false, spec: {}}
probes:
  liveness: {exec: {command: [web, check, http]}, initialDelaySeconds: 1, timeoutSeconds: 5}
  readiness: {exec: {command: [web, check, ready]}, initialDelaySeconds: 1, timeoutSeconds: 5}
resources: {limits: {memory: 256Mi}, requests: {cpu: 1m, memory: 16Mi}}
`;

/** A chart of the size and the parts of a usual web service's. */
const CHART: Readonly<Record<string, string>> = {
  "Chart.yaml":
    "apiVersion: v2\nname: web\nversion: 1.0.0\nappVersion: 6.7.1\ndescription: A web service\nkubeVersion: '>=1.23.0-0'\n",
  "values.yaml": values,
  "README.md": "# web\n\nA web service with a Deployment, a Service and what goes with them.\n".repeat(60),
  "templates/_helpers.tpl": helpers,
  "templates/deployment.yaml": deployment,
  "templates/service.yaml": service,
  "templates/hpa.yaml": optional("HorizontalPodAutoscaler", "autoscaling/v2", "hpa"),
  "templates/ingress.yaml": optional("Ingress", "networking.k8s.io/v1", "ingress"),
  "templates/pdb.yaml": optional("PodDisruptionBudget", "policy/v1", "pdb"),
  "templates/tests/http.yaml": test("http"),
  "templates/tests/grpc.yaml": test("grpc"),
  "templates/tests/fail.yaml": test("fail"),
  "templates/NOTES.txt": "The service {{ .Release.Name }} is at port {{ .Values.service.httpPort }}.\n",
};

/** Many HelmReleases of one chart: from empty to Ready, an upgrade of all, and an interval without change. */
export async function measureReleases(print: Print): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "capstan-helm-"));
  const repository = join(root, "charts");
  makeRepository(repository);
  const up = await start(join(root, "home"));
  const figure = (name: string) => `releases_${RELEASES}.${name}`;
  try {
    await createSource(up.client, repository);
    const began = performance.now();
    const installed = untilAll(up.client, "1.0.0");
    await inParallel(RELEASES, 16, (index) => createRelease(up.client, index));
    await installed;
    await print(figure("ready_s"), (performance.now() - began) / 1000, "s");
    await print(figure("ready.cpu_s"), cpuSeconds(up.pid), "s");
    await print(figure("ready.peak_rss_mib"), peakMebibytes(up.pid), "MiB");
    commitVersion(repository, "1.1.0");
    const upgrading = performance.now();
    await untilAll(up.client, "1.1.0");
    await print(figure("upgraded_s"), (performance.now() - upgrading) / 1000, "s");
    await print(figure("upgraded.peak_rss_mib"), peakMebibytes(up.pid), "MiB");
    // What the upgrade replaced is collected a while later, once: two events that are no part of an interval.
    await wait(REPLACED_KEPT_SECONDS * 1.1 * 1000);
    await untilQuiet(up.client);
    const [before, cpu] = [await writtenSoFar(up.client), cpuSeconds(up.pid)];
    await wait(INTERVAL_SECONDS * 1.1 * 1000);
    await print(figure("unchanged.cpu_s"), cpuSeconds(up.pid) - cpu, "s");
    await print(figure("unchanged.writes"), (await writtenSoFar(up.client)) - before, "writes");
  } finally {
    await stop(up);
    rmSync(root, { recursive: true, force: true });
  }
}

function makeRepository(repository: string): void {
  mkdirSync(repository, { recursive: true });
  git(["init", "-q", "-b", "main", repository]);
  for (const [name, content] of Object.entries(CHART)) {
    const path = join(repository, "web", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  git(["-C", repository, "add", "."]);
  git(["-C", repository, "commit", "-qm", "chart"]);
}

function commitVersion(repository: string, version: string): void {
  const chart = (CHART["Chart.yaml"] ?? "").replace("version: 1.0.0", `version: ${version}`);
  writeFileSync(join(repository, "web", "Chart.yaml"), chart);
  git(["-C", repository, "commit", "-qam", version]);
}

async function createSource(client: Client, repository: string): Promise<void> {
  await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } }, MANAGER);
  const source = {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    metadata: { name: "charts", namespace: NAMESPACE },
  };
  await client.create(
    {
      ...source,
      kind: "GitRepository",
      spec: { url: `file://${repository}`, interval: "5s", ref: { branch: "main" } },
    },
    MANAGER,
  );
  await client.create(
    {
      ...source,
      kind: "HelmChart",
      spec: { chart: "./web", interval: "5s", sourceRef: { kind: "GitRepository", name: "charts" } },
    },
    MANAGER,
  );
}

async function createRelease(client: Client, index: number): Promise<void> {
  await client.create(
    {
      ...HELM_RELEASE,
      metadata: { name: `web-${index}`, namespace: NAMESPACE },
      spec: {
        chartRef: { kind: "HelmChart", name: "charts" },
        interval: `${INTERVAL_SECONDS}s`,
        values: { env: { INDEX: String(index) } },
      },
    },
    MANAGER,
  );
}

/** Resolves when every release is Ready at a version, as a watch tells it. */
async function untilAll(client: Client, version: string): Promise<void> {
  const stopWatching = new AbortController();
  const limit = setTimeout(
    () =>
      stopWatching.abort(new Error(`${RELEASES - ready.size} of ${RELEASES} releases did not become Ready`)),
    READY_LIMIT_MS,
  );
  const ready = new Set<string>();
  const { signal } = stopWatching;
  try {
    for await (const event of client.watch<Release>(HELM_RELEASE, { namespace: NAMESPACE, signal })) {
      if (event.type === "ERROR" || event.type === "BOOKMARK") continue;
      const { status, metadata } = event.object;
      const isReady = status?.conditions?.some((each) => each.type === "Ready" && each.status === "True");
      if (isReady === true && status?.lastAttemptedRevision === version) ready.add(metadata.name);
      if (ready.size >= RELEASES) return;
    }
    throw signal.aborted ? signal.reason : new Error("the watch ended");
  } finally {
    clearTimeout(limit);
    stopWatching.abort();
  }
}
