import type { KubeObject } from "@capstan/kube";
import { type Members, membersAt, textsAt } from "../members.js";

const FINALIZER = "kubernetes";

export function prepareNamespace(object: KubeObject): KubeObject {
  // A generated name is known only now.
  const { name } = object.metadata;
  const labels = { ...object.metadata.labels, "kubernetes.io/metadata.name": name };
  const spec = membersAt(object as Members, "spec") ?? {};
  const finalizers = textsAt(spec, "finalizers");
  const all = finalizers.includes(FINALIZER) ? finalizers : [...finalizers, FINALIZER];
  return { ...object, metadata: { ...object.metadata, labels }, spec: { ...spec, finalizers: all } };
}

/** Finalizers of the content change through `finalize` only. */
export function prepareNamespaceUpdate(
  next: KubeObject,
  previous: KubeObject,
  subresource: string | undefined,
): KubeObject {
  const { spec: _spec, status: _status, ...rest } = next;
  const kept = subresource === "finalize" ? next["spec"] : previous["spec"];
  const status = subresource === "status" ? next["status"] : previous["status"];
  return {
    ...(rest as KubeObject),
    ...(kept === undefined ? {} : { spec: kept }),
    ...(status === undefined ? {} : { status }),
  };
}
