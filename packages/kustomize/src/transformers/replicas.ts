import { KustomizeError } from "../errors.js";
import { type FieldSpec, FieldWalk, wrongKind } from "../fieldspec/field-spec.js";
import type { Replica } from "../kustomization/types.js";
import { formatGvk, gvkSelected } from "../resource/id.js";
import { isNull, newScalar, TAG_INT } from "../yaml/node.js";
import { setScalar } from "../yaml/set.js";
import type { Transformer } from "./transformer.js";

/** Sets how many replicas the workloads of a name have. */
export function replicaTransformer(replica: Replica, specs: readonly FieldSpec[]): Transformer {
  const name = replica.name ?? "";
  return {
    kind: "ReplicaCountTransformer",
    transform(map, note) {
      let found = false;
      for (const spec of specs) {
        const walk = new FieldWalk(spec, "scalar");
        for (const resource of map.matchingAnyId((id) => id.name === name && gvkSelected(id, spec))) {
          found = true;
          note(resource);
          walk.apply(resource.node, resource.id, (node) => {
            if (!isNull(node) && node.kind !== "scalar") throw wrongKind("ScalarNode", node);
            setScalar(node, newScalar(String(replica.count ?? 0), TAG_INT));
          });
        }
      }
      map.changed();
      if (found) return;
      const kinds = specs.map((spec) => formatGvk(spec)).join(" ");
      throw new KustomizeError(
        "transformer",
        `resource with name ${name} does not match a config with the following GVK [${kinds}]`,
      );
    },
  };
}
