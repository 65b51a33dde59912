import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Artifact, ArtifactReader, ArtifactStore, artifactHandler } from "@capstan/artifacts";
import { systemClock, testControlPlane } from "@capstan/control-plane";
import { type Client, createClient, createManager } from "@capstan/controller";
import { GitClient, type GitClientOptions, GitRunner } from "@capstan/git";
import type { Condition, KubeObject, Random } from "@capstan/kube";
import { afterEach } from "vitest";
import { ArtifactGenerator } from "../api/artifact-generator.js";
import { Bucket } from "../api/bucket.js";
import { ExternalArtifact } from "../api/external-artifact.js";
import { type GitRepositoryObject, gitRepositoryResource } from "../api/git-repository.js";
import { HelmChart } from "../api/helm-chart.js";
import { HelmRepository } from "../api/helm-repository.js";
import { OCIRepository } from "../api/oci-repository.js";
import { registerSources, type Sources, type SourcesOptions } from "../register.js";

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function onCleanup(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-sources-"));
  onCleanup(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

const fixedRandom: Random = { float: () => 0.5, bytes: (length) => new Uint8Array(length) };

/** An object of a source kind, as far as all kinds have the same. */
export type AnySource = KubeObject & {
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly artifact?: Artifact;
    readonly observedGeneration?: number;
    readonly lastHandledReconcileAt?: string;
    readonly url?: string;
  };
};

/** One object of a kind. */
interface SourceHandle {
  create(spec: Record<string, unknown>): Promise<void>;
  patch(body: unknown): Promise<void>;
  get(): Promise<AnySource>;
  until(wanted: (object: AnySource) => boolean): Promise<AnySource>;
  /** Asks for a run and waits until it was answered. */
  reconcile(token: string): Promise<AnySource>;
}

/** A control plane in memory with the sources running on it. */
export interface Home {
  readonly client: Client;
  readonly sources: Sources;
  readonly storage: ArtifactStore;
  readonly reader: ArtifactReader;
  readonly git: GitClient;
  /** Stops the controllers, as the end of the process would; the API stays. */
  stop(): Promise<void>;
  create(spec: Record<string, unknown>, name?: string): Promise<GitRepositoryObject>;
  get(name?: string): Promise<GitRepositoryObject>;
  patch(body: unknown, name?: string): Promise<void>;
  /** Waits until an object is as `wanted` says, and gives it. */
  until(wanted: (object: GitRepositoryObject) => boolean, name?: string): Promise<GitRepositoryObject>;
  secret(name: string, data: Record<string, string>): Promise<void>;
  /** The same for the other kinds of source; their objects are called `demo`. */
  of(kind: "OCIRepository" | "HelmRepository" | "Bucket" | "HelmChart"): SourceHandle;
}

export async function startHome(
  options: Pick<GitClientOptions, "maxFetchBytes" | "localRepository" | "treeLimits"> &
    Pick<SourcesOptions, "cloud" | "limits" | "noCrossNamespaceRefs"> = {},
): Promise<Home> {
  const root = await temporaryDirectory();
  const plane = await testControlPlane();
  const client = createClient(plane.transport());
  for (const resource of [
    gitRepositoryResource({ allowLocal: true }),
    OCIRepository,
    HelmRepository,
    Bucket,
    HelmChart,
    ExternalArtifact,
    ArtifactGenerator,
  ]) {
    await client.create(resource.definition());
  }
  let base = "";
  const storage = new ArtifactStore({
    directory: join(root, "storage"),
    baseUrl: () => base,
    clock: systemClock,
  });
  const server = createServer((request, response) => void artifactHandler(storage)(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const reader = new ArtifactReader({
    directory: join(root, "trees"),
    clock: systemClock,
    random: fixedRandom,
    localFile: (url) => storage.fileOfUrl(url),
  });
  const git = new GitClient({
    runner: new GitRunner({ clock: systemClock, environment: { PATH: process.env["PATH"] } }),
    cacheDirectory: join(root, "git"),
    temporaryDirectory: root,
    allowLocal: true,
    ...options,
  });
  const manager = createManager({ client, clock: systemClock, random: fixedRandom });
  const { cloud, limits, noCrossNamespaceRefs = false } = options;
  const sources = registerSources(manager, {
    git,
    storage,
    reader,
    allowLocal: true,
    dependencyRetryMs: 50,
    noCrossNamespaceRefs,
    ...(cloud === undefined ? {} : { cloud }),
    ...(limits === undefined ? {} : { limits }),
  });
  const stop = new AbortController();
  const running = manager.start(stop.signal);
  const halt = async () => {
    stop.abort();
    await running;
  };
  onCleanup(async () => {
    await halt();
    server.close();
    await plane.close();
  });
  await manager.ready();
  const ref = (name: string) => ({ ...GIT_REPOSITORY, namespace: "default", name });
  const home: Home = {
    stop: halt,
    of: (kind) => handleOf(client, kind),
    client,
    sources,
    storage,
    reader,
    git,
    create: (spec, name = "demo") =>
      client.create({
        ...GIT_REPOSITORY,
        metadata: { name, namespace: "default" },
        spec: { interval: "1h", ...spec },
      } as KubeObject) as Promise<GitRepositoryObject>,
    get: (name = "demo") => client.get<GitRepositoryObject>(ref(name)),
    patch: async (body, name = "demo") => {
      await client.patch(ref(name), { type: "merge", body });
    },
    until: async (wanted, name = "demo") => {
      const deadline = Date.now() + 15_000;
      for (;;) {
        const object = await client.tryGet<GitRepositoryObject>(ref(name));
        if (object !== undefined && wanted(object)) return object;
        if (Date.now() > deadline) throw new Error(`not reached: ${JSON.stringify(object?.status, null, 1)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    secret: async (name, data) => {
      await client.create({
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, namespace: "default" },
        stringData: data,
      });
    },
  };
  return home;
}

function handleOf(client: Client, kind: string): SourceHandle {
  const ref = { apiVersion: GIT_REPOSITORY.apiVersion, kind, namespace: "default", name: "demo" };
  const handle: SourceHandle = {
    create: async (spec) => {
      const { apiVersion, name, namespace } = ref;
      await client.create({
        apiVersion,
        kind,
        metadata: { name, namespace },
        spec: { interval: "1h", ...spec },
      });
    },
    patch: async (body) => {
      await client.patch(ref, { type: "merge", body });
    },
    get: () => client.get<AnySource>(ref),
    until: async (wanted) => {
      const deadline = Date.now() + 15_000;
      for (;;) {
        const object = await handle.get();
        if (wanted(object)) return object;
        if (Date.now() > deadline) throw new Error(`not reached: ${JSON.stringify(object.status, null, 1)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    reconcile: async (token) => {
      await handle.patch({ metadata: { annotations: { "reconcile.fluxcd.io/requestedAt": token } } });
      return handle.until((object) => object.status?.lastHandledReconcileAt === token);
    },
  };
  return handle;
}

const GIT_REPOSITORY = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "GitRepository" };

/** The condition of a type, or an empty one. */
export function conditionOf(object: GitRepositoryObject | AnySource, type: string) {
  return object.status?.conditions?.find((condition) => condition.type === type);
}

export function isReadyNow(object: GitRepositoryObject | AnySource): boolean {
  return (
    conditionOf(object, "Ready")?.status === "True" &&
    object.status?.observedGeneration === object.metadata.generation
  );
}

/** Starts a server on a free port of the loopback interface; gives `host:port`. */
export async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
