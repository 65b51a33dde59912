import type { ObjectId } from "../plan/object-id.js";
import type { Policies } from "../plan/policies.js";

/** One object as the source declares it, ready to be applied. */
export interface DesiredObject extends ObjectId {
  readonly apiVersion: string;
  /** The id as inventories write it. */
  readonly id: string;
  /** Of the object's content; equal content has an equal digest. */
  readonly digest: string;
  /** The object as JSON: kept as text because most runs never look inside. */
  readonly json: string;
  readonly policies: Policies;
  /** A Job that deletes itself after it has finished. */
  readonly selfDeleting: boolean;
  /** A Secret whose values are SOPS-encrypted still. */
  readonly encrypted: boolean;
  /** Where in the source it comes from. */
  readonly origin?: { readonly file: string; readonly line?: number };
}

/** What a build made of a source. */
export interface Rendered {
  readonly objects: readonly DesiredObject[];
  /** `sha256:…` of the build's text. */
  readonly digest: string;
  /** Whether it holds bases that the source names and does not contain. */
  readonly remote?: boolean;
}

/** Why a build failed; `reason` is that of the `Ready` condition. */
export class RenderError extends Error {
  override readonly name = "RenderError";
  readonly reason: "ArtifactFailed" | "BuildFailed";

  constructor(reason: "ArtifactFailed" | "BuildFailed", message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}
