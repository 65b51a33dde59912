import {
  defaultEmptyTo,
  defaultTo,
  ensureMembers,
  isMembers,
  listAt,
  type Members,
  membersAt,
  textAt,
} from "../members.js";
import { defaultVolume } from "./volume.js";

/** Defaults of a pod spec wherever it stands: in a pod or in a template. Changes `spec`. */
function defaultPodSpec(spec: Members): void {
  defaultEmptyTo(spec, "dnsPolicy", "ClusterFirst");
  defaultEmptyTo(spec, "restartPolicy", "Always");
  defaultTo(spec, "securityContext", {});
  defaultTo(spec, "terminationGracePeriodSeconds", 30);
  if (Number(spec["terminationGracePeriodSeconds"]) < 0) spec["terminationGracePeriodSeconds"] = 1;
  defaultEmptyTo(spec, "schedulerName", "default-scheduler");
  mirrorServiceAccount(spec);
  for (const volume of listAt(spec, "volumes")) defaultVolume(volume);
  for (const list of ["initContainers", "containers", "ephemeralContainers"]) {
    for (const container of listAt(spec, list)) defaultContainer(container);
  }
}

/** The template of a workload. Changes `template`. */
export function defaultPodTemplate(holder: Members, name = "template"): void {
  const template = holder[name];
  if (isMembers(template)) defaultPodSpec(ensureMembers(template, "spec"));
}

/** Both names of the same field always read the same. */
function mirrorServiceAccount(spec: Members): void {
  const name = textAt(spec, "serviceAccountName") || textAt(spec, "serviceAccount");
  if (name === "") return;
  spec["serviceAccountName"] = name;
  spec["serviceAccount"] = name;
}

/** Defaults that only pods have, not templates. Changes `pod`. */
export function defaultPod(pod: Members): void {
  const spec = ensureMembers(pod, "spec");
  defaultPodSpec(spec);
  defaultTo(spec, "enableServiceLinks", true);
  const containers = [...listAt(spec, "containers"), ...listAt(spec, "initContainers")];
  for (const container of containers) {
    defaultRequests(container);
    if (spec["hostNetwork"] === true) defaultHostPorts(container);
  }
}

function defaultRequests(container: Members): void {
  const resources = membersAt(container, "resources");
  const limits = membersAt(resources, "limits");
  if (resources === undefined || limits === undefined) return;
  const requests = ensureMembers(resources, "requests");
  for (const [name, amount] of Object.entries(limits)) defaultTo(requests, name, amount);
}

function defaultHostPorts(container: Members): void {
  for (const port of listAt(container, "ports")) defaultEmptyTo(port, "hostPort", port["containerPort"]);
}

function defaultContainer(container: Members): void {
  defaultEmptyTo(container, "imagePullPolicy", pullPolicyOf(textAt(container, "image")));
  defaultEmptyTo(container, "terminationMessagePath", "/dev/termination-log");
  defaultEmptyTo(container, "terminationMessagePolicy", "File");
  for (const port of listAt(container, "ports")) defaultEmptyTo(port, "protocol", "TCP");
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    const probe = membersAt(container, name);
    if (probe !== undefined) defaultProbe(probe);
  }
  const lifecycle = membersAt(container, "lifecycle");
  for (const name of ["postStart", "preStop"]) {
    const handler = membersAt(lifecycle, name);
    if (handler !== undefined) defaultHttpGet(handler);
  }
  for (const variable of listAt(container, "env")) defaultEnv(variable);
}

function defaultEnv(variable: Members): void {
  const source = membersAt(variable, "valueFrom");
  const fieldRef = membersAt(source, "fieldRef");
  if (fieldRef !== undefined) defaultEmptyTo(fieldRef, "apiVersion", "v1");
  const fileKeyRef = membersAt(source, "fileKeyRef");
  if (fileKeyRef !== undefined) defaultTo(fileKeyRef, "optional", false);
}

function defaultProbe(probe: Members): void {
  defaultEmptyTo(probe, "timeoutSeconds", 1);
  defaultEmptyTo(probe, "periodSeconds", 10);
  defaultEmptyTo(probe, "successThreshold", 1);
  defaultEmptyTo(probe, "failureThreshold", 3);
  defaultHttpGet(probe);
  const grpc = membersAt(probe, "grpc");
  if (grpc !== undefined) defaultTo(grpc, "service", "");
}

function defaultHttpGet(handler: Members): void {
  const httpGet = membersAt(handler, "httpGet");
  if (httpGet === undefined) return;
  defaultEmptyTo(httpGet, "path", "/");
  defaultEmptyTo(httpGet, "scheme", "HTTP");
}

/** `Always` for images whose tag may move (`latest`, or none at all), else `IfNotPresent`. */
export function pullPolicyOf(image: string): "Always" | "IfNotPresent" {
  if (image.includes("@")) return "IfNotPresent";
  const name = image.slice(image.lastIndexOf("/") + 1);
  const colon = name.indexOf(":");
  return colon < 0 || name.slice(colon + 1) === "latest" ? "Always" : "IfNotPresent";
}
