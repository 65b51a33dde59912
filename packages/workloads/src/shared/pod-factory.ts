import { ownerReference } from "@capstan/controller";
import type { KubeObject, Random } from "@capstan/kube";
import type { Pod, PodTemplate } from "../model/pod.js";
import { POD } from "../model/workload.js";
import { randomSuffix } from "./random-name.js";

/** How many characters of a generated name are the owner's; five random ones follow. */
const maxPrefix = 58;

/** A pod stamped from a template, owned and controlled by `owner`, with `name` or a generated one. */
export function podFromTemplate(
  template: PodTemplate,
  owner: KubeObject,
  name: { readonly fixed: string } | { readonly prefix: string; readonly random: Random },
): Pod {
  const { namespace } = owner.metadata;
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    ...POD,
    metadata: {
      ...nameFields(name),
      ...(namespace === undefined ? {} : { namespace }),
      ...(labels === undefined ? {} : { labels: { ...labels } }),
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      ...(finalizers === undefined ? {} : { finalizers: [...finalizers] }),
      ownerReferences: [ownerReference(owner)],
    },
    spec: { ...template.spec },
  };
}

function nameFields(
  name: { readonly fixed: string } | { readonly prefix: string; readonly random: Random },
): { name: string; generateName?: string } {
  if ("fixed" in name) return { name: name.fixed };
  const base = name.prefix.slice(0, maxPrefix);
  return { name: base + randomSuffix(name.random), generateName: name.prefix };
}
