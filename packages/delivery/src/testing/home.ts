import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { testControlPlane } from "@capstan/control-plane";
import {
  type Client,
  createClient,
  createManager,
  defineResource,
  type Manager,
  type ManagerOptions,
} from "@capstan/controller";
import {
  type ApiRequest,
  type Clock,
  type KubeObject,
  type Random,
  sha256Hex,
  type Transport,
} from "@capstan/kube";
import { z } from "zod";
import { Kustomization } from "../kustomization/resource.js";
import { type Delivery, type DeliveryOptions, registerDelivery } from "../register-delivery.js";
import { inlineRenderer } from "../render/inline-renderer.js";

const any = () => z.looseObject({}).optional().meta({ "x-kubernetes-preserve-unknown-fields": true });

const GitRepository = defineResource({
  group: "source.toolkit.fluxcd.io",
  version: "v1",
  kind: "GitRepository",
  plural: "gitrepositories",
  spec: any(),
  status: any(),
});

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const random: Random = { float: Math.random, bytes: (length) => new Uint8Array(length) };

/** A write that reached the API, as `METHOD path`, with `?dry-run` where it was one. */
export type Write = string;

/** A control plane in memory with delivery running against it, and a source that tests commit to. */
export class Home {
  readonly client: Client;
  readonly writes: Write[] = [];
  readonly #directory: string;
  readonly #trees = new Map<string, string>();
  readonly #plane: Awaited<ReturnType<typeof testControlPlane>>;
  #manager: Manager | undefined;
  #stop: (() => Promise<void>) | undefined;
  #commits = 0;
  #writesOfRun = 0;
  #abort: AbortController | undefined;
  delivery: Delivery | undefined;
  /** The controller is told to stop when it sends its n-th write; that one still arrives. */
  stopAtWrite: number | undefined;
  stopped = false;

  private constructor(plane: Awaited<ReturnType<typeof testControlPlane>>, directory: string) {
    this.#plane = plane;
    this.#directory = directory;
    this.client = createClient(plane.transport());
  }

  static async open(): Promise<Home> {
    const home = new Home(await testControlPlane(), await mkdtemp(join(tmpdir(), "capstan-delivery-")));
    for (const definition of [GitRepository.definition(), Kustomization.definition()]) {
      await home.client.create(definition);
    }
    for (const type of [GitRepository, Kustomization]) {
      await until(async () => (await home.client.resourceFor(type)) !== undefined);
    }
    for (const name of ["flux-system", "apps"]) {
      await home.client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    return home;
  }

  /** Starts (or starts again) the controller. */
  async start({
    selection,
    ...options
  }: Partial<DeliveryOptions> & Pick<ManagerOptions, "selection"> = {}): Promise<void> {
    const client = createClient(this.#counting(this.#plane.transport()));
    const manager = createManager({
      client,
      clock: systemClock,
      random,
      ...(selection === undefined ? {} : { selection }),
    });
    this.#manager = manager;
    this.delivery = registerDelivery(manager, {
      artifacts: { open: async ({ digest }) => this.#open(digest) },
      renderer: inlineRenderer(),
      ...options,
    });
    const abort = new AbortController();
    const ended = manager.start(abort.signal);
    this.stopped = false;
    this.#writesOfRun = 0;
    this.#abort = abort;
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

  /** Makes a tree of files the newest artifact of the source; returns its revision. */
  async commit(files: Readonly<Record<string, string>>, source = "repo"): Promise<string> {
    this.#commits += 1;
    const directory = join(this.#directory, String(this.#commits));
    await mkdir(directory, { recursive: true });
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    const digest = `sha256:${sha256Hex(JSON.stringify([this.#commits, files]))}`;
    this.#trees.set(digest, directory);
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

  get(apiVersion: string, kind: string, name: string, namespace = "apps"): Promise<KubeObject | undefined> {
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
    await this.#manager?.recorder("kustomize-controller").flush();
    const list = await this.client.list({ apiVersion: "v1", kind: "Event" }, { namespace: "flux-system" });
    return list.items
      .filter((event) => (event["involvedObject"] as { name?: string }).name === name)
      .map((event) => `${event["type"]} ${event["reason"]}: ${event["message"]}`);
  }

  async counter(name: string): Promise<number> {
    const metric = this.#manager?.metrics.registry.getSingleMetric(name);
    const { values = [] } = (await metric?.get()) ?? {};
    return values.reduce((sum, one) => sum + one.value, 0);
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

  #open(digest: string) {
    const directory = this.#trees.get(digest);
    if (directory === undefined) throw new Error(`no artifact has the digest ${digest}`);
    return { directory, digest, close: () => undefined };
  }

  #counting(transport: Transport): Transport {
    const note = (request: ApiRequest) => {
      if (request.method === "GET" || request.path.includes("/events")) return;
      this.#writesOfRun += 1;
      if (this.#writesOfRun === this.stopAtWrite) {
        this.stopped = true;
        this.#abort?.abort();
      }
      this.writes.push(
        `${request.method} ${request.path}${request.query?.["dryRun"] === "All" ? "?dry-run" : ""}`,
      );
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

const TYPE = { apiVersion: Kustomization.apiVersion, kind: Kustomization.kind };

/** Resolves when `check` holds; rejects after ten seconds, saying what `explain` says. */
export async function until(check: () => Promise<boolean>, explain?: () => Promise<string>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await check())) {
    if (Date.now() > deadline) {
      throw new Error(`gave up waiting${explain === undefined ? "" : `: ${await explain()}`}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
