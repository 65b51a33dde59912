import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { testControlPlane } from "@capstan/control-plane";
import { type Client, createClient, type Manager, type Resource } from "@capstan/controller";
import type { ApiRequest, KubeObject, Transport } from "@capstan/kube";

type Plane = Awaited<ReturnType<typeof testControlPlane>>;

/** A control plane in memory, the writes of the controllers that run against it, and artifacts on disk. */
export abstract class ControllerHome {
  readonly client: Client;
  /** Writes that reached the API from the controllers, as `METHOD path`, with `?dry-run` where it was one. */
  readonly writes: string[] = [];
  /** The controllers end when they send their n-th write, as if killed: it arrives, and none after it. */
  stopAtWrite: number | undefined;
  stopped = false;
  readonly #plane: Plane;
  readonly #directory: string;
  readonly #artifacts = new Map<string, string>();
  #manager: Manager | undefined;
  #stop: (() => Promise<void>) | undefined;
  #abort: AbortController | undefined;
  #writesOfRun = 0;

  protected constructor(plane: Plane, directory: string) {
    this.#plane = plane;
    this.#directory = directory;
    this.client = createClient(plane.transport());
  }

  /** What the constructor takes: a control plane and a directory of its own. */
  protected static async parts(): Promise<[Plane, string]> {
    return [await testControlPlane(), await mkdtemp(join(tmpdir(), "capstan-delivery-"))];
  }

  /** Defines the kinds and makes the namespaces `flux-system` and `apps`. */
  protected async prepare(kinds: readonly Resource[]): Promise<void> {
    for (const kind of kinds) await this.client.create(kind.definition());
    for (const kind of kinds) await until(async () => (await this.client.resourceFor(kind)) !== undefined);
    for (const name of ["flux-system", "apps"]) {
      await this.client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
  }

  /** A client for controllers, whose writes are counted. */
  protected controllerClient(): Client {
    return createClient(this.#counting(this.#plane.transport()));
  }

  /** Runs a manager until `stop` (or `stopAtWrite`). */
  protected async run(manager: Manager): Promise<void> {
    this.#manager = manager;
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

  /** Writes a tree of files that `open` gives for the digest. */
  protected async keep(digest: string, files: Readonly<Record<string, string>>): Promise<void> {
    const directory = join(this.#directory, String(this.#artifacts.size));
    await mkdir(directory, { recursive: true });
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    this.#artifacts.set(digest, directory);
  }

  protected open(digest: string) {
    const directory = this.#artifacts.get(digest);
    if (directory === undefined) {
      throw Object.assign(new Error(`no artifact has the digest ${digest}`), { code: "not-found" });
    }
    return { directory, digest, close: () => undefined };
  }

  get(apiVersion: string, kind: string, name: string, namespace: string): Promise<KubeObject | undefined> {
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

  /** What a controller said about an object, as `Normal Reason: message`. */
  protected async eventsOf(controller: string, name: string): Promise<string[]> {
    await this.#manager?.recorder(controller).flush();
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
        if (this.stopped && request.method !== "GET")
          return Promise.reject(new Error("the process was killed"));
        note(request);
        return transport.request(request);
      },
      watch: (request) => transport.watch(request),
      stream: (request) => transport.stream(request),
      close: () => transport.close(),
    };
  }
}

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
