import { isIP } from "node:net";
import {
  deepEqual,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  type KubeObject,
} from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt, textsAt } from "../members.js";
import { isCidr, NOT_CIDR, validateRoutableIp } from "./addresses.js";
import { validateLabels } from "./object-meta.js";
import { validatePortNumOrName } from "./probes.js";
import { NOT_IP, type Problems } from "./problems.js";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const ONLY_BALANCED = "may only be used when `type` is 'LoadBalancer'";

export function validateService(problems: Problems, object: KubeObject): void {
  const spec = membersAt(object as Members, "spec") ?? {};
  const type = textAt(spec, "type");
  const ports = listAt(spec, "ports");
  const headless = textsAt(spec, "clusterIPs")[0] === "None" || spec["clusterIP"] === "None";
  if (ports.length === 0 && !headless && type !== "ExternalName") problems.required("spec.ports");
  if (type === "LoadBalancer") {
    for (const [index, port] of ports.entries()) {
      if (port["port"] === 10250) {
        problems.invalid(
          `spec.ports[${index}].port`,
          10250,
          "may not expose port 10250 externally since it is used by kubelet",
        );
      }
    }
  }
  if ((type === "NodePort" || type === "LoadBalancer") && headless) {
    problems.invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${type} services`);
  }
  if (type === "ExternalName") validateExternalName(problems, spec);
  validatePorts(problems, ports, type, headless);
  validateLabels(problems, "spec.selector", membersAt(spec, "selector"));
  problems.requiredOneOf("spec.sessionAffinity", spec["sessionAffinity"], ["ClientIP", "None"]);
  validateAffinity(problems, spec);
  validateAddresses(problems, spec, type);
  problems.requiredOneOf("spec.type", type, TYPES);
  if (type === "ClusterIP") {
    for (const [index, port] of ports.entries()) {
      if ((numberAt(port, "nodePort") ?? 0) !== 0) {
        problems.forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'");
      }
    }
  }
  validateNodePorts(problems, ports);
  if (type === "LoadBalancer") validateSourceRanges(problems, spec);
  validateBalancing(problems, spec, type);
  validateTraffic(problems, spec, type);
}

function validateExternalName(problems: Problems, spec: Members): void {
  for (const name of ["clusterIPs", "ipFamilies"]) {
    const single = name === "clusterIPs" && textAt(spec, "clusterIP") !== "";
    if (single || textsAt(spec, name).length > 0)
      problems.forbidden(`spec.${name}`, "may not be set for ExternalName services");
  }
  if (spec["ipFamilyPolicy"] !== undefined) {
    problems.forbidden("spec.ipFamilyPolicy", "may not be set for ExternalName services");
  }
  const name = textAt(spec, "externalName").replace(/\.$/, "");
  if (name === "") problems.required("spec.externalName");
  else problems.names("spec.externalName", name, isDns1123Subdomain);
}

function validatePorts(problems: Problems, ports: readonly Members[], type: string, headless: boolean): void {
  const names = new Set<string>();
  const pairs = new Set<string>();
  ports.forEach((port, index) => {
    const at = `spec.ports[${index}]`;
    const name = textAt(port, "name");
    if (name === "" && ports.length > 1) problems.required(`${at}.name`);
    else if (name !== "") {
      problems.names(`${at}.name`, name, isDns1123Label);
      if (names.has(name)) problems.duplicate(`${at}.name`, name);
      names.add(name);
    }
    problems.port(`${at}.port`, port["port"] ?? 0);
    problems.requiredOneOf(`${at}.protocol`, port["protocol"], ["SCTP", "TCP", "UDP"]);
    const protocol = port["appProtocol"];
    if (typeof protocol === "string") problems.names(`${at}.appProtocol`, protocol, isQualifiedName);
    validatePortNumOrName(problems, `${at}.targetPort`, port["targetPort"] ?? port["port"]);
    const pair = `${textAt(port, "protocol")}/${String(port["port"])}`;
    if (pairs.has(pair)) {
      problems.duplicate(at, {
        Name: "",
        Protocol: port["protocol"],
        AppProtocol: null,
        Port: port["port"],
        TargetPort: 0,
        NodePort: 0,
      });
    }
    pairs.add(pair);
    if (headless && port["targetPort"] !== undefined && type === "") problems.required(`${at}.targetPort`);
  });
}

function validateSourceRanges(problems: Problems, spec: Members): void {
  textsAt(spec, "loadBalancerSourceRanges").forEach((range, index) => {
    // Spaces around a range are passed over; the field is named as it is in Go.
    if (!isCidr(range.trim())) problems.invalid(`spec.LoadBalancerSourceRanges[${index}]`, range, NOT_CIDR);
  });
}

function validateNodePorts(problems: Problems, ports: readonly Members[]): void {
  const used = new Set<string>();
  ports.forEach((port, index) => {
    const nodePort = numberAt(port, "nodePort") ?? 0;
    if (nodePort === 0) return;
    const key = `${textAt(port, "protocol")}/${nodePort}`;
    if (used.has(key)) problems.duplicate(`spec.ports[${index}].nodePort`, nodePort);
    used.add(key);
  });
}

function validateAffinity(problems: Problems, spec: Members): void {
  const seconds = numberAt(membersAt(membersAt(spec, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds");
  if (seconds === undefined || (seconds > 0 && seconds <= 86400)) return;
  problems.invalid(
    "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
    seconds,
    "must be greater than 0 and less than 86400",
  );
}

/** Whether the cluster gives a Service its addresses, rather than whoever puts down its endpoints. */
function wantsAddress(spec: Members, clusterIps: readonly string[]): boolean {
  return clusterIps[0] !== "None" || Object.keys(membersAt(spec, "selector") ?? {}).length > 0;
}

function validateAddresses(problems: Problems, spec: Members, type: string): void {
  const single = textAt(spec, "clusterIP");
  const given = textsAt(spec, "clusterIPs");
  const list = given.length === 0 && single !== "" ? [single] : given;
  if (type !== "ExternalName") {
    if (single === "" && list.length > 0) {
      problems.invalid("spec.clusterIPs", list, "must be empty when `clusterIP` is not specified");
    } else if (single !== "" && list.length > 0 && list[0] !== single) {
      problems.invalid("spec.clusterIPs", list, "first value must match `clusterIP`");
    }
    if (list.length > 2) problems.invalid("spec.clusterIPs", list, "may only hold up to 2 values");
    list.forEach((ip, index) => {
      if (ip !== "None" && isIP(ip) === 0) problems.invalid(`spec.clusterIPs[${index}]`, ip, NOT_IP);
    });
    if (list.length === 2 && isIP(list[0] ?? "") === isIP(list[1] ?? "")) {
      problems.invalid("spec.clusterIPs", list, "may specify no more than one IP for each IP family");
    }
    textsAt(spec, "ipFamilies").forEach((family, index) => {
      const field = `spec.ipFamilies[${index}]`;
      problems.oneOf(field, family, ["IPv4", "IPv6"]);
      if (family === "IPv6" && wantsAddress(spec, list)) {
        problems.invalid(field, family, "not configured on this cluster");
      }
    });
    const policy = spec["ipFamilyPolicy"];
    if (policy === "RequireDualStack" && wantsAddress(spec, list)) {
      const detail = "this cluster is not configured for dual-stack services";
      problems.invalid("spec.ipFamilyPolicy", policy, detail);
    }
    if (policy !== undefined) {
      problems.oneOf("spec.ipFamilyPolicy", policy, ["PreferDualStack", "RequireDualStack", "SingleStack"]);
    }
  }
  textsAt(spec, "externalIPs").forEach((ip, index) => {
    validateRoutableIp(problems, `spec.externalIPs[${index}]`, ip);
  });
}

function validateBalancing(problems: Problems, spec: Members, type: string): void {
  const balanced = type === "LoadBalancer";
  const ranges = textsAt(spec, "loadBalancerSourceRanges");
  if (ranges.length > 0 && !balanced) problems.forbidden("spec.LoadBalancerSourceRanges", ONLY_BALANCED);
  if (!balanced && spec["allocateLoadBalancerNodePorts"] !== undefined) {
    problems.forbidden("spec.allocateLoadBalancerNodePorts", ONLY_BALANCED);
  }
  if (!balanced && spec["loadBalancerClass"] !== undefined)
    problems.forbidden("spec.loadBalancerClass", ONLY_BALANCED);
}

function validateTraffic(problems: Problems, spec: Members, type: string): void {
  const external =
    type === "LoadBalancer" ||
    type === "NodePort" ||
    (type === "ClusterIP" && textsAt(spec, "externalIPs").length > 0);
  const policy = textAt(spec, "externalTrafficPolicy");
  if (policy !== "" && !external) {
    problems.invalid(
      "spec.externalTrafficPolicy",
      policy,
      "may only be set for externally-accessible services",
    );
  } else if (external) problems.requiredOneOf("spec.externalTrafficPolicy", policy, ["Cluster", "Local"]);
  const health = numberAt(spec, "healthCheckNodePort") ?? 0;
  if (health !== 0 && !(type === "LoadBalancer" && policy === "Local")) {
    problems.invalid(
      "spec.healthCheckNodePort",
      health,
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    );
  }
  const internal = spec["internalTrafficPolicy"];
  if (internal !== undefined) problems.oneOf("spec.internalTrafficPolicy", internal, ["Cluster", "Local"]);
  const distribution = spec["trafficDistribution"];
  if (distribution !== undefined) {
    problems.oneOf("spec.trafficDistribution", distribution, [
      "PreferClose",
      "PreferSameZone",
      "PreferSameNode",
    ]);
  }
}

export function validateServiceUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const spec = membersAt(next as Members, "spec") ?? {};
  const old = membersAt(previous as Members, "spec") ?? {};
  if (textAt(spec, "type") === "ExternalName" || textAt(old, "type") === "ExternalName") return;
  const [ips, before] = [textsAt(spec, "clusterIPs"), textsAt(old, "clusterIPs")];
  if (before[0] !== undefined && ips.length === 0) {
    problems.invalid("spec.clusterIPs[0]", ips, "primary clusterIP can not be unset");
  } else if (before[0] !== undefined && ips[0] !== before[0]) {
    problems.invalid("spec.clusterIPs[0]", ips, "may not change once set");
  }
  const [families, known] = [textsAt(spec, "ipFamilies"), textsAt(old, "ipFamilies")];
  if (known[0] !== undefined && families[0] !== undefined && families[0] !== known[0]) {
    problems.invalid("spec.ipFamilies[0]", families, "may not change once set");
  }
  const balanced = textAt(spec, "type") === "LoadBalancer" && textAt(old, "type") === "LoadBalancer";
  if (balanced && !deepEqual(spec["loadBalancerClass"], old["loadBalancerClass"])) {
    problems.invalid("spec.loadBalancerClass", spec["loadBalancerClass"] ?? null, "may not change once set");
  }
}
