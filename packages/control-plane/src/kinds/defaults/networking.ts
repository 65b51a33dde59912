import {
  defaultEmptyTo,
  defaultTo,
  ensureMembers,
  listAt,
  type Members,
  membersAt,
  textsAt,
} from "../members.js";

export function defaultNetworkPolicy(object: Members): void {
  const spec = ensureMembers(object, "spec");
  for (const rule of [...listAt(spec, "ingress"), ...listAt(spec, "egress")]) {
    for (const port of listAt(rule, "ports")) defaultTo(port, "protocol", "TCP");
  }
  if (textsAt(spec, "policyTypes").length > 0) return;
  const egress = spec["egress"];
  const hasEgress = Array.isArray(egress) && egress.length > 0;
  spec["policyTypes"] = hasEgress ? ["Ingress", "Egress"] : ["Ingress"];
}

export function defaultIngressClass(object: Members): void {
  const parameters = membersAt(membersAt(object, "spec"), "parameters");
  if (parameters !== undefined) defaultTo(parameters, "scope", "Cluster");
}

export function defaultEndpointSlice(object: Members): void {
  for (const port of listAt(object, "ports")) {
    defaultTo(port, "name", "");
    defaultEmptyTo(port, "protocol", "TCP");
  }
}
