/** Reasons a source's condition may carry when something went wrong, by condition. */
export interface FailureReasons {
  readonly FetchFailed:
    | "URLInvalid"
    | "AuthenticationFailed"
    | "GitOperationFailed"
    | "EmptyGitRepository"
    | "InvalidProviderConfiguration"
    | "FeatureGateDisabled"
    | "BucketOperationFailed"
    | "InvalidSTSConfiguration"
    | "Failed"
    | "IndexationFailed"
    | "OCIArtifactPullFailed"
    | "OCIArtifactLayerOperationFailed"
    | "ReadOperationFailed"
    | "InvalidChartReference"
    | "ChartPullError"
    | "SourceUnavailable"
    | "UnsupportedSourceKind"
    | "NoSourceArtifact"
    | "Unknown";
  readonly BuildFailed:
    | "MetadataPatchError"
    | "ValuesFilesError"
    | "DependencyBuildError"
    | "ChartPackageError"
    | "ChartVerificationError";
  readonly IncludeUnavailable: "NotFound" | "NoArtifact";
  readonly StorageOperationFailed:
    | "DirectoryCreationFailed"
    | "StatOperationFailed"
    | "InvalidPath"
    | "ArchiveOperationFailed"
    | "IllegalPath"
    | "CopyFailure"
    | "AcquireLockFailed"
    | "SymlinkUpdateFailed"
    | "SourceIgnoreError";
  readonly SourceVerified:
    | "VerificationError"
    | "InvalidVerificationMode"
    | "InvalidGitObject"
    | "InvalidTagSignature"
    | "InvalidCommitSignature";
}

type FailureCondition = keyof FailureReasons;

/** How a source failed: what its condition says, and what happens next. */
export type Failure = {
  [Type in FailureCondition]: {
    readonly condition: Type;
    readonly reason: FailureReasons[Type];
    readonly message: string;
    /** `retry`: with backoff. `wait`: for something else, after a fixed pause. `stall`: until a change. */
    readonly next: "retry" | "wait" | "stall";
  };
}[FailureCondition];

/** Carries an expected failure up to where it becomes a condition. */
export class SourceFailed extends Error {
  override readonly name = "SourceFailed";
  readonly failure: Failure;

  constructor(failure: Failure, options?: { cause?: unknown }) {
    super(failure.message, options);
    this.failure = failure;
  }
}

/** The failure that `error` carries; anything else is unexpected and thrown on. */
export function failureOf(error: unknown): Failure {
  if (error instanceof SourceFailed) return error.failure;
  throw error;
}
