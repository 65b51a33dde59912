import type { KubeObject, ObjectRef, TypeMeta } from "@capstan/kube";
import type { Kustomization } from "./resource.js";

const GROUP = "source.toolkit.fluxcd.io/v1";

/** The kinds that a Kustomization can be sourced from. */
const SOURCE_KINDS = ["GitRepository", "OCIRepository", "Bucket", "ExternalArtifact"] as const;
export const SOURCE_TYPES: readonly TypeMeta[] = SOURCE_KINDS.map((kind) => ({ apiVersion: GROUP, kind }));

const ORIGIN_REVISION = "org.opencontainers.image.revision";

/** The artifact that a source offers. */
export interface SourceArtifact {
  readonly url: string;
  readonly digest: string;
  readonly revision: string;
  readonly originRevision: string | undefined;
}

/** The source that a Kustomization refers to. */
export function sourceRefOf(object: Kustomization): ObjectRef & { readonly namespace: string } {
  const { kind, name, namespace } = object.spec.sourceRef;
  return { apiVersion: GROUP, kind, name, namespace: namespace ?? object.metadata.namespace ?? "" };
}

/** `Kind/namespace/name`, under which Kustomizations are indexed by their source. */
export function sourceKey(ref: {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}): string {
  return `${ref.kind}/${ref.namespace ?? ""}/${ref.name}`;
}

/** What a source offers now; `undefined` before its first artifact. */
export function artifactOf(source: KubeObject): SourceArtifact | undefined {
  const status = fieldsOf(source["status"]);
  const artifact = fieldsOf(status["artifact"]);
  const { url, digest, revision } = artifact;
  if (typeof url !== "string" || typeof digest !== "string" || typeof revision !== "string") return undefined;
  const origin = fieldsOf(artifact["metadata"])[ORIGIN_REVISION];
  return { url, digest, revision, originRevision: typeof origin === "string" ? origin : undefined };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
