import {
  defaultEmptyTo,
  defaultTo,
  ensureMembers,
  listAt,
  type Members,
  membersAt,
  textAt,
} from "../members.js";
import { defaultPodTemplate } from "./pod-spec.js";
import { defaultClaim } from "./storage.js";

export function defaultDeployment(object: Members): void {
  const spec = ensureMembers(object, "spec");
  defaultTo(spec, "replicas", 1);
  const strategy = ensureMembers(spec, "strategy");
  defaultEmptyTo(strategy, "type", "RollingUpdate");
  if (strategy["type"] === "RollingUpdate") {
    const rolling = ensureMembers(strategy, "rollingUpdate");
    defaultTo(rolling, "maxUnavailable", "25%");
    defaultTo(rolling, "maxSurge", "25%");
  }
  defaultTo(spec, "revisionHistoryLimit", 10);
  defaultTo(spec, "progressDeadlineSeconds", 600);
  defaultPodTemplate(spec);
}

export function defaultReplicaSet(object: Members): void {
  const spec = ensureMembers(object, "spec");
  defaultTo(spec, "replicas", 1);
  defaultPodTemplate(spec);
}

export function defaultReplicationController(object: Members): void {
  const spec = ensureMembers(object, "spec");
  const labels = membersAt(membersAt(membersAt(spec, "template"), "metadata"), "labels");
  if (labels !== undefined) {
    if (membersAt(spec, "selector") === undefined) spec["selector"] = { ...labels };
    const metadata = ensureMembers(object, "metadata");
    if (membersAt(metadata, "labels") === undefined) metadata["labels"] = { ...labels };
  }
  defaultTo(spec, "replicas", 1);
  defaultPodTemplate(spec);
}

export function defaultDaemonSet(object: Members): void {
  const spec = ensureMembers(object, "spec");
  const strategy = ensureMembers(spec, "updateStrategy");
  defaultEmptyTo(strategy, "type", "RollingUpdate");
  if (strategy["type"] === "RollingUpdate") {
    const rolling = ensureMembers(strategy, "rollingUpdate");
    defaultTo(rolling, "maxUnavailable", 1);
    defaultTo(rolling, "maxSurge", 0);
  }
  defaultTo(spec, "revisionHistoryLimit", 10);
  defaultPodTemplate(spec);
}

export function defaultStatefulSet(object: Members): void {
  const spec = ensureMembers(object, "spec");
  defaultEmptyTo(spec, "podManagementPolicy", "OrderedReady");
  const strategy = ensureMembers(spec, "updateStrategy");
  if (textAt(strategy, "type") === "") {
    strategy["type"] = "RollingUpdate";
    defaultTo(strategy, "rollingUpdate", {});
  }
  const rolling = membersAt(strategy, "rollingUpdate");
  if (strategy["type"] === "RollingUpdate" && rolling !== undefined) {
    defaultTo(rolling, "partition", 0);
    defaultTo(rolling, "maxUnavailable", 1);
  }
  const retention = ensureMembers(spec, "persistentVolumeClaimRetentionPolicy");
  defaultEmptyTo(retention, "whenDeleted", "Retain");
  defaultEmptyTo(retention, "whenScaled", "Retain");
  defaultTo(spec, "replicas", 1);
  defaultTo(spec, "revisionHistoryLimit", 10);
  for (const claim of listAt(spec, "volumeClaimTemplates")) {
    claim["apiVersion"] = "v1";
    claim["kind"] = "PersistentVolumeClaim";
    defaultClaim(claim);
  }
  defaultPodTemplate(spec);
}

export function defaultJob(object: Members): void {
  const spec = ensureMembers(object, "spec");
  if (isUnset(spec, "completions") && isUnset(spec, "parallelism")) {
    spec["completions"] = 1;
    spec["parallelism"] = 1;
  }
  defaultTo(spec, "parallelism", 1);
  defaultTo(spec, "backoffLimit", isUnset(spec, "backoffLimitPerIndex") ? 6 : 2147483647);
  defaultTo(spec, "completionMode", "NonIndexed");
  defaultTo(spec, "suspend", false);
  const failurePolicy = membersAt(spec, "podFailurePolicy");
  defaultTo(spec, "podReplacementPolicy", failurePolicy === undefined ? "TerminatingOrFailed" : "Failed");
  defaultTo(spec, "manualSelector", false);
  for (const rule of listAt(failurePolicy, "rules")) {
    for (const pattern of listAt(rule, "onPodConditions")) defaultEmptyTo(pattern, "status", "True");
  }
  const labels = membersAt(membersAt(membersAt(spec, "template"), "metadata"), "labels");
  const metadata = ensureMembers(object, "metadata");
  // Shared on purpose: what preparation adds to the template's labels, the job then shows as well.
  if (labels !== undefined && membersAt(metadata, "labels") === undefined) metadata["labels"] = labels;
  defaultPodTemplate(spec);
}

function isUnset(value: Members, name: string): boolean {
  return value[name] === undefined || value[name] === null;
}

export function defaultCronJob(object: Members): void {
  const spec = ensureMembers(object, "spec");
  defaultEmptyTo(spec, "concurrencyPolicy", "Allow");
  defaultTo(spec, "suspend", false);
  defaultTo(spec, "successfulJobsHistoryLimit", 3);
  defaultTo(spec, "failedJobsHistoryLimit", 1);
  const job = membersAt(membersAt(spec, "jobTemplate"), "spec");
  if (job !== undefined) defaultPodTemplate(job);
}

export function defaultPodTemplateObject(object: Members): void {
  defaultPodTemplate(object);
}
