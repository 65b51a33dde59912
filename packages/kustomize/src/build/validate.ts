import { KustomizeError } from "../errors.js";
import { formatId, idKey } from "../resource/id.js";
import type { ResMap } from "../resource/res-map.js";
import { goJson } from "../yaml/go-json.js";
import { nodeToValue } from "../yaml/value.js";

const VALIDATED_BY = "validated-by";

/** @throws KustomizeError where a validator has changed anything but the label that it may set */
export function checkUnchanged(before: ResMap, after: ResMap, file: string): void {
  const fail = (reason: string): never => {
    const message = `validator shouldn't modify the resource map: ${reason}`;
    throw new KustomizeError("transformer", message, { file });
  };
  if (before.resources.length !== after.resources.length) fail("lists have different number of entries");
  const now = after.copy();
  for (const resource of now.resources) {
    const labels = resource.labels();
    if (labels.delete(VALIDATED_BY)) resource.setLabels(labels);
  }
  const others = new Map(now.resources.map((resource) => [idKey(resource.id), resource]));
  for (const resource of before.resources) {
    const other = others.get(idKey(resource.id));
    if (other === undefined) fail(`id in self missing from other; id: ${formatId(resource.id)}`);
    else if (goJson(nodeToValue(resource.node)) !== goJson(nodeToValue(other.node))) {
      fail(`nodes unequal: ${formatId(resource.id)}`);
    }
  }
}
