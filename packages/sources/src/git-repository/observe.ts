import type { Artifact, ArtifactOwner, ArtifactStore } from "@capstan/artifacts";
import type { ReadContext } from "@capstan/controller";
import { type GitClient, type GitCredentials, parseGitUrl, targetOf } from "@capstan/git";
import { getCondition, parseDuration } from "@capstan/kube";
import { GitRepository, type GitRepositoryObject, type GitRepositorySpec } from "../api/git-repository.js";
import { proxyFromSecret } from "../connection.js";
import { type Failure, failureOf, SourceFailed } from "../failure.js";
import { readSecret, requireSecret } from "../secrets.js";
import { storedArtifact } from "../source/reconcile.js";
import { credentialsFromSecret, gitFailure, invalidProvider } from "./credentials.js";
import type { GitHubTokens } from "./github-app.js";
import type { Seen } from "./plan.js";
import { configurationChanged, type Included, needsVerification, type TrustedKeys } from "./state.js";

export interface ObserveDependencies {
  readonly git: GitClient;
  readonly storage: ArtifactStore;
  readonly githubTokens: GitHubTokens;
  /** Whether local URLs are taken. */
  readonly allowLocal: boolean;
}

/** The directory of an object's artifacts. */
export function ownerOf(object: GitRepositoryObject): ArtifactOwner {
  const { namespace = "default", name } = object.metadata;
  return { kind: "gitrepository", namespace, name };
}

/** The bound on each operation with the repository, in milliseconds. */
export function timeoutOf(spec: GitRepositorySpec): number {
  return parseDuration(spec.timeout ?? "60s");
}

/**
 * Looks at the storage, the Secrets, the includes and, where a listing can settle it, at the remote.
 * Expected failures are part of what is seen; failures of the API are thrown.
 */
export async function observe(
  object: GitRepositoryObject,
  context: ReadContext,
  dependencies: ObserveDependencies,
): Promise<Seen> {
  if (object.metadata.deletionTimestamp !== undefined) return { kind: "deleted" };
  const { spec, status } = object;
  const { artifact, lost } = await storedArtifact(object, dependencies.storage);
  try {
    checkSpec(spec, dependencies.allowLocal);
    const credentials = await readCredentials(object, context, dependencies.githubTokens);
    const trusted = await readTrustedKeys(object, context);
    const settled = getCondition(status?.conditions, "ArtifactInStorage")?.status === "True";
    const listable = artifact !== undefined && settled && !needsVerification(spec, status);
    const revision =
      listable && !configurationChanged(object)
        ? await remoteRevision(object, artifact, credentials, context, dependencies.git)
        : undefined;
    const includes = await readIncludes(object, context);
    return { kind: "observed", artifact, lost, credentials, trusted, revision, ...includes };
  } catch (error) {
    return { kind: "failed", failure: failureOf(error), lost };
  }
}

function checkSpec(spec: GitRepositorySpec, allowLocal: boolean): void {
  try {
    parseGitUrl(spec.url, { allowLocal });
  } catch (error) {
    throw gitFailure(error, spec, undefined);
  }
  const { provider = "generic" } = spec;
  if (spec.serviceAccountName !== undefined) {
    throw new SourceFailed({
      condition: "FetchFailed",
      reason: "FeatureGateDisabled",
      message:
        "to use spec.serviceAccountName for provider authentication please enable the ObjectLevelWorkloadIdentity feature gate",
      next: "stall",
    });
  }
  if (provider === "aws" || provider === "azure") {
    throw invalidProvider(`authentication by provider '${provider}' is not available in this installation`);
  }
  if (provider === "github" && spec.secretRef === undefined) {
    throw invalidProvider("secretRef with github app data must be specified when provider is set to github");
  }
}

async function readCredentials(
  object: GitRepositoryObject,
  context: ReadContext,
  tokens: GitHubTokens,
): Promise<GitCredentials | undefined> {
  const { spec } = object;
  const required = (name: string) => requireSecret(context, object.metadata.namespace, name);
  const name = spec.secretRef?.name;
  const proxyName = spec.proxySecretRef?.name;
  const proxy =
    proxyName === undefined ? {} : { proxy: proxyFromSecret(await required(proxyName), proxyName) };
  if (name === undefined) return proxyName === undefined ? undefined : proxy;
  const data = await required(name);
  if (spec.provider !== "github") return { ...credentialsFromSecret(spec.url, data, name), ...proxy };
  const ca = data.get("ca.crt");
  const connection = { ...proxy, ...(ca === undefined ? {} : { ca }) };
  const token = await tokens.get(data, name, connection, context.now, context.signal);
  return {
    username: "x-access-token",
    password: token,
    ...(ca === undefined ? {} : { caCertificate: ca }),
    ...proxy,
  };
}

async function readTrustedKeys(
  object: GitRepositoryObject,
  context: ReadContext,
): Promise<TrustedKeys | undefined> {
  const name = object.spec.verify?.secretRef.name;
  if (name === undefined) return undefined;
  const data = await readSecret(context.reader, object.metadata.namespace, name, context.signal);
  if (data === undefined) {
    throw new SourceFailed({
      condition: "SourceVerified",
      reason: "VerificationError",
      message: `PGP public keys secret error: secrets "${name}" not found`,
      next: "retry",
    });
  }
  const entries = [...data];
  return {
    ssh: entries.filter(([key]) => key.endsWith(".sshpub")).map(([, value]) => value),
    openpgp: entries.filter(([key]) => !key.endsWith(".sshpub")).map(([, value]) => value),
  };
}

/** The remote's revision. A commit never moves: that it is stored settles the matter without a look. */
async function remoteRevision(
  object: GitRepositoryObject,
  artifact: Artifact,
  credentials: GitCredentials | undefined,
  context: ReadContext,
  git: GitClient,
): Promise<string | undefined> {
  const { spec } = object;
  const target = targetOf(spec.ref);
  if (target.kind === "commit") {
    const label = target.branch === undefined ? "" : `${target.branch}@`;
    return artifact.revision === `${label}sha1:${target.commit}` ? artifact.revision : undefined;
  }
  try {
    return await git.resolve({
      url: spec.url,
      ...(spec.ref === undefined ? {} : { reference: spec.ref }),
      ...(credentials === undefined ? {} : { credentials }),
      signal: context.signal,
      timeoutMs: timeoutOf(spec),
    });
  } catch (error) {
    throw gitFailure(error, spec, credentials);
  }
}

async function readIncludes(
  object: GitRepositoryObject,
  context: ReadContext,
): Promise<{ included: readonly Included[]; includeFailure: Failure | undefined }> {
  const included: Included[] = [];
  for (const { repository, fromPath = "", toPath } of object.spec.include ?? []) {
    const { namespace } = object.metadata;
    const found = await context.reader.tryGet<GitRepositoryObject>(
      {
        apiVersion: GitRepository.apiVersion,
        kind: GitRepository.kind,
        name: repository.name,
        ...(namespace === undefined ? {} : { namespace }),
      },
      { signal: context.signal },
    );
    const artifact = found?.status?.artifact as Artifact | undefined;
    if (artifact !== undefined) {
      included.push({ artifact, fromPath, toPath: toPath || repository.name });
      continue;
    }
    const missing = found === undefined;
    const message = missing
      ? `could not get resource for include '${repository.name}': gitrepositories.source.toolkit.fluxcd.io "${repository.name}" not found`
      : `no artifact available for include '${repository.name}'`;
    const reason = missing ? "NotFound" : "NoArtifact";
    return { included, includeFailure: { condition: "IncludeUnavailable", reason, message, next: "wait" } };
  }
  return { included, includeFailure: undefined };
}
