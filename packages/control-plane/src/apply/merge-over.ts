import type { Schema } from "@capstan/kube";
import { type ApplyType, applyTypeOf, deduce } from "./apply-type.js";
import { mergeTyped } from "./typed-merge.js";
import { validateTyped } from "./typed-validate.js";
import { isFields, member } from "./typed-value.js";

/** Why a partial object cannot be laid over another. */
export class MergeOverError extends Error {
  override readonly name = "MergeOverError";
}

/**
 * Lays a partial object over `live` by the list and map types of the schema, as server-side apply does,
 * but without owners: nothing is removed. Parts that the schema takes as one unit may not be set. Throws
 * `MergeOverError` for a patch that does not fit.
 */
export function mergeOver(live: unknown, patch: unknown, schema: Schema | undefined): unknown {
  const type = applyTypeOf(schema);
  const problem = validateTyped(patch, type);
  if (problem !== undefined) {
    throw new MergeOverError(`failed to convert patch object to typed object: ${problem}`);
  }
  const atomic: string[] = [];
  collectAtomic(patch, type, "", atomic);
  if (atomic.length > 0) {
    const paths = atomic.join(", ");
    throw new MergeOverError(
      `invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${paths}`,
    );
  }
  return mergeTyped(live, patch, type);
}

function collectAtomic(value: unknown, type: ApplyType, path: string, out: string[]): void {
  if (Array.isArray(value)) {
    const { list } = deduce(type, value);
    if (list === undefined) return;
    if (list.atomic) {
      out.push(path);
      return;
    }
    for (const [index, item] of value.entries()) {
      collectAtomic(item, list.element(), `${path}[${index}]`, out);
    }
    return;
  }
  if (!isFields(value)) return;
  const { map } = deduce(type, value);
  if (map === undefined) return;
  if (map.atomic) {
    out.push(path);
    return;
  }
  for (const name of Object.keys(value)) {
    const below = map.member(name);
    if (below !== undefined) collectAtomic(member(value, name), below, `${path}.${name}`, out);
  }
}
