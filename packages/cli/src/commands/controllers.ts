import { hostname } from "node:os";
import { join } from "node:path";
import { artifactHandler } from "@capstan/artifacts";
import {
  type Client,
  controllerMetrics,
  createClient,
  createManager,
  httpTransport,
  inClusterConfig,
  loadKubeconfig,
} from "@capstan/controller";
import { parseLabelSelector, sha256Hex } from "@capstan/kube";
import { dataDirectory, prepareDataDirectory } from "../data-directory.js";
import { CommandError, exitCode } from "../exit-code.js";
import { openArtifactHome } from "../home/artifact-home.js";
import type { DeliveryFlags } from "../home/delivery-flags.js";
import { deliverySettings } from "../home/delivery-settings.js";
import { isOn, notesOnFluxFlags } from "../home/flux-flags.js";
import { healthHandler } from "../home/health-handler.js";
import { listenOn } from "../home/listen.js";
import { logEvent, openLogStream } from "../home/log-stream.js";
import { definitions, installDefinitions, registerReconcilers } from "../home/reconcilers.js";
import { remoteFetcher } from "../home/remote-bases.js";
import type { SourceFlags } from "../home/source-flags.js";
import { sourceSettings } from "../home/source-settings.js";
import { holdHeapGrowth } from "../home/v8-engine.js";
import type { Io } from "../io.js";

export interface ControllersOptions extends DeliveryFlags, SourceFlags {
  /** Left out: the cluster that this process runs in. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly dataDir?: string;
  /** `host:port` that artifacts are served on. */
  readonly storageAddr?: string;
  /** `host:port` or URL under which others reach it; that of `storageAddr` where left out. */
  readonly storageAdvAddr?: string;
  /** `host:port` of `/healthz`, `/readyz` and `/metrics`. */
  readonly healthAddr?: string;
  readonly leaderElection?: boolean;
  /** Namespace of the Lease. */
  readonly namespace?: string;
  /** Whether to create and update the definitions that the controllers need. */
  readonly installDefinitions?: boolean;
  /** Whether sources may name directories of this machine. */
  readonly allowLocal?: boolean;
  /** Only Kustomizations, HelmReleases and sources with these labels: a shard. */
  readonly watchLabelSelector?: string;
  /** Objects of a kind that are handled at a time. */
  readonly concurrent?: string;
  /** As `leaderElection`, by Flux's name. */
  readonly enableLeaderElection?: string | boolean;
}

/** `capstan controllers`: the reconcilers alone, against any Kubernetes API, until told to end. */
export async function controllers(options: ControllersOptions, io: Io): Promise<void> {
  const { clock, random, environment } = io;
  holdHeapGrowth();
  for (const note of notesOnFluxFlags({ ...options })) io.progress.warning(note);
  const concurrency = concurrencyOf(options.concurrent);
  const directory = dataDirectory(options.dataDir, environment);
  await prepareDataDirectory(directory);
  const allowLocal = options.allowLocal ?? false;
  const namespace = options.namespace ?? "capstan-system";
  const settings = deliverySettings(options, namespace);
  const selection = shardOf(options.watchLabelSelector);
  const client = await connect(options, io);
  const log = openLogStream({ clock, write: io.err });
  let advertised = options.storageAdvAddr ?? "";
  const artifacts = openArtifactHome({
    directory,
    clock,
    random,
    environment,
    allowLocal,
    settings: sourceSettings(options),
    baseUrl: () => advertised,
  });
  const files = artifactHandler(artifacts.storage);
  const storage = await listenOn(
    parseAddress(options.storageAddr ?? "127.0.0.1:9090"),
    (request, response) => void files(request, response),
  );
  if (advertised === "") advertised = `http://${storage.address}`;
  const stop = new AbortController();
  const metrics = controllerMetrics();
  const manager = createManager({
    client,
    clock,
    random,
    logger: log,
    metrics,
    onEvent: logEvent(log),
    instance: hostname(),
    ...(selection === undefined ? {} : { selection }),
    ...(options.leaderElection === true || isOn(options.enableLeaderElection)
      ? { leaderElection: leaderElection(options, random.bytes(4)) }
      : {}),
  });
  const health = await listenOn(
    parseAddress(options.healthAddr ?? "127.0.0.1:9440"),
    healthHandler({ ready: () => manager.ready(), metrics: () => metrics.registry.metrics() }),
  );
  try {
    if (options.installDefinitions !== false) {
      await installDefinitions(client, definitions({ allowLocal }), io.signal);
    }
    const { delivery } = registerReconcilers(manager, {
      ...artifacts,
      allowLocal,
      settings,
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(options.remoteBases === true
        ? { remoteBases: remoteFetcher(artifacts.runner, allowLocal, join(directory.renderCache, "bases")) }
        : {}),
    });
    io.progress.success(`reconciling; artifacts at ${advertised}, health at http://${health.address}`);
    io.signal.addEventListener("abort", () => stop.abort(), { once: true });
    if (io.signal.aborted) stop.abort();
    await manager.start(stop.signal);
    await delivery.close();
  } finally {
    await Promise.all([storage.close(), health.close()]);
    await client.close();
  }
}

function concurrencyOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d{1,3}$/.test(text) && number > 0) return number;
  throw new CommandError(
    `--concurrent is a number from 1 to 999, not ${JSON.stringify(text)}`,
    exitCode.usage,
  );
}

async function connect(options: ControllersOptions, io: Io): Promise<Client> {
  const path = options.kubeconfig ?? io.environment["KUBECONFIG"];
  const { context } = options;
  const config =
    path === undefined || path === ""
      ? await inClusterConfig(io.environment)
      : await loadKubeconfig(path, context === undefined ? {} : { context });
  if (config === undefined) {
    throw new CommandError(
      "name a cluster: --kubeconfig FILE [--context NAME], or run inside one",
      exitCode.usage,
    );
  }
  return createClient(httpTransport(config, { clock: io.clock, userAgent: "capstan" }));
}

function leaderElection(options: ControllersOptions, suffix: Uint8Array) {
  return {
    name: leaseName(options.watchLabelSelector),
    namespace: options.namespace ?? "capstan-system",
    identity: `${hostname()}_${Buffer.from(suffix).toString("hex")}`,
  };
}

/** Each shard has a leader of its own. */
function leaseName(selector: string | undefined): string {
  const name = "capstan-controllers";
  return selector === undefined ? name : `${name}-${sha256Hex(selector).slice(0, 8)}`;
}

function shardOf(labelSelector: string | undefined): { readonly labelSelector: string } | undefined {
  if (labelSelector === undefined) return undefined;
  try {
    parseLabelSelector(labelSelector);
  } catch (cause) {
    const message = `--watch-label-selector: ${JSON.stringify(labelSelector)} is no label selector`;
    throw new CommandError(message, exitCode.usage, { cause });
  }
  return { labelSelector };
}

/** Reads `host:port`, `:port` (all addresses) or `port`. */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:(.*):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw new CommandError(`${JSON.stringify(text)} is no address; write host:port`, exitCode.usage);
  }
  const host = match[1] === undefined ? "127.0.0.1" : match[1] === "" ? "0.0.0.0" : match[1];
  return { host, port };
}
