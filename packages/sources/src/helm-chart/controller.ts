import type { Controller, Watch } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import { HelmChart, type HelmChartObject } from "../api/helm-chart.js";
import { SOURCE_API_VERSION } from "../api/shared.js";
import { sourceController } from "../source/reconcile.js";
import { type ChartDependencies, fetchHelmChart } from "./fetch.js";

const BY_SOURCE = "source";

/** Defines the controller for HelmChart objects. */
export function helmChartController(dependencies: ChartDependencies): Controller {
  return sourceController(
    {
      resource: HelmChart,
      latest: "latest.tar.gz",
      fetch: (run) => fetchHelmChart(run, dependencies),
      readyMessage: ({ revision }) => `stored chart with version '${revision}'`,
      asksVerification: ({ spec }) => spec.verify !== undefined,
      // Each repository has a timeout of its own; this one bounds what they are asked for together.
      timeout: () => "10m",
      timeoutFailure: (timeout) => ({
        condition: "FetchFailed",
        reason: "ChartPullError",
        message: `chart pull error: the chart was not there within ${timeout}`,
        next: "retry",
      }),
      indexes: {
        [BY_SOURCE]: ({ spec, metadata }) => [
          `${metadata.namespace}/${spec.sourceRef.kind}/${spec.sourceRef.name}`,
        ],
      },
      watches: (["HelmRepository", "GitRepository", "Bucket"] as const).map(sourceWatch),
    },
    dependencies,
  );
}

/** Wakes the charts of a source when it offers another revision than they were made from. */
function sourceWatch(kind: string): Watch {
  return {
    type: { apiVersion: SOURCE_API_VERSION, kind },
    optional: true,
    predicate: (event) =>
      event.type !== "deleted" &&
      revisionOf(event.object) !== undefined &&
      (event.type === "added" || revisionOf(event.object) !== revisionOf(event.previous)),
    map: (source, cache) => {
      const { namespace, name } = source.metadata;
      return cache
        .byIndex<HelmChartObject>(HelmChart, BY_SOURCE, `${namespace}/${kind}/${name}`)
        .filter(({ status }) => status?.observedSourceArtifactRevision !== revisionOf(source))
        .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name }));
    },
  };
}

function revisionOf(object: KubeObject): string | undefined {
  const status = object["status"] as { artifact?: { revision?: string } } | null | undefined;
  return status?.artifact?.revision;
}
