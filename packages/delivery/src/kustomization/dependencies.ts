import type { Kustomization } from "./resource.js";
import { sourceKey, sourceRefOf } from "./source.js";

type Find = (namespace: string, name: string) => Kustomization | undefined;
type Evaluate = (expression: string, self: Kustomization, dep: Kustomization) => boolean;

/** Why the dependencies of an object are not fulfilled. */
export type DependencyState =
  | { readonly state: "ready" }
  | { readonly state: "waiting"; readonly message: string }
  | { readonly state: "circular"; readonly message: string };

/**
 * Whether everything that an object depends on is ready; the first that is not decides.
 *
 * @param revision of the object's own source: dependencies from the same source must have applied it
 * @param evaluate runs a `readyExpr`; throws where the expression is wrong
 */
export function checkDependencies(
  object: Kustomization,
  revision: string,
  find: Find,
  evaluate: Evaluate,
  additive: boolean,
): DependencyState {
  const cycle = findCycle(object, find);
  if (cycle !== undefined) {
    return { state: "circular", message: `circular dependency: ${cycle.join(" → ")}` };
  }
  for (const { name, namespace, readyExpr } of object.spec.dependsOn ?? []) {
    const where = namespace ?? object.metadata.namespace ?? "";
    const dep = find(where, name);
    const message = problemOf(object, dep, `${where}/${name}`, revision, readyExpr, evaluate, additive);
    if (message !== undefined) return { state: "waiting", message };
  }
  return { state: "ready" };
}

function problemOf(
  object: Kustomization,
  dep: Kustomization | undefined,
  key: string,
  revision: string,
  readyExpr: string | undefined,
  evaluate: Evaluate,
  additive: boolean,
): string | undefined {
  if (dep === undefined) return `dependency '${key}' not found`;
  if (readyExpr !== undefined && readyExpr !== "") {
    if (!evaluate(readyExpr, object, dep))
      return `dependency '${key}' is not ready according to readyExpr eval`;
    if (!additive) return undefined;
  }
  const { status, metadata } = dep;
  const ready = status?.conditions?.find((condition) => condition.type === "Ready");
  if (status?.observedGeneration !== metadata.generation || ready?.status !== "True") {
    return `dependency '${key}' is not ready`;
  }
  const sameSource = sourceKey(sourceRefOf(dep)) === sourceKey(sourceRefOf(object));
  return sameSource && status?.lastAppliedRevision !== revision
    ? `dependency '${key}' revision is not up to date`
    : undefined;
}

/** The way from an object back to itself, as `namespace/name` of each on it. */
export function findCycle(object: Kustomization, find: Find): readonly string[] | undefined {
  const start = keyOf(object);
  const seen = new Set<string>([start]);
  const stack: { readonly object: Kustomization; readonly path: readonly string[] }[] = [
    { object, path: [start] },
  ];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    for (const { name, namespace } of next.object.spec.dependsOn ?? []) {
      const dep = find(namespace ?? next.object.metadata.namespace ?? "", name);
      if (dep === undefined) continue;
      const key = keyOf(dep);
      if (key === start) return [...next.path, start];
      if (seen.has(key)) continue;
      seen.add(key);
      stack.push({ object: dep, path: [...next.path, key] });
    }
  }
  return undefined;
}

/** Orders objects so that what others depend on comes first. */
export function sortByDependency(objects: readonly Kustomization[]): readonly Kustomization[] {
  const byKey = new Map(objects.map((object) => [keyOf(object), object]));
  const sorted = new Set<Kustomization>();
  const visiting = new Set<Kustomization>();
  const visit = (object: Kustomization): void => {
    if (sorted.has(object) || visiting.has(object)) return;
    visiting.add(object);
    for (const { name, namespace } of object.spec.dependsOn ?? []) {
      const dep = byKey.get(`${namespace ?? object.metadata.namespace ?? ""}/${name}`);
      if (dep !== undefined) visit(dep);
    }
    sorted.add(object);
  };
  for (const object of objects) visit(object);
  return [...sorted];
}

/** Keys of what an object depends on, for an index. */
export function dependencyKeys(object: Kustomization): readonly string[] {
  return (object.spec.dependsOn ?? []).map(
    ({ name, namespace }) => `${namespace ?? object.metadata.namespace ?? ""}/${name}`,
  );
}

function keyOf(object: Kustomization): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}
