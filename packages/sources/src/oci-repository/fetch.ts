import { createReadStream, createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  type Artifact,
  ArtifactError,
  composeTree,
  DEFAULT_TREE_LIMITS,
  loadIgnoreRules,
  readDirectoryTree,
  unpackTarball,
} from "@capstan/artifacts";
import { compareVersions, deepEqual, getCondition, satisfies } from "@capstan/kube";
import { type Descriptor, type Manifest, type OciClient, OciError, parseOciUrl } from "@capstan/oci";
import { RE2JS } from "re2js";
import type { OCIRepositoryObject } from "../api/oci-repository.js";
import type { CloudLogin } from "../cloud/registry.js";
import { type FailureReasons, SourceFailed } from "../failure.js";
import { parseStrictVersion } from "../helm-chart/version.js";
import {
  type Fetched,
  type SourceDependencies,
  type SourceRun,
  storageFailure,
} from "../source/reconcile.js";
import { connectionOf, withRegistry } from "./connection.js";
import type { PublicRoot } from "./trusted-root.js";
import { verifySignature } from "./verification.js";

type Run = SourceRun<OCIRepositoryObject>;

export interface OciDependencies extends SourceDependencies, CloudLogin {
  readonly publicRoot: PublicRoot;
}

/** Looks at the registry, and stores the layer where it is not the one that is stored. */
export async function fetchOciRepository(run: Run, dependencies: OciDependencies): Promise<Fetched> {
  const { spec } = run.object;
  try {
    parseOciUrl(spec.url);
  } catch (error) {
    throw fetchFailed("URLInvalid", messageOf(error), "stall");
  }
  if (spec.provider !== "generic" && spec.serviceAccountName !== undefined) {
    const message =
      "to use spec.serviceAccountName for provider authentication please enable the ObjectLevelWorkloadIdentity feature gate";
    throw fetchFailed("FeatureGateDisabled", message, "stall");
  }
  const target = { ...spec, namespace: run.object.metadata.namespace };
  const connection = await connectionOf(target, run.context, dependencies);
  return withRegistry({ ...connection, url: spec.url }, spec.insecure === true, (client) =>
    follow(client, run, dependencies),
  );
}

async function follow(client: OciClient, run: Run, dependencies: OciDependencies): Promise<Fetched> {
  const { object, artifact, signal } = run;
  const { spec, status } = object;
  const { digest, revision } = await resolveRevision(client, object, signal);
  const sameBuild =
    spec.ignore === status?.observedIgnore &&
    deepEqual(spec.layerSelector ?? null, status?.observedLayerSelector ?? null);
  if (spec.verify !== undefined && needsVerification(object, artifact, revision)) {
    const subject = { verify: spec.verify, namespace: object.metadata.namespace, url: spec.url };
    const result = await verifySignature(
      client,
      digest,
      subject,
      run.context,
      dependencies.publicRoot,
      signal,
    );
    if (result === "verified") run.verified = `verified signature of revision ${digest}`;
  }
  // Only what is verified counts as a revision that is waited for.
  run.revision = revision;
  if (artifact?.revision === revision && sameBuild) return { kind: "current", artifact };
  const manifest = await pull(client, digest, spec.url, signal);
  const stored = await storeLayer(client, manifest, run, dependencies, digest);
  return {
    kind: "stored",
    artifact: stored,
    event: describe(stored, spec.url),
    fields: { observedIgnore: spec.ignore, observedLayerSelector: spec.layerSelector },
  };
}

function needsVerification(
  object: OCIRepositoryObject,
  artifact: Artifact | undefined,
  revision: string,
): boolean {
  const verified = getCondition(object.status?.conditions, "SourceVerified");
  return (
    artifact?.revision !== revision ||
    verified?.status !== "True" ||
    verified.observedGeneration !== object.metadata.generation
  );
}

async function resolveRevision(
  client: OciClient,
  { spec }: OCIRepositoryObject,
  signal: AbortSignal,
): Promise<{ digest: string; revision: string }> {
  const { digest, semver, semverFilter, tag = "latest" } = spec.ref ?? {};
  if (digest !== undefined) return { digest, revision: digest };
  const chosen =
    semver === undefined ? tag : await highestTag(client, semver, semverFilter, spec.url, signal);
  try {
    const found = await client.resolve(chosen, signal);
    return { digest: found, revision: `${chosen}@${found}` };
  } catch (error) {
    throw ociFailure(error, "OCIArtifactPullFailed", "failed to determine artifact digest");
  }
}

async function highestTag(
  client: OciClient,
  range: string,
  filter: string | undefined,
  url: string,
  signal: AbortSignal,
): Promise<string> {
  const attempted = `failed to determine the artifact tag for '${url}'`;
  try {
    const pattern = filter === undefined ? undefined : RE2JS.compile(filter);
    const candidates = (await client.tags(signal))
      .filter((tag) => pattern === undefined || pattern.matcher(tag).find())
      .flatMap((tag) => {
        const version = parseStrictVersion(tag.replaceAll("_", "+"));
        return version !== undefined && satisfies(version, range) ? [{ tag, version }] : [];
      })
      .sort((a, b) => compareVersions(b.version, a.version));
    const [best] = candidates;
    if (best !== undefined) return best.tag;
  } catch (error) {
    signal.throwIfAborted();
    throw new SourceFailed(
      {
        condition: "FetchFailed",
        reason: "ReadOperationFailed",
        message: `${attempted}: ${messageOf(error)}`,
        next: "retry",
      },
      { cause: error },
    );
  }
  throw fetchFailed("ReadOperationFailed", `${attempted}: no match found for semver: ${range}`, "retry");
}

async function pull(client: OciClient, digest: string, url: string, signal: AbortSignal): Promise<Manifest> {
  try {
    return await client.manifest(digest, signal);
  } catch (error) {
    throw ociFailure(error, "OCIArtifactPullFailed", `failed to pull artifact from '${url}'`);
  }
}

async function storeLayer(
  client: OciClient,
  manifest: Manifest,
  run: Run,
  dependencies: SourceDependencies,
  digest: string,
): Promise<Artifact> {
  const { spec } = run.object;
  const layer = selectLayer(manifest, spec.layerSelector?.mediaType);
  const { annotations } = manifest;
  const draft = {
    owner: run.owner,
    file: `${digest}.tar.gz`,
    revision: run.revision ?? digest,
    ...(Object.keys(annotations).length === 0 ? {} : { metadata: annotations }),
  };
  try {
    if (spec.layerSelector?.operation === "copy") {
      return await dependencies.storage.putBytes(draft, client.blob(layer, run.signal), run.signal);
    }
    return await dependencies.storage.withWorkDirectory(async (directory) => {
      const tree = await unpackLayer(client, layer, directory, run, dependencies);
      const ignore = await loadIgnoreRules(tree, spec.ignore);
      return dependencies.storage.putTree(draft, tree, { ignore, signal: run.signal });
    });
  } catch (error) {
    run.signal.throwIfAborted();
    if (OciError.is(error)) {
      throw ociFailure(
        error,
        "OCIArtifactLayerOperationFailed",
        "failed to extract layer contents from artifact",
      );
    }
    throw storageFailure(error);
  }
}

/** The whole blob is on disk, and verified, before any of it is read. */
async function unpackLayer(
  client: OciClient,
  layer: Descriptor,
  directory: string,
  run: Run,
  dependencies: SourceDependencies,
) {
  const limits = dependencies.limits ?? DEFAULT_TREE_LIMITS;
  if (layer.size > limits.maxBytes) {
    throw new OciError(
      "too-large",
      `the layer has ${layer.size} bytes, more than the ${limits.maxBytes} allowed`,
    );
  }
  const archive = join(directory, "layer.tar.gz");
  const target = join(directory, "tree");
  await mkdir(target, { mode: 0o700 });
  await pipeline(client.blob(layer, run.signal), createWriteStream(archive, { mode: 0o600 }), {
    signal: run.signal,
  });
  try {
    await unpackTarball(createReadStream(archive), target, { limits, signal: run.signal });
  } catch (error) {
    if (!ArtifactError.is(error, "corrupt", "unsafe-path", "too-large")) throw error;
    throw fetchFailed(
      "OCIArtifactLayerOperationFailed",
      `failed to extract layer contents from artifact: ${error.message}`,
      "retry",
    );
  }
  return composeTree([await readDirectoryTree(target, limits)], limits);
}

function selectLayer(manifest: Manifest, mediaType: string | undefined): Descriptor {
  const layer =
    mediaType === undefined ? manifest.layers[0] : manifest.layers.find((one) => one.mediaType === mediaType);
  if (layer !== undefined) return layer;
  const message =
    mediaType === undefined
      ? "no layers found in artifact"
      : `failed to find layer with media type '${mediaType}' in artifact`;
  throw fetchFailed("OCIArtifactLayerOperationFailed", message, "retry");
}

function describe(artifact: Artifact, url: string): string {
  const source = artifact.metadata?.["org.opencontainers.image.source"];
  const revision = artifact.metadata?.["org.opencontainers.image.revision"];
  const origin = [
    source === undefined ? "" : `, origin source '${source}'`,
    revision === undefined ? "" : `, origin revision '${revision}'`,
  ];
  return `stored artifact with revision '${artifact.revision}' from '${url}'${origin.join("")}`;
}

function ociFailure(error: unknown, reason: FailureReasons["FetchFailed"], attempted: string): SourceFailed {
  if (!OciError.is(error)) throw error;
  return new SourceFailed(
    { condition: "FetchFailed", reason, message: `${attempted}: ${error.message}`, next: "retry" },
    { cause: error },
  );
}

function fetchFailed(
  reason: FailureReasons["FetchFailed"],
  message: string,
  next: "retry" | "stall",
): SourceFailed {
  return new SourceFailed({ condition: "FetchFailed", reason, message, next });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
