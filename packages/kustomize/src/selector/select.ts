import type { Selector } from "../kustomization/types.js";
import { effectiveNamespace } from "../resource/id.js";
import type { ResMap } from "../resource/res-map.js";
import type { Resource } from "../resource/resource.js";
import { type LabelSelector, parseSelector, selectorMatches } from "./label-selector.js";
import { wholePattern } from "./regex.js";

/** The resources that a patch's target selects, by their original or their current name. */
export function selectResources(map: ResMap, selector: Selector): Resource[] {
  const group = wholePattern(selector.group);
  const version = wholePattern(selector.version);
  const kind = wholePattern(selector.kind);
  const name = wholePattern(selector.name);
  const namespace = wholePattern(selector.namespace);
  let labels: LabelSelector | undefined;
  let annotations: LabelSelector | undefined;
  return map.resources.filter((resource) => {
    const current = resource.id;
    const original = resource.originalId();
    if (namespace && !namespace(effectiveNamespace(original)) && !namespace(effectiveNamespace(current)))
      return false;
    if (name && !name(original.name) && !name(current.name)) return false;
    if (group && !group(current.group)) return false;
    if (version && !version(current.version)) return false;
    if (kind && !kind(current.kind)) return false;
    // A selector that is wrong only fails the build once there is something to select from.
    labels ??= parseSelector(selector.labelSelector ?? "");
    if (labels.length > 0 && !selectorMatches(labels, resource.labels())) return false;
    annotations ??= parseSelector(selector.annotationSelector ?? "");
    return annotations.length === 0 || selectorMatches(annotations, resource.annotations());
  });
}
