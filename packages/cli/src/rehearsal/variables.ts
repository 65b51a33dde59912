import type { Kustomization } from "@capstan/delivery";
import type { DeclaredObjects } from "./declared-objects.js";
import { isFields } from "./scan.js";
import { PLACEHOLDER, type Unit } from "./unit.js";

/** References of a variable: `${NAME`, but not the escaped `$${NAME`. */
const REFERENCE = /(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)(?=[}:,^#%/=+-])/g;
/** References that bring their own value where the variable is not set. */
const DEFAULTED = /^\$\{[A-Za-z_][A-Za-z0-9_]*:?[-=]/;

/** The objects that a Kustomization takes variables from and that nothing delivers. */
export function missingVariables(
  object: Kustomization,
  declared: DeclaredObjects,
): readonly { readonly kind: string; readonly name: string; readonly optional: boolean }[] {
  const namespace = object.metadata.namespace ?? "";
  return (object.spec.postBuild?.substituteFrom ?? [])
    .filter(({ kind, name }) => !declared.has({ apiVersion: "v1", kind, name, namespace }))
    .map(({ kind, name, optional }) => ({ kind, name, optional: optional === true }));
}

/**
 * The Kustomization without the `substituteFrom` entries that nothing delivers, each told of on `unit`.
 * Secrets rarely are in a repository; a ConfigMap that is not there is worth a warning.
 */
export function withoutMissing(object: Kustomization, declared: DeclaredObjects, unit: Unit): Kustomization {
  const missing = missingVariables(object, declared);
  const { postBuild } = object.spec;
  if (missing.length === 0 || postBuild === undefined) return object;
  for (const { kind, name, optional } of missing) {
    if (optional) continue;
    const what = `variables come from ${kind}/${name}, which is not in the repository`;
    unit.find(kind === "Secret" ? "note" : "warning", what);
  }
  const gone = new Set(missing.map(({ kind, name }) => `${kind}/${name}`));
  const substituteFrom = (postBuild.substituteFrom ?? []).filter(
    ({ kind, name }) => !gone.has(`${kind}/${name}`),
  );
  return { ...object, spec: { ...object.spec, postBuild: { ...postBuild, substituteFrom } } };
}

/** Names of the variables that a Kustomization sets, itself or by objects that are delivered. */
export function knownVariables(object: Kustomization, declared: DeclaredObjects): ReadonlySet<string> {
  const { substitute = {}, substituteFrom = [] } = object.spec.postBuild ?? {};
  const namespace = object.metadata.namespace ?? "";
  const names = new Set(Object.keys(substitute));
  for (const { kind, name } of substituteFrom) {
    const data = declared.find({ apiVersion: "v1", kind, name, namespace })?.["data"];
    if (isFields(data)) for (const key of Object.keys(data)) names.add(key);
  }
  return names;
}

/** Names of the variables that a text refers to without a default of its own. */
export function referredVariables(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const match of text.matchAll(REFERENCE)) {
    if (!DEFAULTED.test(text.slice(match.index, match.index + 300))) names.add(match[1] ?? "");
  }
  return names;
}

/** The Kustomization with a value for each of `names`. */
export function withPlaceholders(object: Kustomization, names: Iterable<string>): Kustomization {
  const substitute = {
    ...Object.fromEntries([...names].map((name) => [name, PLACEHOLDER])),
    ...object.spec.postBuild?.substitute,
  };
  return {
    ...object,
    spec: { ...object.spec, postBuild: { ...object.spec.postBuild, substitute } },
  };
}

/** The Kustomization without its post-build step. */
export function withoutPostBuild(object: Kustomization): Kustomization {
  const { postBuild: _postBuild, ...spec } = object.spec;
  return { ...object, spec };
}
