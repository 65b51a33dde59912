import type { RunContext } from "@capstan/controller";
import { getCondition } from "@capstan/kube";
import { evaluateReadyExpr } from "../health/expressions.js";
import { HelmRelease } from "./resource.js";
import type { HelmSettings } from "./settings.js";

/** Which releases a release waits for, by `namespace/name`. */
export function dependencyKeys(object: HelmRelease): readonly string[] {
  const own = object.metadata.namespace ?? "";
  return (object.spec.dependsOn ?? []).map(
    ({ namespace = own, name }) => `${namespace === "" ? own : namespace}/${name}`,
  );
}

/** What is wrong with a dependency; `undefined` where all are ready. Throws `CelProblem`. */
export function unreadyDependency(
  object: HelmRelease,
  settings: HelmSettings,
  context: RunContext,
): string | undefined {
  const informer = context.cache.informer<HelmRelease>(HelmRelease);
  const own = object.metadata.namespace ?? "";
  for (const { name, namespace, readyExpr = "" } of object.spec.dependsOn ?? []) {
    const key = { namespace: namespace === undefined || namespace === "" ? own : namespace, name };
    const named = `${key.namespace}/${name}`;
    const dependency = informer.get(key);
    if (dependency === undefined) {
      return `unable to get '${named}' dependency: helmreleases.helm.toolkit.fluxcd.io "${name}" not found`;
    }
    if (readyExpr !== "") {
      if (!evaluateReadyExpr(readyExpr, object, dependency)) {
        return `dependency '${named}' is not ready according to readyExpr eval`;
      }
      if (!settings.additiveDependencyCheck) continue;
    }
    const { generation } = dependency.metadata;
    const { observedGeneration, conditions } = dependency.status ?? {};
    if (generation !== observedGeneration || getCondition(conditions, "Ready")?.status !== "True") {
      return `dependency '${named}' is not ready`;
    }
  }
  return undefined;
}
