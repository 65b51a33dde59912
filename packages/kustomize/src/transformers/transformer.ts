import type { ResMap } from "../resource/res-map.js";
import type { Resource } from "../resource/resource.js";

/** Told of each resource that a step acts on. */
export type Note = (resource: Resource) => void;

/** One configured step of a build over all resources so far. */
export interface Transformer {
  /** Name of the built-in that it is: `PatchTransformer`. */
  readonly kind: string;
  transform(map: ResMap, note: Note): void;
}
