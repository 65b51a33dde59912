import { systemClock } from "@capstan/control-plane";
import { createManager, defineResource } from "@capstan/controller";
import { decodeRelease, type ReleaseRecord } from "@capstan/helm";
import { type KubeObject, type Random, sha256Hex } from "@capstan/kube";
import { z } from "zod";
import { registerHelmReleases } from "../helmrelease/controller.js";
import { HelmRelease } from "../helmrelease/resource.js";
import type { HelmSettings } from "../helmrelease/settings.js";
import { inlineRenderer } from "../render/inline-renderer.js";
import { ControllerHome, until } from "./controller-home.js";

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

/** The HelmRelease controller against a control plane in memory, and charts that tests publish. */
export class HelmHome extends ControllerHome {
  #published = 0;

  static async open(): Promise<HelmHome> {
    const home = new HelmHome(...(await ControllerHome.parts()));
    await home.prepare([...SOURCES, HelmRelease]);
    return home;
  }

  /** Starts (or starts again) the controller. */
  async start(settings: Partial<HelmSettings> = {}): Promise<void> {
    const manager = createManager({ client: this.controllerClient(), clock: systemClock, random });
    registerHelmReleases(manager, {
      artifacts: { open: async ({ digest }) => this.open(digest) },
      renderer: inlineRenderer(),
      settings: { dependencyRetryMs: 200, failureSettleMs: 100, ...settings },
    });
    await this.run(manager);
  }

  /** Makes a chart the newest artifact of an OCIRepository; returns the artifact's digest. */
  async publish(files: Readonly<Record<string, string>>, name = "chart", tag?: string): Promise<string> {
    this.#published += 1;
    const digest = `sha256:${sha256Hex(JSON.stringify([this.#published, files]))}`;
    const placed = Object.entries(files).map(([path, content]) => [`chart/${path}`, content] as const);
    await this.keep(digest, Object.fromEntries(placed));
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

  override get(apiVersion: string, kind: string, name: string, namespace = "flux-system") {
    return super.get(apiVersion, kind, name, namespace);
  }

  events(name: string): Promise<string[]> {
    return this.eventsOf("helm-controller", name);
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
