import { ownerReference } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import type { Pod, PodTemplate, Volume } from "../model/pod.js";
import { CLAIM, type ClaimTemplate, type StatefulSet } from "../model/workload.js";
import { podFromTemplate } from "../shared/pod-factory.js";

export const REVISION_LABEL = "controller-revision-hash";

/** The number at the end of a pod's name; `undefined` where the pod is none of the set's. */
export function ordinalOf(set: StatefulSet, pod: KubeObject): number | undefined {
  const match = /^(.*)-([0-9]+)$/.exec(pod.metadata.name);
  return match?.[1] === set.metadata.name ? Number(match[2]) : undefined;
}

export function firstOrdinal(set: StatefulSet): number {
  return set.spec.ordinals?.start ?? 0;
}

export function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`;
}

export function claimName(set: StatefulSet, template: ClaimTemplate, ordinal: number): string {
  return `${template.metadata.name}-${podName(set, ordinal)}`;
}

/** The pod of an ordinal at a revision. */
export function buildPod(set: StatefulSet, ordinal: number, template: PodTemplate, revision: string): Pod {
  const name = podName(set, ordinal);
  const pod = podFromTemplate(template, set, { fixed: name });
  const claims: Volume[] = (set.spec.volumeClaimTemplates ?? []).map((each) => ({
    name: each.metadata.name,
    persistentVolumeClaim: { claimName: claimName(set, each, ordinal) },
  }));
  const others = (pod.spec.volumes ?? []).filter(
    (volume) => !claims.some((claim) => claim.name === volume.name),
  );
  const volumes = [...claims, ...others];
  const { serviceName } = set.spec;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: {
        ...pod.metadata.labels,
        "statefulset.kubernetes.io/pod-name": name,
        "apps.kubernetes.io/pod-index": String(ordinal),
        [REVISION_LABEL]: revision,
      },
    },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(serviceName === undefined || serviceName === "" ? {} : { subdomain: serviceName }),
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  };
}

/** The claims that the pod of an ordinal mounts. */
export function buildClaims(set: StatefulSet, ordinal: number): KubeObject[] {
  const { namespace } = set.metadata;
  const owned = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === "Delete";
  return (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    ...CLAIM,
    metadata: {
      name: claimName(set, template, ordinal),
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
      ...(template.metadata.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
      ...(owned ? { ownerReferences: [ownerReference(set)] } : {}),
    },
    spec: template.spec,
  }));
}
