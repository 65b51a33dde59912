import type { Failure } from "../failure.js";

/** Why a chart could not be made, as the condition names it. */
export type BuildReason =
  | "InvalidChartReference"
  | "ChartPullError"
  | "MetadataPatchError"
  | "ValuesFilesError"
  | "DependencyBuildError"
  | "ChartPackageError"
  | "ChartVerificationError"
  | "Unknown";

/** How each reason is put into words, as Flux's users know them. */
const SUMMARIES: Record<BuildReason, string> = {
  InvalidChartReference: "invalid chart reference",
  ChartPullError: "chart pull error",
  MetadataPatchError: "chart metadata patch error",
  ValuesFilesError: "values files merge error",
  DependencyBuildError: "dependency build error",
  ChartPackageError: "chart package error",
  ChartVerificationError: "chart verification error",
  Unknown: "unknown build error",
};

/** Trying again does not help against these: the declaration or the source has to change. */
const PERSISTENT: readonly BuildReason[] = [
  "InvalidChartReference",
  "MetadataPatchError",
  "ValuesFilesError",
];

/** A chart that could not be made; `message` is without the summary of its reason. */
export class BuildError extends Error {
  override readonly name = "BuildError";
  readonly reason: BuildReason;

  constructor(reason: BuildReason, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

/** The failure that a build error is to its object. */
export function buildFailure({ reason, message: detail }: BuildError): Failure {
  const message = `${SUMMARIES[reason]}: ${detail}`;
  const next = PERSISTENT.includes(reason) ? "stall" : "retry";
  switch (reason) {
    case "InvalidChartReference":
    case "ChartPullError":
    case "Unknown":
      return { condition: "FetchFailed", reason, message, next };
    default:
      return { condition: "BuildFailed", reason, message, next };
  }
}

/** The text of what was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
