import { isIP } from "node:net";
import {
  deepEqual,
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  type KubeObject,
} from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt, textsAt } from "../members.js";
import { isCidr, isStrictSubset, NOT_CIDR, validateRoutableIp } from "./addresses.js";
import { goValue } from "./go-value.js";
import { pathSegmentMessages } from "./names.js";
import { intOrPercent, type Problems, percentOf, portNameMessages } from "./problems.js";
import { validateSelector } from "./selectors.js";

function specOf(object: KubeObject): Members {
  return membersAt(object as Members, "spec") ?? {};
}

export function validateIngress(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const rules = listAt(spec, "rules");
  const backend = membersAt(spec, "defaultBackend");
  if (rules.length === 0 && backend === undefined) {
    problems.invalid("spec", spec["rules"] ?? null, "either `defaultBackend` or `rules` must be specified");
  }
  if (backend !== undefined) validateBackend(problems, "spec.defaultBackend", backend);
  rules.forEach((rule, index) => {
    validateRule(problems, `spec.rules[${index}]`, rule);
  });
  listAt(spec, "tls").forEach((tls, index) => {
    textsAt(tls, "hosts").forEach((host, at) => {
      validateHost(problems, `spec.tls[${index}].hosts[${at}]`, host);
    });
    const secret = textAt(tls, "secretName");
    if (secret !== "") problems.names(`spec.tls[${index}].secretName`, secret, isDns1123Subdomain);
  });
  const className = spec["ingressClassName"];
  if (typeof className === "string") problems.names("spec.ingressClassName", className, isDns1123Subdomain);
}

const WILDCARD = /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function validateHost(problems: Problems, field: string, host: string): void {
  if (host.includes("*")) {
    if (host.length > 253 || !WILDCARD.test(host)) {
      problems.invalid(
        field,
        host,
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      );
    }
  } else problems.names(field, host, isDns1123Subdomain);
}

function validateRule(problems: Problems, field: string, rule: Members): void {
  const host = textAt(rule, "host");
  if (host !== "") {
    if (isIP(host) !== 0) problems.invalid(`${field}.host`, host, "must be a DNS name, not an IP address");
    else validateHost(problems, `${field}.host`, host);
  }
  const http = membersAt(rule, "http");
  if (http === undefined) return;
  const paths = listAt(http, "paths");
  if (paths.length === 0) problems.required(`${field}.http.paths`);
  paths.forEach((path, index) => {
    validatePath(problems, `${field}.http.paths[${index}]`, path);
  });
}

const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"];
const BAD_SEQUENCES = ["//", "/./", "/../", "%2f", "%2F"];

function validatePath(problems: Problems, field: string, path: Members): void {
  const type = textAt(path, "pathType");
  const text = textAt(path, "path");
  if (type === "") problems.required(`${field}.pathType`, "pathType must be specified");
  else if (type === "ImplementationSpecific") {
    if (text !== "" && !text.startsWith("/"))
      problems.invalid(`${field}.path`, text, "must be an absolute path");
  } else if (type === "Exact" || type === "Prefix") validateAbsolute(problems, `${field}.path`, text);
  else problems.unsupported(`${field}.pathType`, type, PATH_TYPES);
  validateBackend(problems, `${field}.backend`, membersAt(path, "backend") ?? {});
}

function validateAbsolute(problems: Problems, field: string, path: string): void {
  if (!path.startsWith("/")) problems.invalid(field, path, "must be an absolute path");
  if (path === "") return;
  for (const sequence of BAD_SEQUENCES) {
    if (path.includes(sequence)) problems.invalid(field, path, `must not contain '${sequence}'`);
  }
  for (const suffix of ["/..", "/."]) {
    if (path.endsWith(suffix)) problems.invalid(field, path, `cannot end with '${suffix}'`);
  }
}

function validateBackend(problems: Problems, field: string, backend: Members): void {
  const service = membersAt(backend, "service");
  const resource = membersAt(backend, "resource");
  if (service !== undefined && resource !== undefined) {
    problems.invalid(field, "", "cannot set both resource and service backends");
  } else if (resource !== undefined) {
    for (const name of ["kind", "name"]) {
      if (textAt(resource, name) === "") problems.required(`${field}.resource.${name}`);
    }
  } else if (service === undefined) {
    problems.invalid(field, "", "resource or service backend is required");
  } else {
    const name = textAt(service, "name");
    if (name === "") problems.required(`${field}.service.name`);
    else problems.names(`${field}.service.name`, name, isDns1035Label);
    const port = membersAt(service, "port");
    const [portName, number] = [textAt(port, "name"), numberAt(port, "number") ?? 0];
    if (portName !== "" && number !== 0) {
      problems.invalid(field, "", "cannot set both port name & port number");
    } else if (portName !== "") problems.names(`${field}.service.port.name`, portName, portNameMessages);
    else if (number === 0) problems.required(field, "port name or number is required");
    else problems.port(`${field}.service.port.number`, number);
  }
}

export function validateIngressClassAnnotation(problems: Problems, object: KubeObject): void {
  const legacy = object.metadata.annotations?.["kubernetes.io/ingress.class"];
  const name = specOf(object)["ingressClassName"];
  if (legacy === undefined || name === undefined || legacy === name) return;
  problems.invalid(
    "annotations.kubernetes.io/ingress.class",
    legacy,
    "must match `ingressClassName` when both are specified",
  );
}

export function validateIngressClass(problems: Problems, object: KubeObject): void {
  const controller = textAt(specOf(object), "controller");
  if (controller === "") problems.required("spec.controller");
  else if (!/^[^/]+\/./.test(controller)) {
    problems.invalid("spec.controller", controller, 'must be a domain-prefixed path (such as "acme.io/foo")');
  }
  const parameters = membersAt(specOf(object), "parameters");
  if (parameters === undefined) return;
  for (const name of ["kind", "name"]) {
    if (textAt(parameters, name) === "") problems.required(`spec.parameters.${name}`);
  }
  const scope = textAt(parameters, "scope");
  const namespace = textAt(parameters, "namespace");
  problems.requiredOneOf("spec.parameters.scope", scope, ["Cluster", "Namespace"]);
  if (scope === "Namespace" && namespace === "") {
    problems.required("spec.parameters.namespace", "`parameters.scope` is set to 'Namespace'");
  } else if (scope === "Cluster" && namespace !== "") {
    problems.forbidden("spec.parameters.namespace", "`parameters.scope` is set to 'Cluster'");
  }
}

export function validateIngressClassUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const controller = specOf(next)["controller"];
  problems.unchanged("spec.controller", controller, controller === specOf(previous)["controller"]);
}

export function validateNetworkPolicy(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  validateSelector(problems, "spec.podSelector", membersAt(spec, "podSelector"));
  for (const [direction, peers] of [
    ["ingress", "from"],
    ["egress", "to"],
  ] as const) {
    listAt(spec, direction).forEach((rule, index) => {
      const at = `spec.${direction}[${index}]`;
      listAt(rule, "ports").forEach((port, portIndex) => {
        validatePolicyPort(problems, `${at}.ports[${portIndex}]`, port);
      });
      listAt(rule, peers).forEach((peer, peerIndex) => {
        validatePeer(problems, `${at}.${peers}[${peerIndex}]`, peer);
      });
    });
  }
  const types = textsAt(spec, "policyTypes");
  if (types.length > 2)
    problems.invalid("spec.policyTypes", types, "may not specify more than two policyTypes");
  else
    for (const [index, type] of types.entries())
      problems.oneOf(`spec.policyTypes[${index}]`, type, ["Ingress", "Egress"]);
}

function validatePolicyPort(problems: Problems, field: string, port: Members): void {
  const protocol = port["protocol"];
  if (protocol !== undefined) problems.oneOf(`${field}.protocol`, protocol, ["TCP", "UDP", "SCTP"]);
  const value = port["port"];
  const end = numberAt(port, "endPort");
  if (typeof value === "number") {
    problems.port(`${field}.port`, value);
    if (end !== undefined && end < value) {
      // The value that is printed is that of the port.
      problems.invalid(`${field}.endPort`, value, "must be greater than or equal to `port`");
    }
  } else if (typeof value === "string") {
    problems.names(`${field}.port`, value, portNameMessages);
    if (end !== undefined)
      problems.invalid(`${field}.endPort`, end, "may not be specified when `port` is non-numeric");
  } else if (end !== undefined) {
    problems.invalid(`${field}.endPort`, end, "may not be specified when `port` is not specified");
  }
}

function validatePeer(problems: Problems, field: string, peer: Members): void {
  const names = ["podSelector", "namespaceSelector", "ipBlock"].filter(
    (name) => membersAt(peer, name) !== undefined,
  );
  for (const name of names) {
    if (name !== "ipBlock") validateSelector(problems, `${field}.${name}`, membersAt(peer, name));
  }
  const block = membersAt(peer, "ipBlock");
  if (block !== undefined) {
    const cidr = textAt(block, "cidr");
    if (cidr === "") problems.required(`${field}.ipBlock.cidr`);
    else if (!isCidr(cidr)) {
      problems.invalid(`${field}.ipBlock.cidr`, cidr, NOT_CIDR);
    }
    textsAt(block, "except").forEach((except, index) => {
      const at = `${field}.ipBlock.except[${index}]`;
      if (!isCidr(except)) problems.invalid(at, except, NOT_CIDR);
      else if (isCidr(cidr) && !isStrictSubset(cidr, except))
        problems.invalid(at, except, "must be a strict subset of `cidr`");
    });
  }
  if (names.length === 0) problems.required(field, "must specify a peer");
  else if (names.length > 1 && block !== undefined) {
    problems.forbidden(field, "may not specify both ipBlock and another peer");
  }
}

export function validateDisruptionBudget(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const [least, most] = [spec["minAvailable"], spec["maxUnavailable"]];
  if (least !== undefined && most !== undefined) {
    problems.invalid(
      "spec",
      goValue("policy.v1.PodDisruptionBudgetSpec", spec),
      "minAvailable and maxUnavailable cannot be both set",
    );
  }
  for (const [name, value] of [
    ["minAvailable", least],
    ["maxUnavailable", most],
  ] as const) {
    intOrPercent(problems, `spec.${name}`, value);
    if ((percentOf(value) ?? 0) > 100)
      problems.invalid(`spec.${name}`, value, "must not be greater than 100%");
  }
  validateSelector(problems, "spec.selector", membersAt(spec, "selector"));
  const policy = spec["unhealthyPodEvictionPolicy"];
  if (policy !== undefined) {
    problems.oneOf("spec.unhealthyPodEvictionPolicy", policy, ["AlwaysAllow", "IfHealthyBudget"]);
  }
}

export function validateEndpointSlice(problems: Problems, object: KubeObject): void {
  const type = textAt(object as Members, "addressType");
  problems.requiredOneOf("addressType", type, ["FQDN", "IPv4", "IPv6"]);
  const endpoints = listAt(object as Members, "endpoints");
  if (endpoints.length > 1000) problems.tooMany("endpoints", endpoints.length, 1000);
  endpoints.slice(0, 1000).forEach((endpoint, index) => {
    const at = `endpoints[${index}].addresses`;
    const addresses = textsAt(endpoint, "addresses");
    if (addresses.length === 0) problems.required(at, "must contain at least 1 address");
    else if (addresses.length > 100) problems.tooMany(at, addresses.length, 100);
    const hostname = textAt(endpoint, "hostname");
    if (hostname !== "") problems.names(`endpoints[${index}].hostname`, hostname, isDns1123Label);
    addresses.forEach((address, position) => {
      validateEndpoint(problems, `${at}[${position}]`, address, type);
    });
  });
  const names = new Set<string>();
  listAt(object as Members, "ports").forEach((port, index) => {
    const name = textAt(port, "name");
    if (name !== "") problems.names(`ports[${index}].name`, name, isDns1123Label);
    if (names.has(name)) problems.duplicate(`ports[${index}].name`, name);
    names.add(name);
    problems.requiredOneOf(`ports[${index}].protocol`, port["protocol"], ["SCTP", "TCP", "UDP"]);
  });
}

function validateEndpoint(problems: Problems, field: string, address: string, type: string): void {
  if (type === "FQDN") problems.names(field, address, isDns1123Subdomain);
  else {
    const family = isIP(address);
    const list = field.replace(/\[\d+\]$/, "");
    if (type === "IPv4" && family === 6) problems.invalid(list, address, "must be an IPv4 address");
    if (type === "IPv6" && family === 4) problems.invalid(list, address, "must be an IPv6 address");
    validateRoutableIp(problems, field, address);
  }
}

export function validateEndpointSliceUpdate(
  problems: Problems,
  next: KubeObject,
  previous: KubeObject,
): void {
  const type = next["addressType"];
  problems.unchanged("addressType", type, type === previous["addressType"]);
}

export function validateEndpoints(problems: Problems, object: KubeObject): void {
  listAt(object as Members, "subsets").forEach((subset, index) => {
    const at = `subsets[${index}]`;
    const addresses = listAt(subset, "addresses");
    if (addresses.length === 0 && listAt(subset, "notReadyAddresses").length === 0) {
      problems.required(at, "must specify `addresses` or `notReadyAddresses`");
    }
    addresses.forEach((address, position) => {
      const ip = textAt(address, "ip");
      validateRoutableIp(problems, `${at}.addresses[${position}].ip`, ip);
    });
    const ports = listAt(subset, "ports");
    ports.forEach((port, position) => {
      const portAt = `${at}.ports[${position}]`;
      if (ports.length > 1 && textAt(port, "name") === "") problems.required(`${portAt}.name`);
      problems.port(`${portAt}.port`, port["port"] ?? 0);
      problems.requiredOneOf(`${portAt}.protocol`, port["protocol"], ["SCTP", "TCP", "UDP"]);
    });
  });
}

export function validateAddress(problems: Problems, object: KubeObject): void {
  const parent = membersAt(specOf(object), "parentRef");
  if (parent === undefined) {
    problems.required("spec.parentRef");
    return;
  }
  const group = textAt(parent, "group");
  if (group !== "") problems.names("spec.parentRef.group", group, isDns1123Subdomain);
  for (const member of ["resource", "name", "namespace"]) {
    const text = textAt(parent, member);
    const field = `spec.parentRef.${member}`;
    if (text !== "") problems.names(field, text, pathSegmentMessages);
    else if (member !== "namespace") problems.required(field);
  }
}

export function validateAddressUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const parent = specOf(next)["parentRef"];
  problems.unchanged("spec.parentRef", parent, deepEqual(parent, specOf(previous)["parentRef"]));
}
