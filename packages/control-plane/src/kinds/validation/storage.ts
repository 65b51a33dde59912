import {
  compareQuantity,
  deepEqual,
  isDns1123Subdomain,
  isQualifiedName,
  type KubeObject,
  parseQuantity,
} from "@capstan/kube";
import { listAt, type Members, membersAt, textAt, textsAt } from "../members.js";
import type { Problems } from "./problems.js";
import { validateNodeSelector, validateSelector } from "./selectors.js";

const MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const ZERO = parseQuantity("0");

function specOf(object: KubeObject): Members {
  return membersAt(object as Members, "spec") ?? {};
}

function validateAccessModes(problems: Problems, field: string, spec: Members, detail = ""): void {
  const modes = textsAt(spec, "accessModes");
  if (modes.length === 0) problems.required(`${field}.accessModes`, detail);
  for (const mode of modes) problems.oneOf(`${field}.accessModes`, mode, MODES);
  if (modes.length > 1 && modes.includes("ReadWriteOncePod")) {
    problems.forbidden(`${field}.accessModes`, "may not use ReadWriteOncePod with other access modes");
  }
}

function validateVolumeMode(problems: Problems, field: string, spec: Members): void {
  const mode = spec["volumeMode"];
  if (mode !== undefined) problems.oneOf(`${field}.volumeMode`, mode, ["Block", "Filesystem"]);
}

/** The spec of a claim, on its own or in a workload's templates. */
export function validateClaimSpec(problems: Problems, field: string, spec: Members): void {
  validateAccessModes(problems, field, spec, "at least 1 access mode is required");
  validateSelector(problems, `${field}.selector`, membersAt(spec, "selector"));
  const storage = textAt(membersAt(membersAt(spec, "resources"), "requests"), "storage");
  if (storage === "") problems.required(`${field}.resources[storage]`);
  else if (compareQuantity(parseQuantity(storage), ZERO) <= 0) {
    problems.invalid(`${field}.resources[storage]`, storage, "must be greater than zero");
  }
  const storageClass = textAt(spec, "storageClassName");
  if (storageClass !== "") problems.names(`${field}.storageClassName`, storageClass, isDns1123Subdomain);
  for (const name of ["dataSource", "dataSourceRef"]) {
    validateDataSource(problems, `${field}.${name}`, membersAt(spec, name));
  }
  const attributes = textAt(spec, "volumeAttributesClassName");
  if (attributes !== "") {
    problems.names(`${field}.volumeAttributesClassName`, attributes, isDns1123Subdomain);
  }
  validateVolumeMode(problems, field, spec);
}

function validateDataSource(problems: Problems, field: string, source: Members | undefined): void {
  const [kind, name] = [textAt(source, "kind"), textAt(source, "name")];
  if (kind === "" && name === "") return;
  if (name === "") problems.required(`${field}.name`);
  if (kind === "") problems.required(`${field}.kind`);
  if (textAt(source, "apiGroup") === "" && kind !== "PersistentVolumeClaim") {
    problems.invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
  }
}

export function validateClaim(problems: Problems, object: KubeObject): void {
  validateClaimSpec(problems, "spec", specOf(object));
}

export function validateClaimUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const [spec, old] = [specOf(next), specOf(previous)];
  const fixed = (value: Members) => {
    const { resources: _resources, volumeAttributesClassName: _class, ...rest } = value;
    if (old["volumeName"] === undefined) delete rest["volumeName"];
    if (old["storageClassName"] === undefined) delete rest["storageClassName"];
    return rest;
  };
  if (!deepEqual(fixed(spec), fixed(old))) {
    problems.forbidden(
      "spec",
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    );
  }
  const size = (value: Members) => textAt(membersAt(membersAt(value, "resources"), "requests"), "storage");
  const status = membersAt(previous as Members, "status");
  const capacity = textAt(membersAt(status, "capacity"), "storage");
  const bound = status?.["phase"] === "Bound";
  if (size(spec) !== size(old) && !bound) {
    problems.forbidden(
      "spec",
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
    );
  } else if (
    size(spec) !== size(old) &&
    capacity !== "" &&
    compareQuantity(parseQuantity(size(spec) || "0"), parseQuantity(capacity)) < 0
  ) {
    problems.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
  }
  problems.unchanged("spec.volumeMode", spec["volumeMode"], spec["volumeMode"] === old["volumeMode"]);
}

const VOLUME_FIELDS = new Set([
  "accessModes",
  "capacity",
  "claimRef",
  "mountOptions",
  "nodeAffinity",
  "persistentVolumeReclaimPolicy",
  "storageClassName",
  "volumeAttributesClassName",
  "volumeMode",
]);

function sourceOf(spec: Members): Members {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => !VOLUME_FIELDS.has(name)));
}

export function validateVolume(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  validateAccessModes(problems, "spec", spec);
  const capacity = membersAt(spec, "capacity") ?? {};
  if (Object.keys(capacity).length === 0) problems.required("spec.capacity");
  if (textAt(capacity, "storage") === "" || Object.keys(capacity).length > 1) {
    problems.unsupported("spec.capacity", membersAt(spec, "capacity") ?? null, ["storage"]);
  }
  for (const [name, amount] of Object.entries(capacity)) {
    if (compareQuantity(parseQuantity(String(amount)), ZERO) <= 0) {
      problems.invalid(`spec.capacity[${name}]`, amount, "must be greater than zero");
    }
  }
  problems.requiredOneOf("spec.persistentVolumeReclaimPolicy", spec["persistentVolumeReclaimPolicy"], [
    "Delete",
    "Recycle",
    "Retain",
  ]);
  validateNodeSelector(
    problems,
    "spec.nodeAffinity.required",
    membersAt(membersAt(spec, "nodeAffinity"), "required"),
  );
  const sources = Object.keys(sourceOf(spec));
  for (const name of sources.slice(1))
    problems.forbidden(`spec.${name}`, "may not specify more than 1 volume type");
  if (sources.length === 0) problems.required("spec", "must specify a volume type");
  const hostPath = membersAt(spec, "hostPath");
  if (hostPath !== undefined && textAt(hostPath, "path") === "") problems.required("spec.hostPath.path");
  for (const name of REQUIRED_OF["local"] ?? []) {
    if (spec["local"] && textAt(membersAt(spec, "local"), name) === "")
      problems.required(`spec.local.${name}`);
  }
  for (const name of REQUIRED_OF["csi"] ?? []) {
    if (spec["csi"] && textAt(membersAt(spec, "csi"), name) === "") problems.required(`spec.csi.${name}`);
  }
  if (sources.includes("local") && membersAt(spec, "nodeAffinity") === undefined) {
    problems.required("spec.nodeAffinity", "Local volume requires node affinity");
  }
  if (textAt(hostPath, "path") === "/" && spec["persistentVolumeReclaimPolicy"] === "Recycle") {
    problems.forbidden(
      "spec.persistentVolumeReclaimPolicy",
      "may not be 'recycle' for a hostPath mount of '/'",
    );
  }
  const storageClass = textAt(spec, "storageClassName");
  if (storageClass !== "") problems.names("spec.storageClassName", storageClass, isDns1123Subdomain);
  const affinity = membersAt(spec, "nodeAffinity");
  if (affinity !== undefined && membersAt(affinity, "required") === undefined) {
    problems.required("spec.nodeAffinity.required", "must specify required node constraints");
  }
  validateVolumeMode(problems, "spec", spec);
}

/** What sources of volumes cannot do without. */
const REQUIRED_OF: Readonly<Record<string, readonly string[]>> = {
  local: ["path"],
  csi: ["driver", "volumeHandle"],
};

export function validateVolumeUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const [spec, old] = [specOf(next), specOf(previous)];
  if (!deepEqual(sourceOf(spec), sourceOf(old))) {
    problems.forbidden(
      "spec.persistentvolumesource",
      "spec.persistentvolumesource is immutable after creation",
    );
  }
  problems.unchanged("spec.volumeMode", spec["volumeMode"], spec["volumeMode"] === old["volumeMode"]);
  if (old["nodeAffinity"] !== undefined) {
    const same = deepEqual(spec["nodeAffinity"], old["nodeAffinity"]);
    problems.unchanged("spec.nodeAffinity", spec["nodeAffinity"], same);
  }
}

export function validateStorageClass(problems: Problems, object: KubeObject): void {
  const provisioner = textAt(object as Members, "provisioner");
  if (provisioner === "") problems.required("provisioner");
  else problems.names("provisioner", provisioner.toLowerCase(), isQualifiedName);
  if (Object.hasOwn(membersAt(object as Members, "parameters") ?? {}, "")) {
    problems.invalid("parameters", "", "field can not be empty.");
  }
  validateTopologies(problems, listAt(object as Members, "allowedTopologies"));
  const reclaim = object["reclaimPolicy"];
  if (reclaim !== undefined) problems.oneOf("reclaimPolicy", reclaim, ["Delete", "Retain"]);
  problems.requiredOneOf("volumeBindingMode", object["volumeBindingMode"], [
    "Immediate",
    "WaitForFirstConsumer",
  ]);
}

function validateTopologies(problems: Problems, topologies: readonly Members[]): void {
  topologies.forEach((topology, index) => {
    listAt(topology, "matchLabelExpressions").forEach((expression, place) => {
      const at = `allowedTopologies[${index}].matchLabelExpressions[${place}]`;
      if (textsAt(expression, "values").length === 0) problems.required(`${at}.values`);
      problems.names(`${at}.key`, textAt(expression, "key"), isQualifiedName);
    });
  });
}

export function validateStorageClassUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  for (const name of ["parameters", "provisioner", "reclaimPolicy"]) {
    if (!deepEqual(next[name], previous[name])) problems.forbidden(name, `updates to ${name} are forbidden.`);
  }
  const mode = next["volumeBindingMode"];
  problems.unchanged("volumeBindingMode", mode, mode === previous["volumeBindingMode"]);
}

export function validateAttributesClassUpdate(
  problems: Problems,
  next: KubeObject,
  previous: KubeObject,
): void {
  for (const name of ["driverName", "parameters"]) {
    if (!deepEqual(next[name], previous[name])) problems.forbidden(name, `updates to ${name} are forbidden.`);
  }
}

const GROUP_POLICIES = ["File", "None", "ReadWriteOnceWithFSType"];

export function validateDriver(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const policy = spec["fsGroupPolicy"];
  if (policy !== undefined) problems.oneOf("spec.fsGroupPolicy", policy, GROUP_POLICIES);
  for (const mode of textsAt(spec, "volumeLifecycleModes")) {
    problems.oneOf("spec.volumeLifecycleModes", mode, ["Persistent", "Ephemeral"]);
  }
}

export function validateAttachment(problems: Problems, object: KubeObject): void {
  const spec = specOf(object);
  const attacher = textAt(spec, "attacher");
  if (attacher === "") problems.required("spec.attacher");
  else problems.names("spec.attacher", attacher, isDns1123Subdomain);
  const source = membersAt(spec, "source") ?? {};
  const volume = textAt(source, "persistentVolumeName");
  if (membersAt(source, "inlineVolumeSpec") === undefined && source["persistentVolumeName"] === undefined) {
    problems.required("spec.source", "must specify exactly one of inlineVolumeSpec and persistentVolumeName");
  } else if (source["persistentVolumeName"] !== undefined && volume === "") {
    problems.required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName");
  }
  problems.names("spec.nodeName", textAt(spec, "nodeName"), isDns1123Subdomain);
}

export function validateNodeDrivers(problems: Problems, object: KubeObject): void {
  listAt(specOf(object), "drivers").forEach((driver, index) => {
    for (const name of ["name", "nodeID"]) {
      if (textAt(driver, name) === "") problems.required(`spec.drivers[${index}].${name}`);
    }
  });
}

export function validateDriverUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const [spec, old] = [specOf(next), specOf(previous)];
  const attach = spec["attachRequired"];
  problems.unchanged("spec.attachedRequired", attach, attach === old["attachRequired"]);
  const modes = spec["volumeLifecycleModes"];
  problems.unchanged("spec.volumeLifecycleModes", modes, deepEqual(modes, old["volumeLifecycleModes"]));
}

export function validateResourceQuota(problems: Problems, object: KubeObject): void {
  for (const [name, amount] of Object.entries(membersAt(specOf(object), "hard") ?? {})) {
    const field = `spec.hard[${name}]`;
    problems.names(field, name, isQualifiedName);
    if (!name.includes("/") && !isQuotaResource(name)) {
      problems.invalid(field, name, "must be a standard resource for quota");
      if (isQualifiedName(name).length === 0)
        problems.invalid(field, name, "must be a standard resource type or fully qualified");
    }
    const quantity = parseQuantity(String(amount));
    if (compareQuantity(quantity, ZERO) < 0)
      problems.invalid(field, amount, "must be greater than or equal to 0");
    if (isCounted(name) && quantity.nano % 1_000_000_000n !== 0n)
      problems.invalid(field, amount, "must be an integer");
  }
  const scopes = textsAt(specOf(object), "scopes");
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) problems.invalid("spec.scopes", scopes, "unsupported scope");
  }
  const podScopes = scopes.filter((scope) => POD_SCOPES.has(scope));
  const names = Object.keys(membersAt(specOf(object), "hard") ?? {});
  if (podScopes.length > 0 && names.some((name) => !POD_RESOURCES.test(name))) {
    problems.invalid("spec.scopes", scopes, "unsupported scope applied to resource");
  }
  listAt(membersAt(specOf(object), "scopeSelector"), "matchExpressions").forEach((expression) => {
    const listed = ["In", "NotIn"].includes(textAt(expression, "operator"));
    if (listed && textsAt(expression, "values").length === 0) {
      problems.required(
        "spec.scopeSelector.matchExpressions.values",
        "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      );
    }
  });
  for (const pair of CONFLICTING_SCOPES) {
    if (pair.every((scope) => scopes.includes(scope)))
      problems.invalid("spec.scopes", scopes, "conflicting scopes");
  }
}

/** Scopes of pods, and the resources that pods use. */
const POD_SCOPES = new Set(["BestEffort", "NotBestEffort", "NotTerminating", "Terminating"]);
const POD_RESOURCES = /^(?:pods|(?:(?:limits|requests)\.)?(?:cpu|memory|ephemeral-storage)|count\/pods)$/;

const CONFLICTING_SCOPES = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;

const SCOPES = new Set([
  "BestEffort",
  "CrossNamespacePodAffinity",
  "NotBestEffort",
  "NotTerminating",
  "PriorityClass",
  "Terminating",
  "VolumeAttributesClass",
]);
const COUNTED = new Set([
  "configmaps",
  "persistentvolumeclaims",
  "pods",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "services",
  "services.loadbalancers",
  "services.nodeports",
]);
const MEASURED =
  /^(?:(?:limits|requests)\.)?(?:cpu|memory|ephemeral-storage)$|^requests\.storage$|^requests\.hugepages-|^hugepages-/;

function isCounted(name: string): boolean {
  return COUNTED.has(name) || name.startsWith("count/");
}

function isQuotaResource(name: string): boolean {
  return COUNTED.has(name) || MEASURED.test(name);
}

export function validateLimitRange(problems: Problems, object: KubeObject): void {
  const types = new Set<string>();
  listAt(specOf(object), "limits").forEach((limit, index) => {
    const field = `spec.limits[${index}]`;
    const type = textAt(limit, "type");
    problems.names(`${field}.type`, type, isQualifiedName);
    if (isQualifiedName(type).length === 0 && !type.includes("/") && !LIMIT_TYPES.has(type)) {
      problems.invalid(`${field}.type`, type, "must be a standard limit type or fully qualified");
    }
    if (types.has(type)) problems.duplicate(`${field}.type`, type);
    types.add(type);
    if (type === "Pod") {
      for (const name of ["default", "defaultRequest"]) {
        if (Object.keys(membersAt(limit, name) ?? {}).length > 0)
          problems.forbidden(`${field}.${name}`, "may not be specified when `type` is 'Pod'");
      }
    }
    if (type === "PersistentVolumeClaim" && !["min", "max"].some((name) => storageIn(limit, name))) {
      problems.required(
        `${field}.limits`,
        "either minimum or maximum storage value is required, but neither was provided",
      );
    }
    for (const [name, ratio] of Object.entries(membersAt(limit, "maxLimitRequestRatio") ?? {})) {
      if (compareQuantity(parseQuantity(String(ratio)), ONE) >= 0) continue;
      const detail = `ratio ${String(ratio)} is less than 1`;
      problems.invalid(`${field}.maxLimitRequestRatio[${name}]`, ratio, detail);
    }
    for (const [low, lowName, high, highName] of ORDERED) {
      compareBounds(problems, field, limit, low, lowName, high, highName);
    }
  });
}

const LIMIT_TYPES = new Set(["Container", "PersistentVolumeClaim", "Pod"]);
const ONE = parseQuantity("1");

function storageIn(limit: Members, bound: string): boolean {
  return textAt(membersAt(limit, bound), "storage") !== "";
}

/** Pairs of bounds: the first may not be above the second; the error stands at the one that is wrong. */
const ORDERED = [
  ["min", "min", "max", "max"],
  ["min", "min", "defaultRequest", "default request"],
  ["min", "min", "default", "default"],
  ["defaultRequest", "default request", "max", "max"],
  ["defaultRequest", "default request", "default", "default limit"],
  ["default", "default", "max", "max"],
] as const;

function compareBounds(
  problems: Problems,
  field: string,
  limit: Members,
  low: string,
  lowName: string,
  high: string,
  highName: string,
): void {
  for (const [name, amount] of Object.entries(membersAt(limit, low) ?? {})) {
    const bound = textAt(membersAt(limit, high), name);
    if (bound === "" || compareQuantity(parseQuantity(String(amount)), parseQuantity(bound)) <= 0) continue;
    const detail = `${lowName} value ${String(amount)} is greater than ${highName} value ${bound}`;
    // The real server prints the bound for a default above its maximum.
    const value = low === "default" && high === "max" ? bound : amount;
    if (high === "max" || low !== "min") problems.invalid(`${field}.${low}[${name}]`, value, detail);
    else problems.invalid(`${field}.${high}[${name}]`, high === "default" ? amount : bound, detail);
  }
}
