import type { KubeObject } from "@capstan/kube";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { isFor, specOf, withSpec } from "./pod-request.js";

const STORAGE_MARKS = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];
const INGRESS_MARKS = ["ingressclass.kubernetes.io/is-default-class"];

/** Gives volume claims and ingresses that name no class the one that is marked as the default. */
export class DefaultClasses implements Admission {
  readonly #state: AdmissionState;

  constructor(state: AdmissionState) {
    this.#state = state;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    const { object, operation } = request;
    if (!object || operation !== "CREATE") return object;
    if (isFor(request, "", "persistentvolumeclaims")) {
      const beta = object.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"];
      return beta === undefined
        ? this.#fill(object, "storageClassName", "storage.k8s.io", "storageclasses", STORAGE_MARKS)
        : object;
    }
    if (isFor(request, "networking.k8s.io", "ingresses")) {
      const legacy = object.metadata.annotations?.["kubernetes.io/ingress.class"];
      return legacy === undefined
        ? this.#fill(object, "ingressClassName", "networking.k8s.io", "ingressclasses", INGRESS_MARKS)
        : object;
    }
    return object;
  }

  validate(): void {
    // Only fills in; there is nothing to refuse.
  }

  #fill(
    object: KubeObject,
    field: string,
    group: string,
    resource: string,
    marks: readonly string[],
  ): KubeObject {
    const spec = specOf(object);
    if (spec[field] !== undefined && spec[field] !== null) return object;
    const name = defaultOf(this.#state.list(group, resource), marks);
    return name === undefined ? object : withSpec(object, { ...spec, [field]: name });
  }
}

/** The newest of the marked classes, by name where they are of the same age. */
function defaultOf(classes: readonly KubeObject[], marks: readonly string[]): string | undefined {
  const marked = classes.filter(({ metadata }) =>
    marks.some((mark) => metadata.annotations?.[mark] === "true"),
  );
  const age = ({ metadata }: KubeObject): string => metadata.creationTimestamp ?? "";
  marked.sort((a, b) =>
    age(a) === age(b) ? (a.metadata.name < b.metadata.name ? -1 : 1) : age(a) < age(b) ? 1 : -1,
  );
  return marked[0]?.metadata.name;
}
