import type { SecretName } from "../decrypt/load-material.js";
import type { DeletionBudget } from "../plan/budget.js";
import type { RemotePolicy } from "./remote-policy.js";

/** The name under which objects are applied; that of Flux, whose clusters can be taken over. */
export const FIELD_MANAGER = "kustomize-controller";
/**
 * The name under which our own status and finalizers are written. It differs from the one of applies,
 * so that a Kustomization that is itself applied keeps its finalizer.
 */
export const STATUS_MANAGER = "gotk-kustomize-controller";
export const FINALIZER = "finalizers.fluxcd.io";
export const GROUP = "kustomize.toolkit.fluxcd.io";

/** What applies to every Kustomization of a process. */
export interface DeliverySettings extends RemotePolicy {
  /** References to sources in other namespaces are refused. */
  readonly noCrossNamespaceRefs: boolean;
  /** Age identities for Kustomizations that decrypt and name no Secret. */
  readonly sopsAgeSecret: SecretName | undefined;
  /** The service account that stands for Kustomizations at key services, where they name none. */
  readonly defaultDecryptionServiceAccount: string | undefined;
  /** Variables without value or default fail a build. */
  readonly strictSubstitutions: boolean;
  /** One failed object ends a health check at once. */
  readonly failFast: boolean;
  readonly allowExternalArtifact: boolean;
  /** A dependency with a `readyExpr` must be ready as well. */
  readonly additiveDependencyCheck: boolean;
  /** Field managers that are undone beside kubectl, by prefix. */
  readonly overrideManagers: readonly string[];
  /** Kinds applied in a stage of their own, as `group/Kind`. */
  readonly customStageKinds: readonly string[];
  readonly deletionBudget: DeletionBudget | "off";
  /** Time to the next look at what no watch tells of. */
  readonly dependencyRetryMs: number;
  /** Share by which intervals are spread. */
  readonly intervalJitter: number;
}
