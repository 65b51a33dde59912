import { type KubeObject, type ObjectRef, stringifyYaml } from "@capstan/kube";
import { maskSecret } from "./mask-secret.js";

/** An object as YAML without what every write changes and without status; secret values are masked. */
export function printableObject(object: KubeObject, salt: string): string {
  const { status: _status, ...rest } = maskSecret(object, salt);
  const {
    managedFields: _fields,
    resourceVersion: _version,
    generation: _generation,
    uid: _uid,
    creationTimestamp: _time,
    ...metadata
  } = rest.metadata;
  return stringifyYaml({ ...rest, metadata });
}

/** `Kind/namespace/name` */
export function subjectOfRef(ref: ObjectRef): string {
  return ref.namespace === undefined ? `${ref.kind}/${ref.name}` : `${ref.kind}/${ref.namespace}/${ref.name}`;
}
