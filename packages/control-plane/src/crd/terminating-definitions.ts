import type { KubeObject } from "@capstan/kube";
import { forbidden } from "../handler/errors.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";

/** Which definitions are being deleted; as an admission part it refuses new objects of their kinds. */
export class TerminatingDefinitions implements Admission {
  /** Names of definitions by the place where their objects are kept. */
  readonly #byPrefix = new Map<string, string>();

  get size(): number {
    return this.#byPrefix.size;
  }

  add(prefix: string, name: string): void {
    this.#byPrefix.set(prefix, name);
  }

  has(name: string): boolean {
    for (const other of this.#byPrefix.values()) if (other === name) return true;
    return false;
  }

  remove(name: string): void {
    for (const [prefix, other] of this.#byPrefix) if (other === name) this.#byPrefix.delete(prefix);
  }

  /** The definition that an object's key belongs to, where that is being deleted. */
  ownerOf(key: string): string | undefined {
    for (const [prefix, name] of this.#byPrefix) if (key.startsWith(`${prefix}/`)) return name;
    return undefined;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    return request.object;
  }

  validate({ kind, operation, name }: AdmissionRequest): void {
    if (operation !== "CREATE" || !this.#byPrefix.has(kind.storage.prefix)) return;
    throw forbidden(kind, name, "create not allowed while custom resource definition is terminating");
  }
}
