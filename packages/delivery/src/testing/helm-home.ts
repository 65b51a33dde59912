import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { testControlPlane } from "@capstan/control-plane";
import { type Client, createClient, createManager, defineResource, type Manager } from "@capstan/controller";
import { decodeRelease, type ReleaseRecord } from "@capstan/helm";
import { type ApiRequest, type KubeObject, type Random, sha256Hex, type Transport } from "@capstan/kube";
import { z } from "zod";
import { registerHelmReleases } from "../helmrelease/controller.js";
import { HelmRelease } from "../helmrelease/resource.js";
import type { HelmSettings } from "../helmrelease/settings.js";
import { inlineRenderer } from "../render/inline-renderer.js";
import { systemClock, until } from "./home.js";

const any = () => z.looseObject({}).optional().meta({ "x-kubernetes-preserve-unknown-fields": true });
const source = (kind: string, plural: string) =>
  defineResource({
    group: "source.toolkit.fluxcd.io",
    version: "v1",
    kind,
    plural,
    spec: any(),
    status: any(),
  });
const SOURCES = [
  source("OCIRepository", "ocirepositories"),
  source("HelmChart", "helmcharts"),
  source("ExternalArtifact", "externalartifacts"),
];

const TYPE = { apiVersion: HelmRelease.apiVersion, kind: HelmRelease.kind };
const random: Random = { float: Math.random, bytes: (length) => new Uint8Array(length).fill(7) };

/** A control plane in memory with the HelmRelease controller against it, and charts that tests publish. */
export class HelmHome {
  readonly client: Client;
  /** Writes that reached the API from the controller, as `METHOD path`. */
  readonly writes: string[] = [];
  readonly #directory: string;
  readonly #charts = new Map<string, string>();
  readonly #plane: Awaited<ReturnType<typeof testControlPlane>>;
  #manager: Manager | undefined;
  #stop: (() => Promise<void>) | undefined;
  #abort: AbortController | undefined;
  #published = 0;
  /** The controller is told to stop when it sends its n-th write; that one still arrives. */
  stopAtWrite: number | undefined;
  stopped = false;
  #writesOfRun = 0;

  private constructor(plane: Awaited<ReturnType<typeof testControlPlane>>, directory: string) {
    this.#plane = plane;
    this.#directory = directory;
    this.client = createClient(plane.transport());
  }

  static async open(): Promise<HelmHome> {
    const home = new HelmHome(await testControlPlane(), await mkdtemp(join(tmpdir(), "capstan-helm-")));
    const kinds = [...SOURCES, HelmRelease];
    for (const kind of kinds) await home.client.create(kind.definition());
    for (const kind of kinds) await until(async () => (await home.client.resourceFor(kind)) !== undefined);
    for (const name of ["flux-system", "apps"]) {
      await home.client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    return home;
  }

  /** Starts (or starts again) the controller. */
  async start(settings: Partial<HelmSettings> = {}): Promise<void> {
    const client = createClient(this.#counting(this.#plane.transport()));
    const manager = createManager({ client, clock: systemClock, random });
    this.#manager = manager;
    registerHelmReleases(manager, {
      artifacts: { open: async ({ digest }) => this.#open(digest) },
      renderer: inlineRenderer(),
      settings: { dependencyRetryMs: 200, failureSettleMs: 100, ...settings },
    });
    const abort = new AbortController();
    this.#abort = abort;
    this.stopped = false;
    this.#writesOfRun = 0;
    const ended = manager.start(abort.signal);
    this.#stop = async () => {
      abort.abort();
      await ended;
    };
    await manager.ready();
  }

  async stop(): Promise<void> {
    await this.#stop?.();
    this.#stop = undefined;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#plane.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Makes a chart the newest artifact of an OCIRepository; returns the artifact's digest. */
  async publish(files: Readonly<Record<string, string>>, name = "chart", tag?: string): Promise<string> {
    this.#published += 1;
    const directory = join(this.#directory, String(this.#published));
    for (const [path, content] of Object.entries(files)) {
      const file = join(directory, "chart", path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    const digest = `sha256:${sha256Hex(JSON.stringify([this.#published, files]))}`;
    this.#charts.set(digest, directory);
    const revision = tag === undefined ? digest : `${tag}@${digest}`;
    await this.source("OCIRepository", name, { url: `http://x/${this.#published}.tgz`, digest, revision });
    return digest;
  }

  /** Sets what a source offers; creates it where it is not there. */
  async source(
    kind: string,
    name: string,
    artifact: Readonly<Record<string, string>>,
    namespace = "flux-system",
  ) {
    const ref = { apiVersion: "source.toolkit.fluxcd.io/v1", kind, namespace, name };
    const found = await this.client.tryGet(ref);
    const object =
      found ??
      (await this.client.create<KubeObject>({
        apiVersion: ref.apiVersion,
        kind,
        metadata: { namespace, name },
        spec: {},
      }));
    const body = { status: { observedGeneration: object.metadata.generation, artifact } };
    await this.client.patch(ref, { type: "merge", body }, { subresource: "status" });
  }

  /** Creates or changes a HelmRelease. */
  release(name: string, spec: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) {
    const full = {
      interval: "10m",
      ...(spec["chart"] === undefined ? { chartRef: { kind: "OCIRepository", name: "chart" } } : {}),
      ...spec,
    };
    return this.client.apply(
      { ...TYPE, metadata: { name, namespace: "flux-system", ...metadata }, spec: full },
      { fieldManager: "test", force: true },
    );
  }

  annotate(name: string, annotations: Record<string, string>) {
    const body = { metadata: { annotations } };
    return this.client.patch({ ...TYPE, namespace: "flux-system", name }, { type: "merge", body });
  }

  read(name: string): Promise<HelmRelease> {
    return this.client.get<HelmRelease>({ ...TYPE, namespace: "flux-system", name });
  }

  /** `True InstallSucceeded` */
  async condition(name: string, type = "Ready"): Promise<string> {
    const object = await this.client.tryGet<HelmRelease>({ ...TYPE, namespace: "flux-system", name });
    const found = object?.status?.conditions?.find((condition) => condition.type === type);
    return found === undefined ? "" : `${found.status} ${found.reason}`;
  }

  async message(name: string, type = "Ready"): Promise<string> {
    const object = await this.read(name);
    return object.status?.conditions?.find((condition) => condition.type === type)?.message ?? "";
  }

  async untilCondition(name: string, state: string, type = "Ready"): Promise<void> {
    await until(
      async () => (await this.condition(name, type)) === state,
      async () => JSON.stringify((await this.read(name)).status, undefined, 1),
    );
  }

  /** Resolves when the newest generation is settled and ready. */
  async untilReady(name: string): Promise<HelmRelease> {
    const isSettled = async () => {
      const { status, metadata } = await this.read(name);
      return (
        status?.observedGeneration === metadata.generation && (await this.condition(name)).startsWith("True ")
      );
    };
    await until(isSettled, async () => JSON.stringify((await this.read(name)).status, undefined, 1));
    return this.read(name);
  }

  /** Stored revisions, as `1 superseded, 2 deployed`. */
  async history(release: string, namespace = "flux-system"): Promise<string> {
    const records = await this.records(release, namespace);
    return records.map(({ version, info }) => `${version} ${info.status}`).join(", ");
  }

  async records(release: string, namespace = "flux-system"): Promise<ReleaseRecord[]> {
    const labelSelector = `owner=helm,name=${release}`;
    const { items } = await this.client.list(
      { apiVersion: "v1", kind: "Secret" },
      { namespace, labelSelector },
    );
    return items
      .map((secret) => {
        const data = secret["data"] as { release: string };
        return decodeRelease(Buffer.from(data.release, "base64").toString());
      })
      .sort((a, b) => a.version - b.version);
  }

  get(
    apiVersion: string,
    kind: string,
    name: string,
    namespace = "flux-system",
  ): Promise<KubeObject | undefined> {
    return this.client.tryGet({ apiVersion, kind, namespace, name });
  }

  /** Resolves when no run goes on and none is due. */
  async idle(): Promise<void> {
    let calm = 0;
    await until(async () => {
      calm = this.#manager?.idle === true ? calm + 1 : 0;
      return calm >= 3;
    });
  }

  async events(name: string): Promise<string[]> {
    await this.#manager?.recorder("helm-controller").flush();
    const list = await this.client.list({ apiVersion: "v1", kind: "Event" }, { namespace: "flux-system" });
    return list.items
      .filter((event) => (event["involvedObject"] as { name?: string }).name === name)
      .map((event) => `${event["type"]} ${event["reason"]}: ${event["message"]}`);
  }

  #open(digest: string) {
    const directory = this.#charts.get(digest);
    if (directory === undefined)
      throw Object.assign(new Error(`no artifact ${digest}`), { code: "not-found" });
    return { directory, digest, close: () => undefined };
  }

  #counting(transport: Transport): Transport {
    const note = (request: ApiRequest) => {
      if (request.method === "GET" || request.path.includes("/events")) return;
      const dry = request.query?.["dryRun"] === "All";
      if (!dry) this.#writesOfRun += 1;
      if (!dry && this.#writesOfRun === this.stopAtWrite) {
        this.stopped = true;
        this.#abort?.abort();
      }
      this.writes.push(`${request.method} ${request.path}${dry ? "?dry-run" : ""}`);
    };
    return {
      request: (request) => {
        note(request);
        return transport.request(request);
      },
      watch: (request) => transport.watch(request),
      stream: (request) => transport.stream(request),
      close: () => transport.close(),
    };
  }
}

/** A chart with one ConfigMap, and whatever more is given. */
export function chartFiles(
  version = "1.0.0",
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    "Chart.yaml": `apiVersion: v2\nname: app\nversion: ${version}\nappVersion: "${version}"\n`,
    "values.yaml": "message: hello\n",
    "templates/config.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-config\ndata:\n  message: {{ .Values.message | quote }}\n  version: {{ .Chart.Version | quote }}\n",
    ...more,
  };
}
