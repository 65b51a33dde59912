import { KustomizeError } from "../errors.js";
import { mergeFieldSpecs } from "../fieldspec/transformer-config.js";
import { ORIGIN_ANNOTATION, TRANSFORMATIONS_ANNOTATION } from "../resource/origin.js";
import { checkObject } from "../resource/read.js";
import type { ResMap } from "../resource/res-map.js";
import { BUILD_ANNOTATIONS, type Resource } from "../resource/resource.js";
import { labelTransformer } from "../transformers/labels.js";
import { isNullOrEmpty } from "../yaml/node.js";

const LOCAL_CONFIG = "config.kubernetes.io/local-config";
const MANAGED_BY_LABEL = "app.kubernetes.io/managed-by";
const MANAGED_BY = "kustomize-v5.7.1";

/** Drops what was only there for the build, and checks that the rest are still objects, and different ones. */
export function dropLocalConfig(map: ResMap): void {
  const kept: Resource[] = [];
  for (const resource of map.resources) {
    if (isNullOrEmpty(resource.node)) continue;
    checkObject({ node: resource.node, line: resource.line }, resource.file);
    const local = resource.annotation(LOCAL_CONFIG);
    if (local === undefined || local === "false") kept.push(resource);
  }
  map.reset([]);
  map.appendAll(kept);
}

/** Sets the label that says what built the objects. */
export function labelManagedBy(map: ResMap): void {
  const specs = mergeFieldSpecs(
    [],
    [{ group: "", version: "", kind: "", path: "metadata/labels", create: true }],
  );
  labelTransformer(new Map([[MANAGED_BY_LABEL, MANAGED_BY]]), specs).transform(map, () => undefined);
}

/** Which of the build's notes stay in the result. */
export interface KeptNotes {
  readonly origin: boolean;
  readonly transformations: boolean;
}

/** Removes the build's own annotations; on the way all annotations become strings. */
export function stripAnnotations(map: ResMap, kept: KeptNotes): void {
  for (const resource of map.resources) {
    const annotations = resource.annotations();
    if (annotations.size === 0 && kept.origin && kept.transformations) continue;
    for (const key of BUILD_ANNOTATIONS) annotations.delete(key);
    if (!kept.origin) annotations.delete(ORIGIN_ANNOTATION);
    if (!kept.transformations) annotations.delete(TRANSFORMATIONS_ANNOTATION);
    try {
      resource.setAnnotations(annotations);
    } catch (error) {
      throw KustomizeError.from(error, "output", resource.file);
    }
  }
}
