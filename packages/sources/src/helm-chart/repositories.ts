import type { Artifact } from "@capstan/artifacts";
import { parseDuration } from "@capstan/kube";
import type { HelmRepositoryObject } from "../api/helm-repository.js";
import { SourceFailed } from "../failure.js";
import { downloadIndex, indexBelow } from "../helm-repository/fetch.js";
import { type HttpConnection, httpConnectionOf } from "../helm-repository/http-connection.js";
import { type ChartIndex, chartIndexOf } from "../helm-repository/index-cache.js";
import { IndexError } from "../helm-repository/index-error.js";
import { normalizeIndex } from "../helm-repository/index-file.js";
import { HttpFailure } from "../http-client.js";
import { connectionOf } from "../oci-repository/connection.js";
import { BuildError } from "./build-error.js";
import type { Repositories } from "./dependencies.js";
import type { ChartDependencies, ChartRun } from "./fetch.js";
import { HttpRepository } from "./http-repository.js";
import { OciChartRepository } from "./oci-repository.js";
import { type ChartRepository, normalizeRepositoryUrl } from "./repository.js";

/** The repository that a HelmRepository describes. Throws `SourceFailed`. */
export async function repositoryOf(
  source: Pick<HelmRepositoryObject, "spec" | "metadata">,
  artifact: Artifact | undefined,
  run: ChartRun,
  dependencies: ChartDependencies,
): Promise<ChartRepository> {
  const { spec, metadata } = source;
  const url = urlOf(spec.url);
  const signal = withTimeout(run, spec.timeout ?? "60s");
  if (url.startsWith("oci://")) {
    const target = { ...spec, url: `${url}/x`, namespace: metadata.namespace, plainLogin: true };
    const connection = await connectionOf(target, run.context, dependencies);
    return new OciChartRepository({ url, connection, insecure: spec.insecure ?? false, signal });
  }
  if (spec.type === "oci") throw stalled(`failed to construct Helm client: invalid OCI registry URL: ${url}`);
  const connection = await httpConnectionOf(source, run.context);
  const { indexes, storage } = dependencies;
  return new HttpRepository({
    url,
    connection,
    passCredentials: spec.passCredentials ?? false,
    index: () =>
      artifact === undefined
        ? fetchIndex(url, connection, signal)
        : indexes.read(artifact, storage.fileOf(artifact.path)),
    signal,
  });
}

/**
 * The repositories of dependencies: one with the same URL in the namespace says how to reach it, any other is
 * reached as nobody.
 */
export function dependencyRepositories(run: ChartRun, dependencies: ChartDependencies): Repositories {
  const type = { apiVersion: run.object.apiVersion, kind: "HelmRepository" };
  return {
    get: async (url) => {
      const known = run.context.cache
        .list<HelmRepositoryObject>(type, run.object.metadata.namespace)
        .find(({ spec }) => URL.canParse(spec.url) && normalizeRepositoryUrl(spec.url) === url);
      const anonymous = { metadata: { name: "" }, spec: { url, provider: "generic" as const } };
      const stored = known?.status?.artifact;
      const usable =
        stored !== undefined && (await dependencies.storage.verify(stored)) === "present"
          ? stored
          : undefined;
      try {
        return await repositoryOf(known ?? anonymous, usable as Artifact | undefined, run, dependencies);
      } catch (error) {
        if (!(error instanceof SourceFailed)) throw error;
        const message = `failed to get chart repository for URL '${url}': ${error.message}`;
        throw new BuildError("DependencyBuildError", message, { cause: error });
      }
    },
  };
}

function urlOf(text: string): string {
  try {
    return normalizeRepositoryUrl(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new SourceFailed({
      condition: "FetchFailed",
      reason: "URLInvalid",
      message: `invalid Helm repository URL: "${text}" is not a URL`,
      next: "stall",
    });
  }
}

async function fetchIndex(url: string, connection: HttpConnection, signal: AbortSignal): Promise<ChartIndex> {
  const target = indexBelow(new URL(url));
  const failed = (message: string, cause?: unknown) =>
    new BuildError(
      "ChartPullError",
      `failed to get chart version for remote reference: failed to cache index: ${message}`,
      { cause },
    );
  try {
    const answer = await downloadIndex(target, connection, signal);
    if (answer.status !== 200)
      throw failed(`failed to fetch ${target.origin}${target.pathname} : ${answer.status}`);
    return chartIndexOf(await normalizeIndex(answer.body.toString("utf8"), signal));
  } catch (error) {
    if (!(error instanceof HttpFailure) && !(error instanceof IndexError)) throw error;
    throw failed(error.message, error);
  }
}

function stalled(message: string): SourceFailed {
  return new SourceFailed({ condition: "FetchFailed", reason: "Failed", message, next: "stall" });
}

/** Ends a repository's requests when its own timeout has passed. */
function withTimeout(run: ChartRun, timeout: string): AbortSignal {
  const controller = new AbortController();
  const failure = new BuildError("ChartPullError", `the Helm repository did not answer within ${timeout}`);
  const cancel = run.context.clock.after(parseDuration(timeout), () => controller.abort(failure));
  run.signal.addEventListener("abort", cancel, { once: true });
  return AbortSignal.any([run.signal, controller.signal]);
}
