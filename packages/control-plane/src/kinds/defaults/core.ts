import {
  defaultEmptyTo,
  defaultTo,
  ensureMembers,
  listAt,
  type Members,
  membersAt,
  textAt,
  textsAt,
} from "../members.js";

export function defaultNamespace(object: Members): void {
  const metadata = ensureMembers(object, "metadata");
  const name = textAt(metadata, "name");
  if (name !== "") ensureMembers(metadata, "labels")["kubernetes.io/metadata.name"] = name;
  defaultEmptyTo(ensureMembers(object, "status"), "phase", "Active");
}

/** The type, and the plain values of `stringData` moved into `data`. */
export function defaultSecret(object: Members): void {
  defaultEmptyTo(object, "type", "Opaque");
  const plain = membersAt(object, "stringData");
  delete object["stringData"];
  if (plain === undefined) return;
  const data = ensureMembers(object, "data");
  for (const [key, value] of Object.entries(plain)) {
    Object.defineProperty(data, key, {
      value: Buffer.from(String(value), "utf8").toString("base64"),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

export function defaultService(object: Members): void {
  const spec = ensureMembers(object, "spec");
  defaultEmptyTo(spec, "sessionAffinity", "None");
  if (spec["sessionAffinity"] === "None") delete spec["sessionAffinityConfig"];
  if (spec["sessionAffinity"] === "ClientIP") {
    const clientIp = membersAt(membersAt(spec, "sessionAffinityConfig"), "clientIP");
    if (typeof clientIp?.["timeoutSeconds"] !== "number") {
      spec["sessionAffinityConfig"] = { clientIP: { timeoutSeconds: 10800 } };
    }
  }
  defaultEmptyTo(spec, "type", "ClusterIP");
  const type = textAt(spec, "type");
  for (const port of listAt(spec, "ports")) {
    defaultEmptyTo(port, "protocol", "TCP");
    defaultEmptyTo(port, "targetPort", port["port"]);
  }
  const external =
    type === "LoadBalancer" ||
    type === "NodePort" ||
    (type === "ClusterIP" && textsAt(spec, "externalIPs").length > 0);
  if (external) defaultEmptyTo(spec, "externalTrafficPolicy", "Cluster");
  if (type === "NodePort" || type === "LoadBalancer" || type === "ClusterIP") {
    defaultTo(spec, "internalTrafficPolicy", "Cluster");
  }
  if (type !== "LoadBalancer") return;
  defaultTo(spec, "allocateLoadBalancerNodePorts", true);
  for (const ingress of listAt(membersAt(membersAt(object, "status"), "loadBalancer"), "ingress")) {
    if (textAt(ingress, "ip") !== "") defaultTo(ingress, "ipMode", "VIP");
  }
}

export function defaultEndpoints(object: Members): void {
  for (const subset of listAt(object, "subsets")) {
    for (const port of listAt(subset, "ports")) defaultEmptyTo(port, "protocol", "TCP");
  }
}

export function defaultNode(object: Members): void {
  const status = ensureMembers(object, "status");
  const capacity = membersAt(status, "capacity");
  if (membersAt(status, "allocatable") === undefined && capacity !== undefined) {
    status["allocatable"] = { ...capacity };
  }
}

export function defaultLimitRange(object: Members): void {
  for (const item of listAt(membersAt(object, "spec"), "limits")) {
    if (item["type"] !== "Container") continue;
    const limits = { ...membersAt(item, "max"), ...membersAt(item, "default") };
    const requests = { ...membersAt(item, "min"), ...limits, ...membersAt(item, "defaultRequest") };
    if (Object.keys(limits).length > 0) item["default"] = limits;
    if (Object.keys(requests).length > 0) item["defaultRequest"] = requests;
  }
}

/** Only the names of secrets are kept. */
export function defaultServiceAccount(object: Members): void {
  const secrets = listAt(object, "secrets");
  if (secrets.length > 0) object["secrets"] = secrets.map((secret) => ({ name: textAt(secret, "name") }));
}
