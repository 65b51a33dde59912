import { listAt, type Members, membersAt, numberAt, textAt, textsAt } from "../kinds/members.js";
import { age, condition, count, formatSelector, type Row, sizeAt, spec, status, textOr } from "./cells.js";
import { humanDuration } from "./human-duration.js";

export const nameAndAgeRow: Row = (object, now) => [object.metadata.name, age(object, now)];

/** Kinds without columns of their own show when they were created, not how long ago. */
export const createdRow: Row = (object) => [object.metadata.name, object.metadata.creationTimestamp ?? null];

export const bindingRow: Row = (object, now) => {
  const roleRef = membersAt(object, "roleRef");
  const subjects = (kind: string) => listAt(object, "subjects").filter((subject) => subject["kind"] === kind);
  const names = (kind: string) => subjects(kind).map((subject) => textAt(subject, "name"));
  return [
    object.metadata.name,
    `${textAt(roleRef, "kind")}/${textAt(roleRef, "name")}`,
    age(object, now),
    names("User").join(", "),
    names("Group").join(", "),
    subjects("ServiceAccount")
      .map((subject) => `${textAt(subject, "namespace")}/${textAt(subject, "name")}`)
      .join(", "),
  ];
};

function requestState(object: Members): string {
  const types = listAt(status(object), "conditions").map((candidate) => textAt(candidate, "type"));
  let state = types.includes("Denied") ? "Denied" : types.includes("Approved") ? "Approved" : "Pending";
  if (types.includes("Failed")) state += ",Failed";
  return textAt(status(object), "certificate") === "" ? state : `${state},Issued`;
}

export const certificateRequestRow: Row = (object, now) => {
  const seconds = numberAt(spec(object), "expirationSeconds");
  return [
    object.metadata.name,
    age(object, now),
    textOr(spec(object), "signerName", "<none>"),
    textAt(spec(object), "username"),
    seconds === undefined ? "<none>" : humanDuration(seconds * 1000),
    requestState(object),
  ];
};

export const leaseRow: Row = (object, now) => [
  object.metadata.name,
  textAt(spec(object), "holderIdentity"),
  age(object, now),
];

export const storageClassRow: Row = (object, now) => {
  const annotations = object.metadata.annotations ?? {};
  const isDefault =
    annotations["storageclass.kubernetes.io/is-default-class"] === "true" ||
    annotations["storageclass.beta.kubernetes.io/is-default-class"] === "true";
  return [
    isDefault ? `${object.metadata.name} (default)` : object.metadata.name,
    textAt(object, "provisioner"),
    textOr(object, "reclaimPolicy", "Delete"),
    textOr(object, "volumeBindingMode", "Immediate"),
    object["allowVolumeExpansion"] === true,
    age(object, now),
  ];
};

export const attributesClassRow: Row = (object, now) => [
  object.metadata.name,
  textAt(object, "driverName"),
  age(object, now),
];

export const priorityClassRow: Row = (object, now) => [
  object.metadata.name,
  count(object, "value"),
  object["globalDefault"] === true,
  age(object, now),
  textAt(object, "preemptionPolicy"),
];

export const runtimeClassRow: Row = (object, now) => [
  object.metadata.name,
  textAt(object, "handler"),
  age(object, now),
];

export const volumeAttachmentRow: Row = (object, now) => [
  object.metadata.name,
  textAt(spec(object), "attacher"),
  textAt(membersAt(spec(object), "source"), "persistentVolumeName"),
  textAt(spec(object), "nodeName"),
  status(object)?.["attached"] === true,
  age(object, now),
];

export const csiNodeRow: Row = (object, now) => [
  object.metadata.name,
  sizeAt(spec(object), "drivers"),
  age(object, now),
];

export const csiDriverRow: Row = (object, now) => {
  const tokens = spec(object)?.["tokenRequests"];
  const audiences = listAt(spec(object), "tokenRequests").map((token) => textAt(token, "audience"));
  const modes = textsAt(spec(object), "volumeLifecycleModes");
  return [
    object.metadata.name,
    spec(object)?.["attachRequired"] !== false,
    spec(object)?.["podInfoOnMount"] === true,
    spec(object)?.["storageCapacity"] === true,
    Array.isArray(tokens) ? audiences.join(",") : "<unset>",
    spec(object)?.["requiresRepublish"] === true,
    modes.length === 0 ? "<none>" : modes.join(","),
    age(object, now),
  ];
};

export const webhooksRow: Row = (object, now) => [
  object.metadata.name,
  sizeAt(object, "webhooks"),
  age(object, now),
];

export const admissionPolicyRow: Row = (object, now) => policyCells(object, now, "validations");

export const mutatingPolicyRow: Row = (object, now) => policyCells(object, now, "mutations");

function policyCells(object: Parameters<Row>[0], now: number, counted: string): ReturnType<Row> {
  const kind = membersAt(spec(object), "paramKind");
  return [
    object.metadata.name,
    sizeAt(spec(object), counted),
    kind === undefined ? "<unset>" : `${textAt(kind, "apiVersion")}/${textAt(kind, "kind")}`,
    age(object, now),
  ];
}

function paramRefText(reference: Members | undefined): string {
  if (reference === undefined) return "<unset>";
  const name = textAt(reference, "name");
  if (name === "") return formatSelector(membersAt(reference, "selector"));
  return `${textOr(reference, "namespace", "*")}/${name}`;
}

export const admissionBindingRow: Row = (object, now) => [
  object.metadata.name,
  textAt(spec(object), "policyName"),
  paramRefText(membersAt(spec(object), "paramRef")),
  age(object, now),
];

export const flowSchemaRow: Row = (object, now) => [
  object.metadata.name,
  textAt(membersAt(spec(object), "priorityLevelConfiguration"), "name"),
  count(spec(object), "matchingPrecedence"),
  textOr(membersAt(spec(object), "distinguisherMethod"), "type", "<none>"),
  age(object, now),
  textOr(condition(object, "Dangling"), "status", "?"),
];

export const priorityLevelRow: Row = (object, now) => {
  const limited = membersAt(spec(object), "limited");
  const queuing = membersAt(membersAt(limited, "limitResponse"), "queuing");
  const number = (value: Members | undefined, name: string) => numberAt(value, name) ?? "<none>";
  const shares = limited ?? membersAt(spec(object), "exempt");
  return [
    object.metadata.name,
    textAt(spec(object), "type"),
    number(shares, "nominalConcurrencyShares"),
    number(queuing, "queues"),
    number(queuing, "handSize"),
    number(queuing, "queueLengthLimit"),
    age(object, now),
  ];
};

export const apiServiceRow: Row = (object, now) => {
  const service = membersAt(spec(object), "service");
  const available = condition(object, "Available");
  const reason = textAt(available, "reason");
  const state = textOr(available, "status", "Unknown");
  return [
    object.metadata.name,
    service === undefined ? "Local" : `${textAt(service, "namespace")}/${textAt(service, "name")}`,
    state === "True" || reason === "" ? state : `${state} (${reason})`,
    age(object, now),
  ];
};

export const resourceClaimRow: Row = (object, now) => {
  const deleted = object.metadata.deletionTimestamp !== undefined;
  const allocated = membersAt(status(object), "allocation") !== undefined;
  const states = [
    ...(deleted ? ["deleted"] : []),
    ...(allocated ? ["allocated"] : deleted ? [] : ["pending"]),
    ...(sizeAt(status(object), "reservedFor") > 0 ? ["reserved"] : []),
  ];
  return [object.metadata.name, states.join(","), age(object, now)];
};

export const resourceSliceRow: Row = (object, now) => [
  object.metadata.name,
  textAt(spec(object), "nodeName"),
  textAt(spec(object), "driver"),
  textAt(membersAt(spec(object), "pool"), "name"),
  age(object, now),
];
