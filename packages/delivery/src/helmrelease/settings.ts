import { type RemotePolicy, STRICT_REMOTES } from "../kustomization/remote-policy.js";

/** Field manager of everything that is released, as upstream's; Helm's own records go by it as well. */
export const FIELD_MANAGER = "helm-controller";
/** Who writes status and finalizers, so that a HelmRelease that is itself applied keeps them. */
export const STATUS_MANAGER = "gotk-helm-controller";
export const FINALIZER = "finalizers.fluxcd.io";
export const GROUP = "helm.toolkit.fluxcd.io";
/** Labels that say which HelmRelease an object belongs to. */
export const OWNER_NAME = `${GROUP}/name`;
export const OWNER_NAMESPACE = `${GROUP}/namespace`;

/** What applies to every HelmRelease of a process. */
export interface HelmSettings extends RemotePolicy {
  /** References to sources in other namespaces are refused. */
  readonly noCrossNamespaceRefs: boolean;
  readonly allowExternalArtifact: boolean;
  /** A dependency with a `readyExpr` must be ready as well. */
  readonly additiveDependencyCheck: boolean;
  /** Failures are retried, not remedied, where a spec says neither. */
  readonly defaultToRetryOnFailure: boolean;
  /** Chart versions are left as they are though their artifact has a digest. */
  readonly disableChartDigestTracking: boolean;
  /** Time to the next look at what no watch tells of. */
  readonly dependencyRetryMs: number;
  /** Share by which intervals are spread. */
  readonly intervalJitter: number;
  /** How long an object must have failed before that ends a wait. */
  readonly failureSettleMs: number;
}

/** How HelmReleases are handled unless told otherwise; as Flux does where it has the same switch. */
export const DEFAULT_HELM_SETTINGS: HelmSettings = {
  ...STRICT_REMOTES,
  noCrossNamespaceRefs: false,
  allowExternalArtifact: true,
  additiveDependencyCheck: false,
  defaultToRetryOnFailure: false,
  disableChartDigestTracking: false,
  dependencyRetryMs: 30_000,
  intervalJitter: 0.05,
  failureSettleMs: 3_000,
};
