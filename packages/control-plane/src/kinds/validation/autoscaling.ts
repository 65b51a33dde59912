import type { KubeObject } from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt } from "../members.js";
import { pathSegmentMessages } from "./names.js";
import type { Problems } from "./problems.js";

const METRICS = ["ContainerResource", "External", "Object", "Pods", "Resource"];
const SOURCES: Readonly<Record<string, string>> = {
  ContainerResource: "containerResource",
  External: "external",
  Object: "object",
  Pods: "pods",
  Resource: "resource",
};

export function validateAutoscaler(problems: Problems, object: KubeObject): void {
  const spec = membersAt(object as Members, "spec") ?? {};
  const least = numberAt(spec, "minReplicas");
  const most = numberAt(spec, "maxReplicas") ?? 0;
  if (least !== undefined && least < 1)
    problems.invalid("spec.minReplicas", least, "must be greater than or equal to 1");
  if (most < 1) problems.invalid("spec.maxReplicas", most, "must be greater than 0");
  if (least !== undefined && most < least) {
    problems.invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`");
  }
  const target = membersAt(spec, "scaleTargetRef");
  for (const name of ["kind", "name"]) {
    const value = textAt(target, name);
    if (value === "") problems.required(`spec.scaleTargetRef.${name}`);
    else problems.names(`spec.scaleTargetRef.${name}`, value, pathSegmentMessages);
  }
  const apiVersion = textAt(target, "apiVersion");
  if (!apiVersion.includes("/") && textAt(target, "kind") !== "ReplicationController") {
    problems.invalid("spec.scaleTargetRef.apiVersion", apiVersion, "apiVersion must specify API group");
  }
  validateMetrics(problems, spec, least);
  const behavior = membersAt(spec, "behavior");
  for (const name of ["scaleUp", "scaleDown"]) {
    const rules = membersAt(behavior, name);
    if (rules !== undefined) validateRules(problems, `spec.behavior.${name}`, rules);
  }
}

function validateMetrics(problems: Problems, spec: Members, least: number | undefined): void {
  const metrics = listAt(spec, "metrics");
  metrics.forEach((metric, index) => {
    validateMetric(problems, `spec.metrics[${index}]`, metric);
  });
  const external = metrics.some((metric) => metric["type"] === "Object" || metric["type"] === "External");
  if (least === 0 && !external) {
    problems.forbidden(
      "spec.metrics",
      "must specify at least one Object or External metric to support scaling to zero replicas",
    );
  }
}

function validateMetric(problems: Problems, field: string, metric: Members): void {
  const type = textAt(metric, "type");
  if (type === "") {
    problems.required(`${field}.type`, "must specify a metric source type");
  }
  const expected = SOURCES[type];
  if (expected === undefined) {
    problems.unsupported(`${field}.type`, type, METRICS);
    return;
  }
  const given = ORDER.filter((source) => membersAt(metric, source) !== undefined);
  const [first] = given;
  // Of several sources only the first one is looked into.
  if (first !== undefined)
    validateTarget(problems, `${field}.${first}`, first, membersAt(metric, first) ?? {});
  if (!given.includes(expected)) {
    problems.required(`${field}.${expected}`, "must populate information for the given metric source");
  }
  for (const source of given) {
    if (source !== expected)
      problems.forbidden(`${field}.${source}`, "must populate the given metric source only");
  }
}

const ORDER = ["object", "external", "pods", "resource", "containerResource"];

function validateTarget(problems: Problems, field: string, source: string, body: Members): void {
  if (source.endsWith("esource") && textAt(body, "name") === "")
    problems.required(`${field}.name`, "must specify a resource name");
  if (source === "containerResource" && textAt(body, "container") === "") {
    problems.required(`${field}.container`, "must specify a container");
  }
  const target = membersAt(body, "target") ?? {};
  const type = textAt(target, "type");
  if (type === "") problems.required(`${field}.target.type`, "must specify a metric target type");
  else if (!["Utilization", "Value", "AverageValue"].includes(type)) {
    problems.invalid(`${field}.target.type`, type, "must be either Utilization, Value, or AverageValue");
  }
  const utilization = numberAt(target, "averageUtilization");
  if (utilization !== undefined && utilization < 1) {
    problems.invalid(`${field}.target.averageUtilization`, utilization, "must be greater than 0");
  }
  if (!source.endsWith("esource")) {
    validateOtherTarget(problems, field, source, body, target);
    return;
  }
  const average = textAt(target, "averageValue");
  if (utilization === undefined && average === "") {
    problems.required(
      `${field}.target.averageUtilization`,
      "must set either a target raw value or a target utilization",
    );
  } else if (utilization !== undefined && average !== "") {
    problems.forbidden(
      `${field}.target.averageValue`,
      "may not set both a target raw value and a target utilization",
    );
  }
}

/** Metrics of pods, of objects and from outside are named, and have a value to reach. */
function validateOtherTarget(
  problems: Problems,
  field: string,
  source: string,
  body: Members,
  target: Members,
): void {
  if (textAt(membersAt(body, "metric"), "name") === "") {
    problems.required(`${field}.metric.name`, "must specify a metric name");
  }
  const [value, average] = [textAt(target, "value"), textAt(target, "averageValue")];
  const detail: Readonly<Record<string, string>> = {
    pods: "must specify a positive target averageValue",
    external: "must set either a target value for metric or a per-pod target",
    object: "must set either a target value or averageValue",
  };
  if (average === "" && (source === "pods" || value === "")) {
    problems.required(`${field}.target.averageValue`, detail[source]);
  }
  if (source === "external" && value !== "" && average !== "") {
    problems.forbidden(
      `${field}.target.value`,
      "may not set both a target value for metric and a per-pod target",
    );
  }
}

function validateRules(problems: Problems, field: string, rules: Members): void {
  const window = numberAt(rules, "stabilizationWindowSeconds");
  if (window !== undefined && window < 0) {
    problems.invalid(`${field}.stabilizationWindowSeconds`, window, "must be greater than or equal to zero");
  } else if (window !== undefined && window > 3600) {
    problems.invalid(`${field}.stabilizationWindowSeconds`, window, "must be less than or equal to 3600");
  }
  const select = rules["selectPolicy"];
  if (select !== undefined) problems.oneOf(`${field}.selectPolicy`, select, ["Disabled", "Max", "Min"]);
  const policies = listAt(rules, "policies");
  if (policies.length === 0) problems.required(`${field}.policies`, "must specify at least one Policy");
  policies.forEach((policy, index) => {
    const at = `${field}.policies[${index}]`;
    problems.oneOf(`${at}.type`, policy["type"], ["Percent", "Pods"]);
    for (const name of ["value", "periodSeconds"]) {
      const value = numberAt(policy, name) ?? 0;
      if (value <= 0) problems.invalid(`${at}.${name}`, value, "must be greater than zero");
    }
    const period = numberAt(policy, "periodSeconds") ?? 0;
    if (period > 1800) problems.invalid(`${at}.periodSeconds`, period, "must be less than or equal to 1800");
  });
}
