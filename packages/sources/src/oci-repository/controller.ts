import type { Controller } from "@capstan/controller";
import { OCIRepository } from "../api/oci-repository.js";
import { sourceController } from "../source/reconcile.js";
import { fetchOciRepository, type OciDependencies } from "./fetch.js";

/** Defines the controller for OCIRepository objects. */
export function ociRepositoryController(dependencies: OciDependencies): Controller {
  return sourceController(
    {
      resource: OCIRepository,
      latest: "latest.tar.gz",
      fetch: (run) => fetchOciRepository(run, dependencies),
      readyMessage: ({ revision }) => `stored artifact for digest '${revision}'`,
      asksVerification: ({ spec }) => spec.verify !== undefined,
      timeoutFailure: (timeout) => ({
        condition: "FetchFailed",
        reason: "OCIArtifactPullFailed",
        message: `the registry did not answer within ${timeout}`,
        next: "retry",
      }),
    },
    dependencies,
  );
}
