import { isDns1123Label, type KubeObject } from "@capstan/kube";
import { formatCheck } from "../../crd/formats.js";
import { type Members, membersAt, textAt, textsAt } from "../members.js";
import { podWarnings } from "./pods.js";

type Warnings = (object: KubeObject) => readonly string[];

/** Names of objects whose pods carry the name on. */
function nameWarnings(object: KubeObject): readonly string[] {
  const messages = isDns1123Label(object.metadata.name);
  if (messages.length === 0) return [];
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${messages.join(", ")}]`,
  ];
}

const workload =
  (named: boolean): Warnings =>
  (object) => {
    const template = membersAt(membersAt(object as Members, "spec"), "template") ?? {};
    return [...(named ? nameWarnings(object) : []), ...podWarnings(template, "spec.template")];
  };

const cronJob: Warnings = (object) => {
  const job = membersAt(membersAt(membersAt(object as Members, "spec"), "jobTemplate"), "spec");
  return [
    ...nameWarnings(object),
    ...podWarnings(membersAt(job, "template") ?? {}, "spec.jobTemplate.spec.template"),
  ];
};

const service: Warnings = (object) => {
  const spec = membersAt(object as Members, "spec") ?? {};
  const warnings: string[] = [];
  if (object.metadata.annotations?.["service.kubernetes.io/topology-aware-hints"] !== undefined) {
    warnings.push(
      "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead",
    );
  }
  const type = textAt(spec, "type");
  const external = textsAt(spec, "externalIPs").length > 0;
  if (spec["clusterIP"] === "None") {
    if (external) warnings.push("spec.externalIPs is ignored for headless services");
    if (textAt(spec, "loadBalancerIP") !== "")
      warnings.push("spec.loadBalancerIP is ignored for headless services");
    if (spec["sessionAffinity"] === "ClientIP")
      warnings.push("spec.SessionAffinity is ignored for headless services");
  }
  if (type !== "ExternalName" && textAt(spec, "externalName") !== "") {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (type === "ExternalName" && external) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (spec["trafficDistribution"] === "PreferClose") {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
};

const ingress: Warnings = (object) => {
  const legacy = object.metadata.annotations?.["kubernetes.io/ingress.class"];
  const named = membersAt(object as Members, "spec")?.["ingressClassName"];
  if (legacy === undefined || named !== undefined) return [];
  return [
    `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`,
  ];
};

const persistentVolume: Warnings = (object) => {
  const spec = membersAt(object as Members, "spec");
  if (spec?.["persistentVolumeReclaimPolicy"] !== "Recycle") return [];
  return [
    "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.",
  ];
};

/** Formats of strings in a definition's schemas that nothing checks. */
const definitionWarnings: Warnings = (object) => {
  const unknown = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const item of node) visit(item);
    if (typeof node !== "object" || node === null) return;
    const { type, format } = node as Members;
    if (
      type === "string" &&
      typeof format === "string" &&
      format !== "" &&
      formatCheck(format) === undefined
    ) {
      unknown.add(format);
    }
    for (const member of Object.values(node)) visit(member);
  };
  visit(membersAt(object as Members, "spec")?.["versions"]);
  return [...unknown].map((format) => `unrecognized format ${JSON.stringify(format)}`);
};

const WARNINGS: Readonly<Record<string, Warnings>> = {
  "apiextensions.v1.CustomResourceDefinition": definitionWarnings,
  "apps.v1.DaemonSet": workload(false),
  "apps.v1.Deployment": workload(true),
  "apps.v1.ReplicaSet": workload(true),
  "apps.v1.StatefulSet": workload(false),
  "batch.v1.CronJob": cronJob,
  "batch.v1.Job": workload(true),
  "core.v1.PersistentVolume": persistentVolume,
  "core.v1.Pod": (pod) => [...nameWarnings(pod), ...podWarnings(pod as Members, "")],
  "core.v1.PodTemplate": (object) => podWarnings(membersAt(object as Members, "template") ?? {}, "template"),
  "core.v1.ReplicationController": workload(false),
  "core.v1.Service": service,
  "networking.v1.Ingress": ingress,
};

const DEPRECATIONS: Readonly<Record<string, readonly string[]>> = {
  "core.v1.ComponentStatus": ["v1 ComponentStatus is deprecated in v1.19+"],
  "core.v1.Endpoints": ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"],
};

/** What clients are warned about with every request for a published type. */
export function deprecationsOf(message: string): readonly string[] | undefined {
  return DEPRECATIONS[message];
}

/** What clients are warned about when they write objects of a published type. */
export function warningsOf(message: string): Warnings | undefined {
  return WARNINGS[message];
}
