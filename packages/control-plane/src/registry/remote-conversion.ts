import type { KubeObject } from "@capstan/kube";

/** Conversion between versions of a kind that somebody else carries out, so that it takes a while. */
export interface RemoteConversion {
  /**
   * Has objects converted, all of them in one go, so that `convert` of the kind finds them. Rejects with
   * `ApiError` 500 where that fails.
   */
  prepare(objects: readonly KubeObject[], apiVersion: string): Promise<void>;
}

/** Thrown where an object is wanted at a version that it was not prepared for. */
export class NotConverted extends Error {
  override readonly name = "NotConverted";
  readonly object: KubeObject;
  readonly apiVersion: string;

  constructor(object: KubeObject, apiVersion: string) {
    super(`${object.kind} ${object.metadata.name} has not been converted to ${apiVersion}`);
    this.object = object;
    this.apiVersion = apiVersion;
  }
}
