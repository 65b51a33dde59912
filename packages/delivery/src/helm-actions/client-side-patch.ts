import type { Patch } from "@capstan/controller";
import {
  createMergePatch,
  createStrategicMergePatch,
  createThreeWayMergePatch,
  type KubeObject,
} from "@capstan/kube";
import { mergeSchemaOf } from "./merge-schema.js";

/**
 * The patch by which the real helm, without server-side apply, takes a live object from one manifest to
 * the next: a three-way strategic merge for kinds of Kubernetes itself, a merge of the two manifests for
 * all others (of all three where `threeWayForCustom`). `undefined` where nothing is to be changed. Throws
 * `PatchError` for lists that cannot be merged.
 */
export function clientSidePatch(
  original: KubeObject,
  target: KubeObject,
  live: KubeObject,
  threeWayForCustom = false,
): Patch | undefined {
  const [before, wanted, now] = [{ ...original }, { ...target }, { ...live }];
  const schema = mergeSchemaOf(target);
  if (schema !== undefined) {
    const body = createStrategicMergePatch(before, wanted, now, schema);
    return isEmpty(body) ? undefined : { type: "strategic", body };
  }
  const body = threeWayForCustom
    ? createThreeWayMergePatch(before, wanted, now)
    : createMergePatch(before, wanted);
  return isEmpty(body) ? undefined : { type: "merge", body };
}

function isEmpty(patch: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(patch).length === 0;
}
