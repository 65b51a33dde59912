import type { KubeObject } from "@capstan/kube";
import type { ReleaseObject } from "./resource.js";

const MANAGED_BY = "app.kubernetes.io/managed-by";
const RELEASE_NAME = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE = "meta.helm.sh/release-namespace";

export interface ReleaseIdentity {
  readonly name: string;
  readonly namespace: string;
}

/** An object with the metadata by which Helm knows whose it is. */
export function owned(object: KubeObject, release: ReleaseIdentity): KubeObject {
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [MANAGED_BY]: "Helm" },
      annotations: {
        ...metadata.annotations,
        [RELEASE_NAME]: release.name,
        [RELEASE_NAMESPACE]: release.namespace,
      },
    },
  };
}

export function allOwned(
  objects: readonly ReleaseObject[],
  release: ReleaseIdentity,
): readonly ReleaseObject[] {
  return objects.map((one) => ({ ...one, object: owned(one.object, release) }));
}

/** Why a live object is not the release's; `undefined` where it is. */
export function foreign(live: KubeObject, release: ReleaseIdentity): string | undefined {
  const { labels = {}, annotations = {} } = live.metadata;
  const problems = [
    ["label", labels, MANAGED_BY, "Helm"],
    ["annotation", annotations, RELEASE_NAME, release.name],
    ["annotation", annotations, RELEASE_NAMESPACE, release.namespace],
  ] as const;
  const errors = problems
    .map(([what, values, key, wanted]) => {
      const value = Object.hasOwn(values, key) ? values[key] : undefined;
      if (value === wanted) return undefined;
      return value === undefined
        ? `${what} validation error: missing key "${key}": must be set to "${wanted}"`
        : `${what} validation error: key "${key}" must equal "${wanted}": current value is "${value}"`;
    })
    .filter((error) => error !== undefined);
  return errors.length === 0 ? undefined : `invalid ownership metadata; ${errors.join("; ")}`;
}
