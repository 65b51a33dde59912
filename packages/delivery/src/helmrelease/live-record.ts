import { type Health, type KubeObject, objectHealth, sha256Hex } from "@capstan/kube";
import type { RecordKind } from "../live/live-objects.js";
import { isExcluded } from "./drift-exclusion.js";

/** What is remembered of a live object of a release, and nothing of its content. */
export interface HelmLiveRecord extends KubeObject {
  readonly live: {
    /** Of all that is declared and labelled; what controllers report is not in it. */
    readonly fingerprint: string;
    readonly health: Health;
    /** Of a Job, where it need not be done. */
    readonly started: Health | undefined;
    /** Of a Pod. */
    readonly phase: string;
    readonly driftExcluded: boolean;
  };
}

export const HELM_RECORDS: RecordKind<HelmLiveRecord> = { name: "helmrelease", of: toHelmRecord };

/** The record of an object as the API returned it. */
export function toHelmRecord(object: KubeObject): HelmLiveRecord {
  const { name, namespace, uid, resourceVersion, deletionTimestamp } = object.metadata;
  const status = object["status"];
  const phase =
    typeof status === "object" && status !== null && "phase" in status ? String(status.phase) : "";
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    live: {
      fingerprint: fingerprintOf(object),
      health: objectHealth(object),
      started: object.kind === "Job" ? objectHealth(object, { jobs: "started" }) : undefined,
      phase,
      driftExcluded: isExcluded(object),
    },
  };
}

/** Equal fingerprints: nobody changed what an object declares. */
export function fingerprintOf(object: KubeObject): string {
  const { metadata, status: _, ...rest } = object;
  const { uid, labels, annotations, deletionTimestamp } = metadata;
  return sha256Hex(JSON.stringify([uid, labels, withoutRevision(annotations), deletionTimestamp, rest]));
}

/** Controllers number rollouts in annotations. */
function withoutRevision(annotations: Readonly<Record<string, string>> | undefined): unknown {
  if (annotations === undefined) return undefined;
  return Object.entries(annotations).filter(([key]) => key !== "deployment.kubernetes.io/revision");
}
