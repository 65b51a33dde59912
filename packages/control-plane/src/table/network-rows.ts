import { listAt, type Members, membersAt, numberAt, textAt, textsAt } from "../kinds/members.js";
import { age, formatLabels, formatSelector, type Row, shortList, spec, status, textOr } from "./cells.js";

function servicePorts(object: Members): string {
  const ports = listAt(spec(object), "ports").map((port) => {
    const nodePort = numberAt(port, "nodePort") ?? 0;
    return `${String(port["port"])}${nodePort > 0 ? `:${nodePort}` : ""}/${textAt(port, "protocol")}`;
  });
  return ports.length === 0 ? "<none>" : ports.join(",");
}

function loadBalancerAddresses(object: Members): readonly string[] {
  const ingress = listAt(membersAt(status(object), "loadBalancer"), "ingress");
  return [...new Set(ingress.map((entry) => textAt(entry, "ip") || textAt(entry, "hostname")))]
    .filter((address) => address !== "")
    .sort();
}

function externalIp(object: Members): string {
  const external = textsAt(spec(object), "externalIPs");
  switch (textAt(spec(object), "type")) {
    case "ClusterIP":
    case "NodePort":
      return external.length === 0 ? "<none>" : external.join(",");
    case "LoadBalancer": {
      const addresses = [...loadBalancerAddresses(object), ...external];
      return addresses.length === 0 ? "<pending>" : addresses.join(",");
    }
    case "ExternalName":
      return textAt(spec(object), "externalName");
    default:
      return "<unknown>";
  }
}

export const serviceRow: Row = (object, now) => [
  object.metadata.name,
  textAt(spec(object), "type"),
  textsAt(spec(object), "clusterIPs")[0] ?? "<none>",
  externalIp(object),
  servicePorts(object),
  age(object, now),
  formatLabels(membersAt(spec(object), "selector")),
];

export const ingressRow: Row = (object, now) => {
  const rules = listAt(spec(object), "rules");
  const hosts = rules.map((rule) => textAt(rule, "host")).filter((host) => host !== "");
  const more = rules.length > 3 ? ` + ${rules.length - 3} more...` : "";
  return [
    object.metadata.name,
    textOr(spec(object), "ingressClassName", "<none>"),
    hosts.length === 0 ? "*" : hosts.slice(0, 3).join(",") + more,
    loadBalancerAddresses(object).join(","),
    listAt(spec(object), "tls").length > 0 ? "80, 443" : "80",
    age(object, now),
  ];
};

export const ingressClassRow: Row = (object, now) => {
  const parameters = membersAt(spec(object), "parameters");
  const group = textAt(parameters, "apiGroup");
  const kind = `${textAt(parameters, "kind")}${group === "" ? "" : `.${group}`}`;
  return [
    object.metadata.name,
    textAt(spec(object), "controller"),
    parameters === undefined ? "<none>" : `${kind}/${textAt(parameters, "name")}`,
    age(object, now),
  ];
};

function addressesOf(object: Members): readonly string[] {
  return listAt(object, "subsets").flatMap((subset) => {
    const ips = listAt(subset, "addresses").map((address) => textAt(address, "ip"));
    const ports = listAt(subset, "ports");
    if (ports.length === 0) return ips;
    return ports.flatMap((port) =>
      ips.map((ip) => `${ip.includes(":") ? `[${ip}]` : ip}:${String(port["port"])}`),
    );
  });
}

export const endpointsRow: Row = (object, now) => {
  const addresses = addressesOf(object);
  const none = listAt(object, "subsets").length === 0;
  return [object.metadata.name, none ? "<none>" : shortList(addresses, 3), age(object, now)];
};

export const endpointSliceRow: Row = (object, now) => {
  const ports = listAt(object, "ports").map((port) => {
    const number = numberAt(port, "port");
    return number === undefined ? textOr(port, "name", "*") : String(number);
  });
  const addresses = listAt(object, "endpoints").flatMap((endpoint) => textsAt(endpoint, "addresses"));
  return [
    object.metadata.name,
    textAt(object, "addressType"),
    ports.length === 0 ? "<unset>" : shortList(ports, 3),
    addresses.length === 0 ? "<unset>" : shortList(addresses, 3),
    age(object, now),
  ];
};

export const networkPolicyRow: Row = (object, now) => [
  object.metadata.name,
  formatSelector(membersAt(spec(object), "podSelector")) || "<none>",
  age(object, now),
];

export const ipAddressRow: Row = (object) => {
  const parent = membersAt(spec(object), "parentRef");
  const group = textAt(parent, "group");
  const namespace = textAt(parent, "namespace");
  const resource = `${textAt(parent, "resource")}${group === "" ? "" : `.${group}`}`.toLowerCase();
  const name = `${namespace === "" ? "" : `${namespace}/`}${textAt(parent, "name")}`;
  return [object.metadata.name, parent === undefined ? "<none>" : `${resource}/${name}`];
};

export const serviceCidrRow: Row = (object, now) => [
  object.metadata.name,
  textsAt(spec(object), "cidrs").join(","),
  age(object, now),
];
