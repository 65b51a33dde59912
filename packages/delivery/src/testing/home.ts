import { systemClock } from "@capstan/control-plane";
import { createManager, defineResource, type ManagerOptions } from "@capstan/controller";
import { type Random, sha256Hex } from "@capstan/kube";
import { z } from "zod";
import { Kustomization } from "../kustomization/resource.js";
import { type Delivery, type DeliveryOptions, registerDelivery } from "../register-delivery.js";
import { inlineRenderer } from "../render/inline-renderer.js";
import { ControllerHome, until } from "./controller-home.js";

const any = () => z.looseObject({}).optional().meta({ "x-kubernetes-preserve-unknown-fields": true });

const GitRepository = defineResource({
  group: "source.toolkit.fluxcd.io",
  version: "v1",
  kind: "GitRepository",
  plural: "gitrepositories",
  spec: any(),
  status: any(),
});

const random: Random = { float: Math.random, bytes: (length) => new Uint8Array(length) };

/** Delivery running against a control plane in memory, and a source that tests commit to. */
export class Home extends ControllerHome {
  delivery: Delivery | undefined;
  #commits = 0;

  static async open(): Promise<Home> {
    const home = new Home(...(await ControllerHome.parts()));
    await home.prepare([GitRepository, Kustomization]);
    return home;
  }

  /** Starts (or starts again) the controller. */
  async start({
    selection,
    ...options
  }: Partial<DeliveryOptions> & Pick<ManagerOptions, "selection"> = {}): Promise<void> {
    const manager = createManager({
      client: this.controllerClient(),
      clock: systemClock,
      random,
      ...(selection === undefined ? {} : { selection }),
    });
    this.delivery = registerDelivery(manager, {
      artifacts: { open: async ({ digest }) => this.open(digest) },
      renderer: inlineRenderer(),
      ...options,
    });
    await this.run(manager);
  }

  /** Makes a tree of files the newest artifact of the source; returns its revision. */
  async commit(files: Readonly<Record<string, string>>, source = "repo"): Promise<string> {
    this.#commits += 1;
    const digest = `sha256:${sha256Hex(JSON.stringify([this.#commits, files]))}`;
    await this.keep(digest, files);
    const revision = `main@sha1:${String(this.#commits).padStart(40, "0")}`;
    await this.#publish(source, { digest, revision, path: "x", url: `http://x/${this.#commits}.tar.gz` });
    return revision;
  }

  /** Creates or changes a Kustomization. */
  async kustomization(
    name: string,
    spec: Record<string, unknown> = {},
    metadata: Record<string, unknown> = {},
  ) {
    const full = {
      interval: "10m",
      prune: true,
      sourceRef: { kind: "GitRepository", name: "repo" },
      ...spec,
    };
    return this.client.apply(
      { ...TYPE, metadata: { name, namespace: "flux-system", ...metadata }, spec: full },
      { fieldManager: "test", force: true },
    );
  }

  async read(name: string): Promise<Kustomization> {
    return this.client.get<Kustomization>({ ...TYPE, namespace: "flux-system", name });
  }

  /** `True ReconciliationSucceeded` */
  async ready(name: string): Promise<string> {
    const object = await this.client.tryGet<Kustomization>({ ...TYPE, namespace: "flux-system", name });
    const ready = object?.status?.conditions?.find((condition) => condition.type === "Ready");
    return ready === undefined ? "" : `${ready.status} ${ready.reason}`;
  }

  async message(name: string, type = "Ready"): Promise<string> {
    const object = await this.read(name);
    return object.status?.conditions?.find((condition) => condition.type === type)?.message ?? "";
  }

  async untilReady(name: string, revision?: string): Promise<void> {
    await until(async () => {
      if ((await this.ready(name)) !== "True ReconciliationSucceeded") return false;
      const { status, metadata } = await this.read(name);
      if (status?.observedGeneration !== metadata.generation) return false;
      return revision === undefined || status?.lastAppliedRevision === revision;
    });
  }

  async untilCondition(name: string, state: string): Promise<void> {
    await until(
      async () => (await this.ready(name)) === state,
      () => this.message(name),
    );
  }

  override get(apiVersion: string, kind: string, name: string, namespace = "apps") {
    return super.get(apiVersion, kind, name, namespace);
  }

  events(name: string): Promise<string[]> {
    return this.eventsOf("kustomize-controller", name);
  }

  async #publish(source: string, artifact: Record<string, string>): Promise<void> {
    const ref = {
      apiVersion: GitRepository.apiVersion,
      kind: GitRepository.kind,
      namespace: "flux-system",
      name: source,
    };
    if ((await this.client.tryGet(ref)) === undefined) {
      const { apiVersion, kind, namespace, name } = ref;
      await this.client.create({ apiVersion, kind, metadata: { namespace, name }, spec: {} });
    }
    const body = { status: { artifact: { ...artifact, lastUpdateTime: "2026-01-01T00:00:00Z" } } };
    await this.client.patch(ref, { type: "merge", body }, { subresource: "status" });
  }
}

const TYPE = { apiVersion: Kustomization.apiVersion, kind: Kustomization.kind };
