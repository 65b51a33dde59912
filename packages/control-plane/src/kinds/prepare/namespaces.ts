import type { KubeObject } from "@capstan/kube";
import { type Members, membersAt, textsAt } from "../members.js";

const FINALIZER = "kubernetes";

export function prepareNamespace(object: KubeObject): KubeObject {
  const spec = membersAt(object as Members, "spec") ?? {};
  const finalizers = textsAt(spec, "finalizers");
  if (finalizers.includes(FINALIZER)) return object;
  return { ...object, spec: { ...spec, finalizers: [...finalizers, FINALIZER] } };
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
