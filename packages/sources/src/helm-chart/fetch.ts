import { type Artifact, ArtifactError, type ArtifactReader } from "@capstan/artifacts";
import { isNoKindMatch } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import type { BucketObject } from "../api/bucket.js";
import type { GitRepositoryObject } from "../api/git-repository.js";
import type { HelmChartObject } from "../api/helm-chart.js";
import type { HelmRepositoryObject } from "../api/helm-repository.js";
import { SOURCE_API_VERSION } from "../api/shared.js";
import type { CloudLogin } from "../cloud/registry.js";
import { type Failure, SourceFailed } from "../failure.js";
import type { IndexCache } from "../helm-repository/index-cache.js";
import type { PublicRoot } from "../oci-repository/trusted-root.js";
import {
  type Fetched,
  type SourceDependencies,
  type SourceRun,
  storageFailure,
} from "../source/reconcile.js";
import { isAuthenticationFailure } from "./authentication.js";
import { announcementOf, type Build, requestOf, summaryOf } from "./build.js";
import { BuildError, buildFailure } from "./build-error.js";
import { buildLocalChart } from "./local-chart.js";
import { buildRemoteChart } from "./remote-chart.js";
import { dependencyRepositories, repositoryOf } from "./repositories.js";
import { effectiveValuesFiles } from "./values-files.js";
import { verifyChart } from "./verification.js";

export type ChartRun = SourceRun<HelmChartObject>;

export interface ChartDependencies extends SourceDependencies, CloudLogin {
  readonly reader: ArtifactReader;
  readonly indexes: IndexCache;
  readonly publicRoot: PublicRoot;
}

type ChartSource = HelmRepositoryObject | GitRepositoryObject | BucketObject;

/** Makes the chart that an object asks for, and stores it where it is not the one that is stored. */
export async function fetchHelmChart(run: ChartRun, dependencies: ChartDependencies): Promise<Fetched> {
  const source = await sourceOf(run);
  const artifact = await sourceArtifact(run, source, dependencies);
  if (artifact !== undefined) run.fields["observedSourceArtifactRevision"] = artifact.revision;
  try {
    const build =
      source.kind === "HelmRepository"
        ? await buildFromRepository(run, source as HelmRepositoryObject, artifact, dependencies)
        : await buildFromSource(run, source, artifact as Artifact, dependencies);
    return await storeBuild(run, build, dependencies);
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof BuildError)) throw error;
    throw new SourceFailed(failureOfBuild(error, source), { cause: error });
  }
}

function failureOfBuild(error: BuildError, source: ChartSource): Failure {
  if (source.kind !== "HelmRepository" || !isAuthenticationFailure(error)) return buildFailure(error);
  const { message } = buildFailure(error);
  return {
    condition: "FetchFailed",
    reason: "AuthenticationFailed",
    message: `failed to authenticate with the Helm repository: ${message}`,
    next: "retry",
  };
}

async function sourceOf({ object, context }: ChartRun): Promise<ChartSource> {
  const { kind, name } = object.spec.sourceRef;
  const { namespace } = object.metadata;
  const ref = {
    apiVersion: SOURCE_API_VERSION,
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
  const found = await context.reader.tryGet<KubeObject>(ref, { signal: context.signal }).catch((error) => {
    if (isNoKindMatch(error)) return undefined;
    throw error;
  });
  if (found !== undefined) return found as ChartSource;
  const plural =
    kind === "HelmRepository" ? "helmrepositories" : kind === "Bucket" ? "buckets" : "gitrepositories";
  throw new SourceFailed({
    condition: "FetchFailed",
    reason: "SourceUnavailable",
    message: `failed to get source: ${plural}.source.toolkit.fluxcd.io "${name}" not found`,
    next: "retry",
  });
}

/** What a source offers; a registry needs to offer nothing. */
async function sourceArtifact(
  run: ChartRun,
  source: ChartSource,
  { storage }: ChartDependencies,
): Promise<Artifact | undefined> {
  const artifact = source.status?.artifact;
  if (source.kind === "HelmRepository" && (source as HelmRepositoryObject).spec.type === "oci")
    return undefined;
  if (artifact !== undefined && (await storage.verify(artifact)) === "present") {
    return { ...artifact, url: storage.urlOf(artifact.path) } as Artifact;
  }
  const { kind, name } = run.object.spec.sourceRef;
  throw new SourceFailed({
    condition: "FetchFailed",
    reason: "NoSourceArtifact",
    message: `no artifact available for ${kind} source '${name}'`,
    next: "wait",
  });
}

async function buildFromRepository(
  run: ChartRun,
  source: HelmRepositoryObject,
  artifact: Artifact | undefined,
  dependencies: ChartDependencies,
): Promise<Build> {
  const { object } = run;
  const metadata =
    effectiveValuesFiles(object.spec.valuesFiles).length > 0 ? String(object.metadata.generation ?? 0) : "";
  const request = requestOf(object, metadata, run.artifact !== undefined);
  const repository = await repositoryOf(source, artifact, run, dependencies);
  try {
    return await buildRemoteChart(repository, request, {
      chosen: async (chart, version) => {
        const verified = await verifyChart(run, repository, chart, dependencies.publicRoot);
        announce(run, chart.name, version);
        return verified;
      },
    });
  } finally {
    await repository.close();
  }
}

async function buildFromSource(
  run: ChartRun,
  source: ChartSource,
  artifact: Artifact,
  dependencies: ChartDependencies,
): Promise<Build> {
  const { object, signal } = run;
  const request = requestOf(object, metadataOf(object, artifact.revision), run.artifact !== undefined);
  try {
    return await dependencies.reader.using(
      artifact,
      (root) =>
        buildLocalChart(request, {
          root,
          repositories: dependencyRepositories(run, dependencies),
          chosen: (name, version) => announce(run, name, version),
        }),
      signal,
    );
  } catch (error) {
    if (!ArtifactError.is(error)) throw error;
    const message = `failed to open the artifact of ${source.kind} '${source.metadata.name}': ${error.message}`;
    throw new BuildError("Unknown", message, { cause: error });
  }
}

/** Where the strategy follows revisions, what names one; where values are merged, the generation. */
function metadataOf({ spec, metadata }: HelmChartObject, revision: string): string {
  const parts: string[] = [];
  if (spec.reconcileStrategy === "Revision") {
    parts.push(revision.slice(revision.lastIndexOf(":") + 1).slice(0, 12));
  }
  if (effectiveValuesFiles(spec.valuesFiles).length > 0) parts.push(String(metadata.generation ?? 0));
  return parts.join(".");
}

/** Lets a failure from here on name the chart that is not stored. */
function announce(run: ChartRun, name: string, version: string): void {
  run.revision = version;
  run.outdated = { reason: "NewChart", message: announcementOf({ name, version }) };
}

async function storeBuild(run: ChartRun, build: Build, { storage }: ChartDependencies): Promise<Fetched> {
  const message = summaryOf(build);
  const reason = build.packaged ? "ChartPackageSucceeded" : "ChartPullSucceeded";
  if (build.bytes === undefined) {
    if (run.artifact === undefined) throw new Error("a chart stands in storage that is not there");
    return { kind: "current", artifact: run.artifact, message, reason };
  }
  const draft = { owner: run.owner, file: `${build.name}-${build.version}.tgz`, revision: build.version };
  try {
    const artifact = await storage.putBytes(draft, [build.bytes], run.signal);
    const { ignoreMissingValuesFiles } = run.object.spec;
    const fields = {
      observedChartName: build.name,
      observedValuesFiles: ignoreMissingValuesFiles === true ? build.valuesFiles : undefined,
    };
    return { kind: "stored", artifact, event: message, fields, message, reason };
  } catch (error) {
    run.signal.throwIfAborted();
    throw storageFailure(error);
  }
}
