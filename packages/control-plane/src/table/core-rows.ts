import { listAt, type Members, membersAt, textAt } from "../kinds/members.js";
import { age, condition, count, type Row, sizeAt, spec, status, textOr } from "./cells.js";
import { ageOf } from "./human-duration.js";

export const namespaceRow: Row = (object, now) => [
  object.metadata.name,
  textAt(status(object), "phase"),
  age(object, now),
];

export const secretRow: Row = (object, now) => [
  object.metadata.name,
  textAt(object, "type"),
  sizeAt(object, "data"),
  age(object, now),
];

export const configMapRow: Row = (object, now) => [
  object.metadata.name,
  sizeAt(object, "data") + sizeAt(object, "binaryData"),
  age(object, now),
];

const MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

function accessModes(value: Members | undefined): string {
  const given = value?.["accessModes"];
  if (!Array.isArray(given)) return "";
  return Object.keys(MODES)
    .filter((mode) => given.includes(mode))
    .map((mode) => MODES[mode])
    .join(",");
}

function storageClass(object: Members): string {
  const annotations = membersAt(membersAt(object, "metadata"), "annotations");
  return textOr(
    annotations,
    "volume.beta.kubernetes.io/storage-class",
    textAt(spec(object), "storageClassName"),
  );
}

function isTerminating(object: Members): boolean {
  return membersAt(object, "metadata")?.["deletionTimestamp"] !== undefined;
}

export const persistentVolumeRow: Row = (object, now) => {
  const claim = membersAt(spec(object), "claimRef");
  return [
    object.metadata.name,
    textOr(membersAt(spec(object), "capacity"), "storage", "0"),
    accessModes(spec(object)),
    textAt(spec(object), "persistentVolumeReclaimPolicy"),
    isTerminating(object) ? "Terminating" : textAt(status(object), "phase"),
    claim === undefined ? "" : `${textAt(claim, "namespace")}/${textAt(claim, "name")}`,
    storageClass(object),
    textOr(spec(object), "volumeAttributesClassName", "<unset>"),
    textAt(status(object), "reason"),
    age(object, now),
    textOr(spec(object), "volumeMode", "<unset>"),
  ];
};

export const claimRow: Row = (object, now) => {
  const bound = textAt(spec(object), "volumeName") !== "";
  return [
    object.metadata.name,
    isTerminating(object) ? "Terminating" : textAt(status(object), "phase"),
    textAt(spec(object), "volumeName"),
    bound ? textOr(membersAt(status(object), "capacity"), "storage", "0") : "",
    bound ? accessModes(status(object)) : "",
    storageClass(object),
    textOr(spec(object), "volumeAttributesClassName", "<unset>"),
    age(object, now),
    textOr(spec(object), "volumeMode", "<unset>"),
  ];
};

export const componentStatusRow: Row = (object) => {
  const healthy = listAt(object, "conditions").find((candidate) => candidate["type"] === "Healthy");
  const state = healthy === undefined ? "Unknown" : healthy["status"] === "True" ? "Healthy" : "Unhealthy";
  return [object.metadata.name, state, textAt(healthy, "message"), textAt(healthy, "error")];
};

export const resourceQuotaRow: Row = (object, now) => {
  const used = membersAt(status(object), "used");
  const requests: string[] = [];
  const limits: string[] = [];
  for (const [name, hard] of Object.entries(membersAt(status(object), "hard") ?? {}).sort()) {
    const list = name.startsWith("limits.") ? limits : requests;
    list.push(`${name}: ${textOr(used, name, "0")}/${String(hard)}`);
  }
  return [object.metadata.name, requests.join(", "), limits.join(", "), age(object, now)];
};

function nodeRoles(labels: Readonly<Record<string, string>>): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(labels)) {
    if (key.startsWith("node-role.kubernetes.io/") && key.length > 24) roles.add(key.slice(24));
    else if (key === "kubernetes.io/role" && value !== "") roles.add(value);
  }
  return roles.size === 0 ? "<none>" : [...roles].sort().join(",");
}

export const nodeRow: Row = (node, now) => {
  const ready = condition(node, "Ready");
  const state = ready === undefined ? "Unknown" : ready["status"] === "True" ? "Ready" : "NotReady";
  const address = (type: string) =>
    textOr(
      listAt(status(node), "addresses").find((entry) => entry["type"] === type),
      "address",
      "<none>",
    );
  const info = membersAt(status(node), "nodeInfo");
  return [
    node.metadata.name,
    spec(node)?.["unschedulable"] === true ? `${state},SchedulingDisabled` : state,
    nodeRoles(node.metadata.labels ?? {}),
    age(node, now),
    textAt(info, "kubeletVersion"),
    address("InternalIP"),
    address("ExternalIP"),
    textOr(info, "osImage", "<unknown>"),
    textOr(info, "kernelVersion", "<unknown>"),
    textOr(info, "containerRuntimeVersion", "<unknown>"),
  ];
};

/** Events of both groups: the newer one has other names for the same fields. */
export const eventRow: Row = (event, now) => {
  const pick = (core: string, next: string) => event[core] ?? event[next];
  const object = membersAt(event, "involvedObject") ?? membersAt(event, "regarding");
  const source = membersAt(event, "source") ?? membersAt(event, "deprecatedSource");
  const series = membersAt(event, "series");
  const first = ageOf(pick("firstTimestamp", "deprecatedFirstTimestamp") ?? event["eventTime"], now);
  const lastTime = series?.["lastObservedTime"] ?? pick("lastTimestamp", "deprecatedLastTimestamp");
  const component =
    textAt(source, "component") || String(pick("reportingComponent", "reportingController") ?? "");
  const instance = textAt(source, "host") || textAt(event, "reportingInstance");
  const times =
    series === undefined ? Number(pick("count", "deprecatedCount") ?? 0) || 1 : count(series, "count");
  const name = textAt(object, "name");
  const kind = textAt(object, "kind").toLowerCase();
  return [
    lastTime === undefined || lastTime === null ? first : ageOf(lastTime, now),
    textAt(event, "type"),
    textAt(event, "reason"),
    name === "" ? kind : `${kind}/${name}`,
    textAt(object, "fieldPath"),
    instance === "" ? component : `${component}, ${instance}`,
    String(pick("message", "note") ?? "").trim(),
    first,
    times,
    event.metadata.name,
  ];
};
