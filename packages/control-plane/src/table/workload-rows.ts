import { listAt, type Members, membersAt, numberAt, textAt } from "../kinds/members.js";
import {
  age,
  condition,
  containersOf,
  count,
  formatLabels,
  formatSelector,
  type Row,
  sizeAt,
  spec,
  status,
  templateSpec,
  textOr,
} from "./cells.js";
import { ageOf, humanDuration } from "./human-duration.js";

function selectorOrNone(selector: Members | undefined): string {
  return formatSelector(selector) || "<none>";
}

export const deploymentRow: Row = (object, now) => [
  object.metadata.name,
  `${count(status(object), "readyReplicas")}/${count(spec(object), "replicas")}`,
  count(status(object), "updatedReplicas"),
  count(status(object), "availableReplicas"),
  age(object, now),
  ...containersOf(templateSpec(spec(object))),
  formatSelector(membersAt(spec(object), "selector")),
];

export const replicaSetRow: Row = (object, now) => [
  object.metadata.name,
  count(spec(object), "replicas"),
  count(status(object), "replicas"),
  count(status(object), "readyReplicas"),
  age(object, now),
  ...containersOf(templateSpec(spec(object))),
  selectorOrNone(membersAt(spec(object), "selector")),
];

export const replicationControllerRow: Row = (object, now) => [
  ...replicaSetRow(object, now).slice(0, 7),
  formatLabels(membersAt(spec(object), "selector")),
];

export const statefulSetRow: Row = (object, now) => [
  object.metadata.name,
  `${count(status(object), "readyReplicas")}/${count(spec(object), "replicas")}`,
  age(object, now),
  ...containersOf(templateSpec(spec(object))),
];

export const daemonSetRow: Row = (object, now) => [
  object.metadata.name,
  count(status(object), "desiredNumberScheduled"),
  count(status(object), "currentNumberScheduled"),
  count(status(object), "numberReady"),
  count(status(object), "updatedNumberScheduled"),
  count(status(object), "numberAvailable"),
  formatLabels(membersAt(templateSpec(spec(object)), "nodeSelector")),
  age(object, now),
  ...containersOf(templateSpec(spec(object))),
  selectorOrNone(membersAt(spec(object), "selector")),
];

const JOB_STATES: readonly (readonly [string, string])[] = [
  ["Complete", "Complete"],
  ["Failed", "Failed"],
  ["", "Terminating"],
  ["Suspended", "Suspended"],
  ["FailureTarget", "FailureTarget"],
  ["SuccessCriteriaMet", "SuccessCriteriaMet"],
];

function jobState(job: Members): string {
  for (const [type, text] of JOB_STATES) {
    const holds =
      type === ""
        ? membersAt(job, "metadata")?.["deletionTimestamp"] !== undefined
        : condition(job, type)?.["status"] === "True";
    if (holds) return text;
  }
  return "Running";
}

function completions(job: Members): string {
  const succeeded = count(status(job), "succeeded");
  const wanted = numberAt(spec(job), "completions");
  if (wanted !== undefined) return `${succeeded}/${wanted}`;
  const parallelism = numberAt(spec(job), "parallelism") ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: Members, now: number): string {
  const started = textAt(status(job), "startTime");
  if (started === "") return "";
  const completed = textAt(status(job), "completionTime");
  return humanDuration((completed === "" ? now : Date.parse(completed)) - Date.parse(started));
}

export const jobRow: Row = (job, now) => [
  job.metadata.name,
  jobState(job),
  completions(job),
  jobDuration(job, now),
  age(job, now),
  ...containersOf(templateSpec(spec(job))),
  selectorOrNone(membersAt(spec(job), "selector")),
];

export const cronJobRow: Row = (object, now) => {
  const suspend = spec(object)?.["suspend"];
  const jobSpec = membersAt(membersAt(spec(object), "jobTemplate"), "spec");
  const last = textAt(status(object), "lastScheduleTime");
  return [
    object.metadata.name,
    textAt(spec(object), "schedule"),
    textOr(spec(object), "timeZone", "<none>"),
    typeof suspend === "boolean" ? (suspend ? "True" : "False") : "<unset>",
    sizeAt(status(object), "active"),
    last === "" ? "<none>" : ageOf(last, now),
    age(object, now),
    ...containersOf(templateSpec(jobSpec)),
    selectorOrNone(membersAt(jobSpec, "selector")),
  ];
};

export const podTemplateRow: Row = (object) => [
  object.metadata.name,
  ...containersOf(templateSpec(object)),
  formatLabels(membersAt(membersAt(membersAt(object, "template"), "metadata"), "labels")),
];

export const disruptionBudgetRow: Row = (object, now) => {
  const bound = (name: string) => {
    const value = spec(object)?.[name];
    return value === undefined || value === null ? "N/A" : String(value);
  };
  return [
    object.metadata.name,
    bound("minAvailable"),
    bound("maxUnavailable"),
    count(status(object), "disruptionsAllowed"),
    age(object, now),
  ];
};

export const controllerRevisionRow: Row = (object, now) => {
  const owner = listAt(membersAt(object, "metadata"), "ownerReferences").find(
    (reference) => reference["controller"] === true,
  );
  const group = textAt(owner, "apiVersion").split("/").slice(0, -1).join("");
  const kind = `${textAt(owner, "kind").toLowerCase()}${group === "" ? "" : `.${group}`}`;
  return [
    object.metadata.name,
    owner === undefined ? "<none>" : `${kind}/${textAt(owner, "name")}`,
    count(object, "revision"),
    age(object, now),
  ];
};

const UNKNOWN = "<unknown>";

function metricSource(metric: Members): readonly [string, Members | undefined] {
  const type = textAt(metric, "type");
  const field = type.charAt(0).toLowerCase() + type.slice(1);
  return [type, membersAt(metric, field)];
}

function percent(value: number | undefined, fallback: string): string {
  return value === undefined ? fallback : `${value}%`;
}

function metricText(metric: Members, current: Members | undefined): string {
  const [type, source] = metricSource(metric);
  const target = membersAt(source, "target");
  const now = current === undefined ? undefined : membersAt(metricSource(current)[1], "current");
  const average = textAt(target, "averageValue");
  switch (type) {
    case "Resource":
    case "ContainerResource": {
      const name = textAt(source, "name");
      if (average !== "") return `${name}: ${textOr(now, "averageValue", UNKNOWN)}/${average}`;
      const goal = percent(numberAt(target, "averageUtilization"), "<auto>");
      return `${name}: ${percent(numberAt(now, "averageUtilization"), UNKNOWN)}/${goal}`;
    }
    case "Pods":
      return `${textOr(now, "averageValue", UNKNOWN)}/${average}`;
    case "Object":
    case "External":
      if (average !== "") return `${textOr(now, "averageValue", UNKNOWN)}/${average} (avg)`;
      return `${textOr(now, "value", UNKNOWN)}/${textAt(target, "value")}`;
    default:
      return "<unknown type>";
  }
}

export const autoscalerRow: Row = (object, now) => {
  const reference = membersAt(spec(object), "scaleTargetRef");
  const current = listAt(status(object), "currentMetrics");
  const texts = listAt(spec(object), "metrics").map((metric, index) => metricText(metric, current[index]));
  const shown = texts.slice(0, 2).join(", ");
  const more = texts.length > 2 ? ` + ${texts.length - 2} more...` : "";
  const least = numberAt(spec(object), "minReplicas");
  return [
    object.metadata.name,
    `${textAt(reference, "kind")}/${textAt(reference, "name")}`,
    texts.length === 0 ? "<none>" : shown + more,
    least === undefined ? "<unset>" : String(least),
    count(spec(object), "maxReplicas"),
    count(status(object), "currentReplicas"),
    age(object, now),
  ];
};
