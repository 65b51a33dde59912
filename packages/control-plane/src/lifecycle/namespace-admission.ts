import type { ApiError, KubeObject } from "@capstan/kube";
import { forbidden, notFound } from "../handler/errors.js";
import type { ObjectStorage } from "../handler/object-storage.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";

const FINALIZER = "kubernetes";

/**
 * Lets objects be created only in namespaces that exist and are not being deleted, and gives new
 * namespaces the finalizer that empties them before they go.
 */
export class NamespaceAdmission implements Admission {
  readonly #registry: KindRegistry;
  readonly #objects: ObjectStorage;

  constructor(registry: KindRegistry, objects: ObjectStorage) {
    this.#registry = registry;
    this.#objects = objects;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    const { object, operation, kind } = request;
    if (object === undefined || operation !== "CREATE" || !isNamespace(kind)) return object;
    const spec = (object["spec"] ?? {}) as { finalizers?: readonly string[] };
    if (spec.finalizers?.includes(FINALIZER)) return object;
    return { ...object, spec: { ...spec, finalizers: [...(spec.finalizers ?? []), FINALIZER] } };
  }

  validate(request: AdmissionRequest): void {
    const { kind, namespace, operation, subresource } = request;
    if (!kind.namespaced || namespace === undefined || operation === "DELETE") return;
    if (kind.group === "authorization.k8s.io") return;
    const namespaces = this.#registry.find("", "v1", "namespaces");
    if (namespaces === undefined) return;
    const found = this.#objects.latest(namespaces, undefined, namespace)?.object;
    if (found === undefined) throw notFound(namespaces, namespace);
    if (operation !== "CREATE" || subresource !== undefined) return;
    if (found.metadata.deletionTimestamp !== undefined) throw terminating(request, namespace);
  }
}

function isNamespace(kind: { readonly group: string; readonly resource: string }): boolean {
  return kind.group === "" && kind.resource === "namespaces";
}

function terminating(request: AdmissionRequest, namespace: string): ApiError {
  return forbidden(
    request.kind,
    request.name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: "NamespaceTerminating",
        message: `namespace ${namespace} is being terminated`,
        field: "metadata.namespace",
      },
    ],
  );
}
