import { SourceFailed } from "../failure.js";
import type { PublicRoot } from "../oci-repository/trusted-root.js";
import { verifySignature } from "../oci-repository/verification.js";
import { BuildError } from "./build-error.js";
import type { ChartRun } from "./fetch.js";
import { OciChartRepository } from "./oci-repository.js";
import type { ChartRepository, FoundChart } from "./repository.js";

/**
 * Checks the signatures that `spec.verify` asks for, at every run. Gives the chart pinned to the digest that was
 * verified. Throws `BuildError` ChartVerificationError.
 */
export async function verifyChart(
  run: ChartRun,
  repository: ChartRepository,
  chart: FoundChart,
  publicRoot: PublicRoot,
): Promise<FoundChart> {
  const { verify } = run.object.spec;
  if (verify === undefined) return chart;
  if (!(repository instanceof OciChartRepository)) {
    throw new BuildError(
      "ChartVerificationError",
      "only charts of a repository of type 'oci' can be verified",
    );
  }
  const { namespace } = run.object.metadata;
  const { digest, result } = await repository.withManifest(chart, async (client, found) => {
    const subject = { verify, namespace, url: `${chart.url}:${chart.version}` };
    const verifying = verifySignature(client, found, subject, run.context, publicRoot, run.signal);
    const outcome = await verifying.catch((error: unknown) => {
      if (!(error instanceof SourceFailed)) throw error;
      const message = `failed to verify ${subject.url}: ${error.message}`;
      throw new BuildError("ChartVerificationError", message, { cause: error });
    });
    return { digest: found, result: outcome };
  });
  if (result === "verified") run.verified = `verified signature of version ${chart.version}`;
  return { ...chart, digest };
}
