import { deepCopy, deepEqual, type KubeObject } from "@capstan/kube";
import { listAt, type Members, membersAt, textAt, textsAt } from "../members.js";

/**
 * Keeps what was allocated to a Service and the client left out, and drops what its new type has no use
 * for and the client did not touch.
 */
export function prepareServiceUpdate(
  next: KubeObject,
  previous: KubeObject,
  subresource: string | undefined,
): KubeObject {
  if (subresource !== undefined) return next;
  const service = deepCopy(next);
  const spec = membersAt(service as Members, "spec");
  const old = membersAt(previous as Members, "spec");
  if (spec === undefined || old === undefined) return next;
  keepAllocated(spec, old);
  dropUnneeded(spec, old);
  if (textAt(spec, "type") !== "LoadBalancer") service["status"] = { loadBalancer: {} };
  return service;
}

const needsClusterIp = (spec: Members) => textAt(spec, "type") !== "ExternalName";
const needsNodePort = (spec: Members) => ["NodePort", "LoadBalancer"].includes(textAt(spec, "type"));
const needsHealthCheck = (spec: Members) =>
  textAt(spec, "type") === "LoadBalancer" && textAt(spec, "externalTrafficPolicy") === "Local";

function keepAllocated(spec: Members, old: Members): void {
  if (needsClusterIp(spec) && needsClusterIp(old)) {
    if (textAt(spec, "clusterIP") === "" && textAt(old, "clusterIP") !== "")
      spec["clusterIP"] = old["clusterIP"];
    const given = textsAt(spec, "clusterIPs");
    if (given.length === 0 && spec["clusterIP"] === old["clusterIP"] && old["clusterIPs"] !== undefined) {
      spec["clusterIPs"] = old["clusterIPs"];
    }
    for (const name of ["ipFamilies", "ipFamilyPolicy"]) {
      if ((spec[name] === undefined || spec[name] === null) && old[name] !== undefined)
        spec[name] = old[name];
    }
  }
  if (needsNodePort(spec) && needsNodePort(old)) keepNodePorts(spec, old);
  if (needsHealthCheck(spec) && needsHealthCheck(old))
    spec["healthCheckNodePort"] ??= old["healthCheckNodePort"];
}

function keepNodePorts(spec: Members, old: Members): void {
  const known = new Map(listAt(old, "ports").map((port) => [textAt(port, "name"), port["nodePort"]]));
  const used = new Set(listAt(spec, "ports").map((port) => port["nodePort"]));
  for (const port of listAt(spec, "ports")) {
    const nodePort = known.get(textAt(port, "name"));
    if (port["nodePort"] === undefined && nodePort !== undefined && !used.has(nodePort))
      port["nodePort"] = nodePort;
  }
}

function dropUnneeded(spec: Members, old: Members): void {
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    for (const name of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
      dropUnchanged(spec, old, name);
  }
  if (needsNodePort(old) && !needsNodePort(spec)) dropNodePorts(spec, old);
  if (needsHealthCheck(old) && !needsHealthCheck(spec)) dropUnchanged(spec, old, "healthCheckNodePort");
  const wasBalanced = textAt(old, "type") === "LoadBalancer";
  if (wasBalanced && textAt(spec, "type") !== "LoadBalancer") {
    dropUnchanged(spec, old, "allocateLoadBalancerNodePorts");
    dropUnchanged(spec, old, "loadBalancerClass");
  }
  if (needsNodePort(old) && !needsNodePort(spec) && textsAt(spec, "externalIPs").length === 0) {
    dropUnchanged(spec, old, "externalTrafficPolicy");
  }
}

function dropUnchanged(spec: Members, old: Members, name: string): void {
  if (deepEqual(spec[name], old[name])) delete spec[name];
}

function dropNodePorts(spec: Members, old: Members): void {
  const known = new Set(listAt(old, "ports").map((port) => port["nodePort"]));
  for (const port of listAt(spec, "ports")) {
    if (known.has(port["nodePort"])) delete port["nodePort"];
  }
}
