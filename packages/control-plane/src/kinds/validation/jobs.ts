import { deepEqual, isDns1123Label, type KubeObject } from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt } from "../members.js";
import { goValue } from "./go-value.js";
import { validatePodTemplate } from "./pod-spec.js";
import { IMMUTABLE, type Problems } from "./problems.js";
import { validateCronSchedule } from "./schedule.js";
import { validateSelector } from "./selectors.js";
import { specOf } from "./workloads.js";

const COUNTS = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
];
const RESTARTS = ["OnFailure", "Never"];
const NEEDS_INDEX = ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"];

function validateJobSpec(problems: Problems, field: string, spec: Members): void {
  for (const name of COUNTS) problems.notNegative(`${field}.${name}`, spec[name]);
  const indexed = spec["completionMode"] === "Indexed";
  const mode = spec["completionMode"];
  if (mode !== undefined) problems.oneOf(`${field}.completionMode`, mode, ["NonIndexed", "Indexed"]);
  if (indexed) {
    if (spec["completions"] === undefined)
      problems.required(`${field}.completions`, "when completion mode is Indexed");
    if ((numberAt(spec, "parallelism") ?? 0) > 100_000) {
      problems.invalid(
        `${field}.parallelism`,
        spec["parallelism"],
        "must be less than or equal to 100000 when completion mode is Indexed",
      );
    }
  } else {
    for (const name of NEEDS_INDEX) {
      if (spec[name] !== undefined)
        problems.invalid(`${field}.${name}`, spec[name], "requires indexed completion mode");
    }
  }
  const [failed, completions] = [numberAt(spec, "maxFailedIndexes"), numberAt(spec, "completions")];
  if (indexed && failed !== undefined && completions !== undefined && failed > completions) {
    problems.invalid(`${field}.maxFailedIndexes`, failed, "must be less than or equal to completions");
  }
  const manager = spec["managedBy"];
  if (typeof manager === "string" && !manager.includes("/")) {
    const detail = 'must be a domain-prefixed path (such as "acme.io/foo")';
    problems.invalid(`${field}.managedBy`, manager, detail);
  }
  validateFailurePolicy(problems, field, spec);
  const replacement = spec["podReplacementPolicy"];
  if (replacement !== undefined) {
    problems.oneOf(`${field}.podReplacementPolicy`, replacement, ["Failed", "TerminatingOrFailed"]);
  }
  validatePodTemplate(problems, `${field}.template`, membersAt(spec, "template"));
  const policy = membersAt(membersAt(spec, "template"), "spec")?.["restartPolicy"];
  const at = `${field}.template.spec.restartPolicy`;
  if (policy === undefined || policy === "" || policy === "Always") {
    problems.required(at, 'valid values: "OnFailure", "Never"');
  } else problems.oneOf(at, policy, RESTARTS);
}

const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"];

function validateFailurePolicy(problems: Problems, field: string, spec: Members): void {
  const policy = membersAt(spec, "podFailurePolicy");
  if (policy === undefined) return;
  const restart = membersAt(membersAt(spec, "template"), "spec")?.["restartPolicy"];
  if (restart !== "Never") {
    problems.invalid(
      `${field}.template.spec.restartPolicy`,
      restart,
      'only "Never" is supported when podFailurePolicy is specified',
    );
  }
  const rules = listAt(policy, "rules");
  if (rules.length > 20) problems.tooMany(`${field}.podFailurePolicy.rules`, rules.length, 20);
  rules.forEach((rule, index) => {
    const at = `${field}.podFailurePolicy.rules[${index}]`;
    problems.requiredOneOf(`${at}.action`, rule["action"], ACTIONS);
    const codes = membersAt(rule, "onExitCodes");
    if (codes !== undefined) validateExitCodes(problems, `${at}.onExitCodes`, codes);
    const byCode = codes !== undefined;
    const byCondition = listAt(rule, "onPodConditions").length > 0;
    if (byCode && byCondition) {
      problems.invalid(at, null, "specifying both OnExitCodes and OnPodConditions is not supported");
    } else if (!byCode && !byCondition) {
      problems.invalid(at, null, "specifying one of OnExitCodes and OnPodConditions is required");
    }
  });
}

function validateExitCodes(problems: Problems, field: string, requirement: Members): void {
  const operator = textAt(requirement, "operator");
  problems.requiredOneOf(`${field}.operator`, operator, ["In", "NotIn"]);
  const values = Array.isArray(requirement["values"]) ? requirement["values"] : [];
  if (values.length === 0) problems.invalid(`${field}.values`, values, "at least one value is required");
  else if (values.length > 255) problems.tooMany(`${field}.values`, values.length, 255);
  const seen = new Set<unknown>();
  let ordered = true;
  values.forEach((value: unknown, index) => {
    if (operator === "In" && value === 0)
      problems.invalid(`${field}.values[${index}]`, value, "must not be 0 for the In operator");
    if (seen.has(value)) problems.duplicate(`${field}.values[${index}]`, value);
    else seen.add(value);
    if (index > 0 && Number(values[index - 1]) > Number(value)) ordered = false;
  });
  if (!ordered) problems.invalid(`${field}.values`, values, "must be ordered");
}

export function validateJob(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const selector = membersAt(spec, "selector");
  if (selector === undefined) problems.required("spec.selector");
  else validateSelector(problems, "spec.selector", selector);
  const labels = membersAt(membersAt(membersAt(spec, "template"), "metadata"), "labels") ?? {};
  if (spec["manualSelector"] !== true) validateGenerated(problems, object, selector, labels);
  else {
    const wanted = Object.entries(membersAt(selector, "matchLabels") ?? {});
    if (wanted.some(([key, value]) => labels[key] !== value)) {
      problems.invalid(
        "spec.template.metadata.labels",
        labels,
        "`selector` does not match template `labels`",
      );
    }
  }
  const completions = numberAt(spec, "completions") ?? 0;
  if (spec["completionMode"] === "Indexed" && completions > 0) {
    for (const message of isDns1123Label(`${object.metadata.name}-${completions - 1}`)) {
      problems.invalid(
        "metadata.name",
        object.metadata.name,
        `will not able to create pod with invalid DNS label: ${message}`,
      );
    }
  }
  validateJobSpec(problems, "spec", spec);
}

function validateGenerated(
  problems: Problems,
  job: KubeObject,
  selector: Members | undefined,
  labels: Members,
): void {
  const uid = job.metadata.uid;
  if (uid === undefined) return;
  for (const [key, value] of [
    ["controller-uid", uid],
    ["job-name", job.metadata.name],
    ["batch.kubernetes.io/controller-uid", uid],
    ["batch.kubernetes.io/job-name", job.metadata.name],
  ] as const) {
    if (labels[key] !== value) {
      problems.invalid(`spec.template.metadata.labels[${key}]`, labels, `must be '${value}'`);
    }
  }
  const generated = { "batch.kubernetes.io/controller-uid": uid };
  if (selector !== undefined && !deepEqual(selector, { matchLabels: generated })) {
    problems.invalid("spec.selector", selector, "`selector` not auto-generated");
  }
}

const IMMUTABLE_FIELDS = [
  "completionMode",
  "podFailurePolicy",
  "backoffLimitPerIndex",
  "managedBy",
  "successPolicy",
];

export function validateJobUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const [spec, old] = [specOf(next), specOf(previous)];
  if (!deepEqual(spec["completions"], old["completions"])) validateCompletions(problems, spec, old);
  problems.unchanged("spec.selector", spec["selector"], deepEqual(spec["selector"], old["selector"]));
  const [template, before] = [schedulable(spec, old), schedulable(old, old)];
  if (!deepEqual(template, before)) {
    problems.invalid("spec.template", goValue("core.v1.PodTemplateSpec", spec["template"]), IMMUTABLE);
  }
  for (const name of IMMUTABLE_FIELDS)
    problems.unchanged(`spec.${name}`, spec[name], deepEqual(spec[name], old[name]));
}

function validateCompletions(problems: Problems, spec: Members, old: Members): void {
  if (old["completionMode"] !== "Indexed") problems.unchanged("spec.completions", spec["completions"], false);
  else if (spec["completions"] !== spec["parallelism"]) {
    problems.invalid(
      "spec.completions",
      spec["completions"],
      "can only be modified in tandem with spec.parallelism",
    );
  }
}

/** The template without what may change while a job is suspended. */
function schedulable(spec: Members, old: Members): unknown {
  const template = membersAt(spec, "template");
  if (old["suspend"] !== true || template === undefined) return template;
  const {
    nodeSelector: _selector,
    affinity: _affinity,
    tolerations: _tolerations,
    schedulingGates: _gates,
    ...rest
  } = membersAt(template, "spec") ?? {};
  const { labels: _labels, annotations: _annotations, ...metadata } = membersAt(template, "metadata") ?? {};
  return { metadata, spec: rest };
}

const POLICIES = ["Allow", "Forbid", "Replace"];

export function validateCronJob(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const schedule = textAt(spec, "schedule");
  if (schedule === "") problems.required("spec.schedule");
  else validateCronSchedule(problems, "spec.schedule", schedule, spec["timeZone"]);
  problems.notNegative("spec.startingDeadlineSeconds", spec["startingDeadlineSeconds"]);
  problems.requiredOneOf("spec.concurrencyPolicy", spec["concurrencyPolicy"], POLICIES);
  const template = membersAt(membersAt(spec, "jobTemplate"), "spec") ?? {};
  validateJobSpec(problems, "spec.jobTemplate.spec", template);
  if (membersAt(template, "selector") !== undefined) {
    problems.invalid(
      "spec.jobTemplate.spec.selector",
      template["selector"],
      "`selector` will be auto-generated",
    );
  }
  if (template["manualSelector"] === true) {
    problems.unsupported("spec.jobTemplate.spec.manualSelector", true, ["nil", "false"]);
  }
  problems.notNegative("spec.successfulJobsHistoryLimit", spec["successfulJobsHistoryLimit"]);
  problems.notNegative("spec.failedJobsHistoryLimit", spec["failedJobsHistoryLimit"]);
}
