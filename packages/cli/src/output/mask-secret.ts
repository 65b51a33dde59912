import { type KubeObject, sha256Hex } from "@capstan/kube";

/**
 * A Secret with `***` in the place of each value. With `salt`, a digest follows, so that a change shows: the
 * salt must be fresh and stay untold, for values that can be guessed could be confirmed by it. The
 * last-applied annotation, which repeats the values, is left out. Other objects stay as they are.
 */
export function maskSecret(object: KubeObject, salt?: string): KubeObject {
  if (object.kind !== "Secret" || object.apiVersion !== "v1") return object;
  const masked: KubeObject = { ...object, metadata: { ...object.metadata } };
  for (const member of ["data", "stringData"] as const) {
    const values = object[member];
    if (values === undefined || values === null) continue;
    masked[member] =
      typeof values === "object" && !Array.isArray(values)
        ? Object.fromEntries(Object.entries(values).map(([key, value]) => [key, mask(value, salt)]))
        : mask(values, salt);
  }
  const { "kubectl.kubernetes.io/last-applied-configuration": _last, ...annotations } =
    object.metadata.annotations ?? {};
  if (object.metadata.annotations !== undefined) masked.metadata.annotations = annotations;
  return masked;
}

function mask(value: unknown, salt: string | undefined): string {
  return salt === undefined ? "***" : `*** (${sha256Hex(`${salt}${JSON.stringify(value)}`).slice(0, 8)})`;
}
