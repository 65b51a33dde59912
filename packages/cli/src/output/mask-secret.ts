import { type KubeObject, sha256Hex } from "@capstan/kube";

/**
 * A Secret with a short digest in the place of each value, so that a change shows and no value does. The
 * last-applied annotation, which repeats the values, is left out. Other objects stay as they are.
 */
export function maskSecret(object: KubeObject): KubeObject {
  if (object.kind !== "Secret" || object.apiVersion !== "v1") return object;
  const masked: KubeObject = { ...object, metadata: { ...object.metadata } };
  for (const member of ["data", "stringData"] as const) {
    const values = object[member];
    if (typeof values !== "object" || values === null) continue;
    masked[member] = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        `*** (${sha256Hex(JSON.stringify(value)).slice(0, 8)})`,
      ]),
    );
  }
  const { "kubectl.kubernetes.io/last-applied-configuration": _last, ...annotations } =
    object.metadata.annotations ?? {};
  if (object.metadata.annotations !== undefined) masked.metadata.annotations = annotations;
  return masked;
}
