import type { KubeObject } from "@capstan/kube";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import { isFor } from "./pod-request.js";

const PROTECTED = [
  { group: "", resource: "persistentvolumeclaims", finalizer: "kubernetes.io/pvc-protection" },
  { group: "", resource: "persistentvolumes", finalizer: "kubernetes.io/pv-protection" },
  {
    group: "storage.k8s.io",
    resource: "volumeattributesclasses",
    finalizer: "kubernetes.io/vac-protection",
  },
];

/** Gives volumes, claims and attributes classes the finalizer that keeps them for as long as they are in use. */
export const storageProtection: Admission = {
  mutate: (request: AdmissionRequest): KubeObject | undefined => {
    const { object, operation } = request;
    if (!object || operation !== "CREATE") return object;
    const found = PROTECTED.find(({ group, resource }) => isFor(request, group, resource));
    const present = object.metadata.finalizers ?? [];
    if (found === undefined || present.includes(found.finalizer)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...present, found.finalizer] } };
  },
  validate: () => undefined,
};
