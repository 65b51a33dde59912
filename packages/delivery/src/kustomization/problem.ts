/** Why a Kustomization cannot be applied now, before anything was tried on the API. */
export interface Problem {
  readonly reason:
    | "ArtifactFailed"
    | "BuildFailed"
    | "DependencyNotReady"
    | "AccessDenied"
    | "InvalidCELExpression"
    | "FeatureGateDisabled"
    | "ReconciliationFailed";
  readonly message: string;
  /**
   * `stalled`: until the object or what it refers to changes. `watched`: a watch tells when it is
   * over, the interval is only the safety net. `retry`: after `spec.retryInterval`. `soon`: after half
   * a minute.
   */
  readonly wait: "stalled" | "watched" | "retry" | "soon";
  /** What is told as an event; nothing where left out. */
  readonly event?: { readonly type: "Normal" | "Warning"; readonly message: string };
  readonly revision?: string;
  /** The revision was tried: it goes into `status.lastAttemptedRevision`. */
  readonly attempted?: boolean;
}
