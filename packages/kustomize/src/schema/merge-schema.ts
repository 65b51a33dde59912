/** What strategic merging needs to know of a type: which lists are merged, by which keys. */
export interface MergeSchema {
  /** The type of a field, undefined where nothing is known of it. */
  field(name: string): MergeSchema | undefined;
  /** The type of a list's elements. */
  elements(): MergeSchema | undefined;
  /** Whether lists of this type are merged and not replaced. */
  readonly merged: boolean;
  /** Fields that identify an element of a merged list; none for a set of scalars. */
  readonly keys: readonly string[];
}

/** Finds the schema of a kind; undefined where there is none, and all lists are replaced. */
export type SchemaLookup = (apiVersion: string, kind: string) => MergeSchema | undefined;
