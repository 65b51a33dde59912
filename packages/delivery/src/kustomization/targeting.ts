import type { ObjectMeta } from "@capstan/kube";
import type { KustomizationSpec } from "./resource.js";

/** An object that may name another cluster. */
export interface Targeting {
  readonly metadata: ObjectMeta;
  readonly spec: Pick<KustomizationSpec, "kubeConfig" | "serviceAccountName">;
}
