import { ApiError } from "@capstan/kube";
import type { Answer, Call, Machinery } from "./call.js";
import { deleteObject } from "./delete.js";
import { readDeleteOptions } from "./delete-options.js";
import { listObjects, selectionOf } from "./list.js";
import { readListOptions } from "./list-options.js";
import type { StoredObject } from "./object-storage.js";

/** DELETE of a collection: each object that the selectors match, one by one; answers with what was deleted. */
export async function deleteCollection(machinery: Machinery, call: Call): Promise<Answer> {
  const options = readDeleteOptions(call);
  const listOptions = readListOptions(call.query, false);
  const found = listObjects(machinery, call, listOptions, selectionOf(call, listOptions));
  const deleted: StoredObject[] = [];
  const deletions = found.items.map(async (item) => {
    try {
      await deleteObject(machinery, call, item.object.metadata.namespace, item.object.metadata.name, options);
      deleted.push(item);
    } catch (error) {
      if (!ApiError.is(error, "NotFound")) throw error;
    }
  });
  await Promise.all(deletions);
  return { type: "list", list: { ...found, items: deleted } };
}
