import {
  deepEqual,
  isDns1123Label,
  type KubeObject,
  labelSelectorFromObject,
  matchesLabels,
} from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt } from "../members.js";
import { goValue } from "./go-value.js";
import { validatePodTemplate } from "./pod-spec.js";
import { intOrPercent, type Problems, percentOf } from "./problems.js";
import { isEmptySelector, validateSelector } from "./selectors.js";
import { validateClaimSpec } from "./storage.js";

export function specOf(object: KubeObject): Members {
  return membersAt(object as Members, "spec") ?? {};
}

function statusOf(object: KubeObject): Members {
  return membersAt(object as Members, "status") ?? {};
}

/** The selector of a workload, which must pick the pods of its own template. */
function validateOwnSelector(
  problems: Problems,
  spec: Members,
  emptyDetail: string,
  unreadable = "invalid label selector",
): void {
  const selector = membersAt(spec, "selector");
  if (selector === undefined) problems.required("spec.selector");
  else {
    validateSelector(problems, "spec.selector", selector);
    if (isEmptySelector(selector)) problems.invalid("spec.selector", selector, emptyDetail);
    if (!selectorIsSound(problems)) problems.invalid("spec.selector", selector, unreadable);
  }
}

function validateMatch(
  problems: Problems,
  spec: Members,
  detail = "`selector` does not match template `labels`",
): void {
  const labels = membersAt(membersAt(membersAt(spec, "template"), "metadata"), "labels");
  const selector = membersAt(spec, "selector");
  if (selector !== undefined && isEmptySelector(selector)) return;
  const matches =
    selector !== undefined &&
    matchesLabels(labelSelectorFromObject(selector), (labels ?? {}) as Record<string, string>);
  if (!matches) problems.invalid("spec.template.metadata.labels", labels, detail);
}

function validateAlwaysRestarts(problems: Problems, spec: Members, owner = "ReplicaSet"): void {
  const podSpec = membersAt(membersAt(spec, "template"), "spec");
  const policy = podSpec?.["restartPolicy"];
  if (policy !== undefined && policy !== "Always") {
    problems.unsupported("spec.template.spec.restartPolicy", policy, ["Always"]);
  }
  if (podSpec?.["activeDeadlineSeconds"] !== undefined) {
    problems.forbidden(
      "spec.template.spec.activeDeadlineSeconds",
      `activeDeadlineSeconds in ${owner} is not Supported`,
    );
  }
}

/** Where a selector that cannot be read has been reported already, matching it would throw. */
function selectorIsSound(problems: Problems): boolean {
  return !problems.list.some((problem) => problem.field.startsWith("spec.selector.match"));
}

export function validateDeployment(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  problems.notNegative("spec.replicas", spec["replicas"]);
  validateOwnSelector(problems, spec, "empty selector is invalid for deployment");
  if (selectorIsSound(problems)) validateMatch(problems, spec);
  validatePodTemplate(problems, "spec.template", membersAt(spec, "template"));
  validateAlwaysRestarts(problems, spec);
  validateDeploymentStrategy(problems, membersAt(spec, "strategy") ?? {});
  problems.notNegative("spec.minReadySeconds", spec["minReadySeconds"]);
  problems.notNegative("spec.revisionHistoryLimit", spec["revisionHistoryLimit"]);
  const deadline = numberAt(spec, "progressDeadlineSeconds");
  if (deadline === undefined) return;
  problems.notNegative("spec.progressDeadlineSeconds", deadline);
  if (deadline <= (numberAt(spec, "minReadySeconds") ?? 0)) {
    problems.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
  }
}

function validateDeploymentStrategy(problems: Problems, strategy: Members): void {
  const rolling = membersAt(strategy, "rollingUpdate");
  switch (strategy["type"]) {
    case "Recreate":
      if (rolling !== undefined) {
        problems.forbidden(
          "spec.strategy.rollingUpdate",
          "may not be specified when strategy `type` is 'Recreate'",
        );
      }
      return;
    case "RollingUpdate":
      if (rolling === undefined)
        problems.required("spec.strategy.rollingUpdate", "this should be defaulted and never be nil");
      else validateRolling(problems, rolling);
      return;
    default:
      problems.unsupported("spec.strategy", goValue("apps.v1.DeploymentStrategy", strategy), [
        "Recreate",
        "RollingUpdate",
      ]);
  }
}

function isZero(value: unknown): boolean {
  return value === 0 || percentOf(value) === 0;
}

function validateRolling(problems: Problems, rolling: Members): void {
  const field = "spec.strategy.rollingUpdate";
  intOrPercent(problems, `${field}.maxUnavailable`, rolling["maxUnavailable"]);
  intOrPercent(problems, `${field}.maxSurge`, rolling["maxSurge"]);
  if (isZero(rolling["maxUnavailable"]) && isZero(rolling["maxSurge"])) {
    problems.invalid(
      `${field}.maxUnavailable`,
      rolling["maxUnavailable"],
      "may not be 0 when `maxSurge` is 0",
    );
  }
  notAbove100Percent(problems, `${field}.maxUnavailable`, rolling["maxUnavailable"]);
}

function notAbove100Percent(problems: Problems, field: string, value: unknown): void {
  if ((percentOf(value) ?? 0) > 100) problems.invalid(field, value, "must not be greater than 100%");
}

export function validateReplicaSet(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  problems.notNegative("spec.replicas", spec["replicas"]);
  problems.notNegative("spec.minReadySeconds", spec["minReadySeconds"]);
  validateOwnSelector(problems, spec, "empty selector is invalid for deployment");
  if (selectorIsSound(problems)) validateMatch(problems, spec);
  validatePodTemplate(problems, "spec.template", membersAt(spec, "template"));
  validateAlwaysRestarts(problems, spec);
}

export function validateReplicationController(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const selector = membersAt(spec, "selector") ?? {};
  problems.notNegative("spec.minReadySeconds", spec["minReadySeconds"]);
  if (Object.keys(selector).length === 0) problems.required("spec.selector");
  problems.notNegative("spec.replicas", spec["replicas"]);
  const template = membersAt(spec, "template");
  if (template === undefined) {
    problems.required("spec.template");
    return;
  }
  const labels = membersAt(membersAt(template, "metadata"), "labels") ?? {};
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) {
    problems.invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
  }
  validatePodTemplate(problems, "spec.template", template);
  validateAlwaysRestarts(problems, spec);
}

export function validateDaemonSet(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const selector = membersAt(spec, "selector");
  if (selector !== undefined) validateSelector(problems, "spec.selector", selector);
  if (selectorIsSound(problems)) validateMatch(problems, spec);
  if (selector !== undefined && isEmptySelector(selector)) {
    problems.invalid("spec.selector", selector, "empty selector is invalid for daemonset");
  }
  validatePodTemplate(problems, "spec.template", membersAt(spec, "template"));
  validateAlwaysRestarts(problems, spec, "DaemonSet");
  problems.notNegative("spec.minReadySeconds", spec["minReadySeconds"]);
  validateDaemonSetStrategy(problems, membersAt(spec, "updateStrategy") ?? {});
  problems.notNegative("spec.revisionHistoryLimit", spec["revisionHistoryLimit"]);
}

function validateDaemonSetStrategy(problems: Problems, strategy: Members): void {
  const field = "spec.updateStrategy.rollingUpdate";
  if (strategy["type"] === "OnDelete") return;
  if (strategy["type"] !== "RollingUpdate") {
    problems.unsupported("spec.updateStrategy", goValue("apps.v1.DaemonSetUpdateStrategy", strategy), [
      "RollingUpdate",
      "OnDelete",
    ]);
    return;
  }
  const rolling = membersAt(strategy, "rollingUpdate");
  if (rolling === undefined) {
    problems.required(field);
    return;
  }
  const unavailable = rolling["maxUnavailable"];
  const surge = rolling["maxSurge"];
  intOrPercent(problems, `${field}.maxUnavailable`, unavailable);
  intOrPercent(problems, `${field}.maxSurge`, surge);
  if (!isZero(unavailable) && !isZero(surge)) {
    problems.invalid(`${field}.maxSurge`, surge, "may not be set when maxUnavailable is non-zero");
  } else if (isZero(unavailable) && isZero(surge)) {
    problems.required(`${field}.maxUnavailable`, "cannot be 0 when maxSurge is 0");
  }
  notAbove100Percent(problems, `${field}.maxUnavailable`, unavailable);
  notAbove100Percent(problems, `${field}.maxSurge`, surge);
}

export function validateStatefulSet(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const policy = textAt(spec, "podManagementPolicy");
  if (policy === "") problems.required("spec.podManagementPolicy");
  else if (policy !== "OrderedReady" && policy !== "Parallel") {
    problems.invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'");
  }
  validateStatefulSetStrategy(problems, membersAt(spec, "updateStrategy") ?? {});
  const retention = membersAt(spec, "persistentVolumeClaimRetentionPolicy");
  for (const name of ["whenDeleted", "whenScaled"]) {
    if (retention !== undefined) {
      problems.oneOf(`spec.persistentVolumeClaimRetentionPolicy.${name}`, retention[name], [
        "Retain",
        "Delete",
      ]);
    }
  }
  problems.notNegative("spec.replicas", spec["replicas"]);
  problems.notNegative("spec.minReadySeconds", spec["minReadySeconds"]);
  problems.notNegative("spec.ordinals.start", membersAt(spec, "ordinals")?.["start"]);
  const service = textAt(spec, "serviceName");
  if (service !== "") problems.names("spec.serviceName", service, isDns1123Label);
  validateOwnSelector(problems, spec, "empty selector is invalid for statefulset", "");
  if (selectorIsSound(problems)) validateMatch(problems, spec);
  validatePodTemplate(problems, "spec.template", withClaims(spec));
  validateAlwaysRestarts(problems, spec, "StatefulSet");
  listAt(spec, "volumeClaimTemplates").forEach((claim, index) => {
    validateClaimSpec(problems, `spec.volumeClaimTemplates[${index}].spec`, membersAt(claim, "spec") ?? {});
  });
}

/** The template as its pods will have it: a volume of each claim, names that the controller gives. */
function withClaims(spec: Members): Members | undefined {
  const template = membersAt(spec, "template");
  if (template === undefined) return undefined;
  const { hostname: _hostname, subdomain: _subdomain, ...podSpec } = membersAt(template, "spec") ?? {};
  const claims = listAt(spec, "volumeClaimTemplates").map((claim) =>
    textAt(membersAt(claim, "metadata"), "name"),
  );
  const volumes = listAt(podSpec, "volumes").filter((volume) => !claims.includes(textAt(volume, "name")));
  const added = claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...podSpec, volumes: [...added, ...volumes] } };
}

function validateStatefulSetStrategy(problems: Problems, strategy: Members): void {
  const type = textAt(strategy, "type");
  const rolling = membersAt(strategy, "rollingUpdate");
  const field = "spec.updateStrategy";
  if (type === "") problems.required(field);
  else if (type === "OnDelete") {
    if (rolling !== undefined) {
      problems.invalid(
        `${field}.rollingUpdate`,
        { Partition: rolling["partition"] ?? 0, MaxUnavailable: rolling["maxUnavailable"] ?? null },
        "only allowed for updateStrategy 'RollingUpdate'",
      );
    }
  } else if (type !== "RollingUpdate") {
    problems.invalid(
      field,
      goValue("apps.v1.StatefulSetUpdateStrategy", strategy),
      "must be 'RollingUpdate' or 'OnDelete'",
    );
  } else if (rolling !== undefined) {
    problems.notNegative(`${field}.rollingUpdate.partition`, rolling["partition"]);
    intOrPercent(problems, `${field}.rollingUpdate.maxUnavailable`, rolling["maxUnavailable"]);
    if (isZero(rolling["maxUnavailable"])) {
      problems.invalid(`${field}.rollingUpdate.maxUnavailable`, rolling["maxUnavailable"], "cannot be 0");
    }
    notAbove100Percent(problems, `${field}.rollingUpdate.maxUnavailable`, rolling["maxUnavailable"]);
  }
}

/** The selector of Deployments, ReplicaSets and DaemonSets never changes. */
export function selectorUnchanged(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const selector = specOf(next)["selector"];
  problems.unchanged("spec.selector", selector, deepEqual(selector, specOf(previous)["selector"]));
}

const MUTABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

export function validateStatefulSetUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const fixed = (object: KubeObject) => {
    const entries = Object.entries(specOf(object)).filter(([name]) => !MUTABLE.includes(name));
    return Object.fromEntries(entries);
  };
  if (deepEqual(fixed(next), fixed(previous))) return;
  problems.forbidden(
    "spec",
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
  );
}

export function validateControllerRevision(problems: Problems, object: KubeObject): void {
  if (object["data"] === undefined || object["data"] === null) problems.required("data", "data is mandatory");
  problems.notNegative("revision", object["revision"]);
}

export function validateControllerRevisionUpdate(
  problems: Problems,
  next: KubeObject,
  previous: KubeObject,
): void {
  problems.unchanged("data", next["data"], deepEqual(next["data"], previous["data"]));
}

const COUNTERS = [
  "replicas",
  "updatedReplicas",
  "readyReplicas",
  "availableReplicas",
  "currentReplicas",
  "terminatingReplicas",
  "fullyLabeledReplicas",
  "observedGeneration",
  "currentNumberScheduled",
  "numberMisscheduled",
  "desiredNumberScheduled",
  "numberReady",
  "updatedNumberScheduled",
  "numberAvailable",
  "numberUnavailable",
  "unavailableReplicas",
];
const NOT_ABOVE: readonly (readonly [string, string, string])[] = [
  ["updatedReplicas", "replicas", "cannot be greater than status.replicas"],
  ["readyReplicas", "replicas", "cannot be greater than status.replicas"],
  ["availableReplicas", "replicas", "cannot be greater than status.replicas"],
  ["availableReplicas", "readyReplicas", "cannot be greater than readyReplicas"],
];

/** Counters of a workload's status. */
export function validateWorkloadStatus(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const status = statusOf(next);
  for (const name of COUNTERS) problems.notNegative(`status.${name}`, status[name]);
  const collisions = numberAt(status, "collisionCount");
  const before = numberAt(statusOf(previous), "collisionCount");
  if (before !== undefined && (collisions ?? 0) < before) {
    problems.invalid("status.collisionCount", collisions ?? 0, "cannot be decremented");
  }
  if (next.kind === "DaemonSet") return;
  for (const [name, bound, detail] of NOT_ABOVE) {
    const value = numberAt(status, name) ?? 0;
    if (value > (numberAt(status, bound) ?? 0)) problems.invalid(`status.${name}`, value, detail);
  }
}
