import type { Controller } from "@capstan/controller";
import { HelmRepository, type HelmRepositoryObject } from "../api/helm-repository.js";
import { type SourceDependencies, sourceController } from "../source/reconcile.js";
import { fetchHelmRepository, type KnownIndex } from "./fetch.js";

/**
 * Defines the controller for HelmRepository objects. Those of type `oci` are static: nothing is looked at
 * and nothing is written, as their charts are found in the registry itself.
 */
export function helmRepositoryController(dependencies: SourceDependencies): Controller {
  const known = new Map<string, KnownIndex>();
  return sourceController(
    {
      resource: HelmRepository,
      latest: "index.yaml",
      isStatic: ({ spec }: HelmRepositoryObject) => spec.type === "oci",
      fetch: (run) => fetchHelmRepository(run, known, dependencies),
      readyMessage: ({ revision }) => `stored artifact: revision '${revision}'`,
      timeoutFailure: (timeout) => ({
        condition: "FetchFailed",
        reason: "Failed",
        message: `failed to fetch Helm repository index: no answer within ${timeout}`,
        next: "retry",
      }),
    },
    dependencies,
  );
}
