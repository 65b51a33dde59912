import { getCondition, type KubeObject, type ObjectRef, type TypeMeta, tryParseVersion } from "@capstan/kube";
import type { HelmRelease } from "./resource.js";
import type { HelmSettings } from "./settings.js";

const API = "source.toolkit.fluxcd.io/v1";
const SHORT = 12;

/** The kinds that a chart comes from. */
export const CHART_SOURCE_TYPES: readonly TypeMeta[] = ["HelmChart", "OCIRepository", "ExternalArtifact"].map(
  (kind) => ({ apiVersion: API, kind }),
);

export interface ChartArtifact {
  readonly url: string;
  readonly digest: string;
  readonly revision: string;
}

/** Why there is no chart. `Stalled` ones end when the object changes. */
export interface SourceProblem {
  readonly reason: "AccessDenied" | "ArtifactFailed" | "SourceNotReady";
  readonly message: string;
}

export interface ChartSourceFound {
  readonly kind: string;
  readonly artifact: ChartArtifact;
}

/** The source that a release's chart comes from. */
export function chartSourceRef(object: HelmRelease): ObjectRef & { readonly namespace: string } {
  const { chart, chartRef } = object.spec;
  const own = object.metadata.namespace ?? "";
  if (chartRef !== undefined) {
    const { kind, name, namespace } = chartRef;
    return { apiVersion: API, kind, name, namespace: namespace ?? own };
  }
  const name = helmChartName(object);
  return { apiVersion: API, kind: "HelmChart", name, namespace: chart?.spec.sourceRef.namespace ?? own };
}

/** The name of the HelmChart that is made for a release. */
export function helmChartName({ metadata }: HelmRelease): string {
  return `${metadata.namespace ?? ""}-${metadata.name}`;
}

/** Under which releases are indexed by their source. */
export function chartSourceKey(ref: { kind: string; namespace?: string; name: string }): string {
  return `${ref.kind}/${ref.namespace ?? ""}/${ref.name}`;
}

/** The message of a reference that must not leave its namespace; `undefined` for one that may be. */
export function deniedAccess(
  object: HelmRelease,
  ref: { readonly kind: string; readonly namespace: string; readonly name: string },
  settings: HelmSettings,
): string | undefined {
  const named = `${ref.kind}/${ref.namespace}/${ref.name}`;
  if (settings.noCrossNamespaceRefs && ref.namespace !== (object.metadata.namespace ?? "")) {
    return `can't access '${named}', cross-namespace references have been blocked`;
  }
  if (ref.kind === "ExternalArtifact" && !settings.allowExternalArtifact) {
    return `can't access '${named}', ExternalArtifact feature gate is disabled`;
  }
  return undefined;
}

/** The chart that a release's source offers now, or why there is none. */
export function findChart(
  object: HelmRelease,
  read: (ref: ObjectRef) => KubeObject | undefined,
  settings: HelmSettings,
): ChartSourceFound | SourceProblem {
  const ref = chartSourceRef(object);
  const denied = deniedAccess(object, ref, settings);
  if (denied !== undefined) return { reason: "AccessDenied", message: denied };
  const source = read(ref);
  if (source === undefined) {
    return {
      reason: "ArtifactFailed",
      message: `could not get Source object: ${ref.kind}.source.toolkit.fluxcd.io "${ref.name}" not found`,
    };
  }
  const problem = unready(source);
  if (problem !== undefined) return { reason: "SourceNotReady", message: problem };
  const artifact = artifactOf(source);
  return artifact === undefined
    ? { reason: "SourceNotReady", message: notReady(source, "does not have an artifact") }
    : { kind: ref.kind, artifact };
}

function unready(source: KubeObject): string | undefined {
  if (source.kind === "ExternalArtifact") return undefined;
  const status = fieldsOf(source["status"]);
  const conditions = Array.isArray(status["conditions"]) ? status["conditions"] : [];
  if (status["observedGeneration"] !== source.metadata.generation) {
    const ready = getCondition(conditions, "Ready");
    return notReady(
      source,
      ready?.status === "False" ? ready.message : "latest generation of object has not been reconciled",
    );
  }
  const stalled = getCondition(conditions, "Stalled");
  return stalled?.status === "True" ? notReady(source, stalled.message) : undefined;
}

function notReady(source: KubeObject, why: string): string {
  return `${source.kind} '${source.metadata.namespace ?? ""}/${source.metadata.name}' is not ready: ${why}`;
}

/** What a source offers now; `undefined` before its first artifact. */
export function artifactOf(source: KubeObject): ChartArtifact | undefined {
  const { url, digest, revision } = fieldsOf(fieldsOf(source["status"])["artifact"]);
  if (typeof url !== "string" || typeof digest !== "string" || typeof revision !== "string") return undefined;
  return { url, digest, revision };
}

/** The version under which a chart is released. */
export interface ChartVersion {
  readonly version: string;
  /** Of the artifact, where its source tells one. */
  readonly ociDigest: string;
}

/** A chart whose version is not that of its artifact. */
export class ChartMutateError extends Error {
  override readonly name = "ChartMutateError";
}

/**
 * The version of a chart with the digest of its artifact as metadata, so that another push under the same
 * tag is another version. Throws `ChartMutateError` where the tag is another version than the chart's.
 */
export function releasedVersion(
  source: ChartSourceFound,
  chartVersion: string,
  settings: HelmSettings,
): ChartVersion {
  const { kind, artifact } = source;
  const digested =
    kind === "OCIRepository" || (kind === "ExternalArtifact" && artifact.revision.includes(":"));
  if (!digested) return { version: chartVersion, ociDigest: "" };
  const parsed = tryParseVersion(chartVersion);
  if (parsed === undefined) throw new ChartMutateError(`invalid chart version ${chartVersion}`);
  const [tag = "", digest] = artifact.revision.split("@");
  const tagged = digest === undefined ? undefined : tryParseVersion(tag.replaceAll("_", "+"));
  if (tagged !== undefined && baseVersion(tagged) !== baseVersion(parsed)) {
    throw new ChartMutateError(`artifact revision ${tag} does not match chart version ${chartVersion}`);
  }
  const ociDigest = digest ?? artifact.revision;
  const hash = ociDigest.split(":")[1] ?? "";
  if (hash.length < SHORT) throw new ChartMutateError(`invalid artifact revision ${ociDigest}`);
  if (settings.disableChartDigestTracking) return { version: chartVersion, ociDigest };
  return { version: `${baseVersion(parsed)}+${hash.slice(0, SHORT)}`, ociDigest };
}

function baseVersion(version: NonNullable<ReturnType<typeof tryParseVersion>>): string {
  const { major, minor, patch, prerelease } = version;
  return `${major}.${minor}.${patch}${prerelease === "" ? "" : `-${prerelease}`}`;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
