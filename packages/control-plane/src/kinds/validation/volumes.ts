import { isDns1123Label, isDns1123Subdomain } from "@capstan/kube";
import { messageType } from "../../schema/message.js";
import { listAt, type Members, membersAt, numberAt, textAt } from "../members.js";
import { validateFieldRef } from "./env.js";
import { configKeyMessages, type Problems } from "./problems.js";

/** What each source of a volume cannot do without; sources that are not here need nothing. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  secret: ["secretName"],
  configMap: ["name"],
  persistentVolumeClaim: ["claimName"],
  hostPath: ["path"],
  nfs: ["server", "path"],
  csi: ["driver"],
  gcePersistentDisk: ["pdName"],
  awsElasticBlockStore: ["volumeID"],
  gitRepo: ["repository"],
  glusterfs: ["endpoints", "path"],
  azureFile: ["secretName", "shareName"],
  cinder: ["volumeID"],
  vsphereVolume: ["volumePath"],
  flexVolume: ["driver"],
  portworxVolume: ["volumeID"],
};
const HOST_PATH_TYPES = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];
const DOWNWARD_FIELDS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.labels",
  "metadata.annotations",
  "metadata.uid",
];

/** The volumes of a pod, by name, with the source that each has. */
export function validateVolumes(
  problems: Problems,
  field: string,
  volumes: readonly Members[],
): Map<string, string> {
  const sources = new Map<string, string>();
  volumes.forEach((volume, index) => {
    const at = `${field}[${index}]`;
    const name = textAt(volume, "name");
    const source = validateSource(problems, at, volume);
    if (name === "") problems.required(`${at}.name`);
    else {
      problems.names(`${at}.name`, name, isDns1123Label);
      if (sources.has(name)) problems.duplicate(`${at}.name`, name);
    }
    if (!sources.has(name)) sources.set(name, source);
  });
  return sources;
}

function validateSource(problems: Problems, field: string, volume: Members): string {
  const given = messageType("core.v1.VolumeSource")
    .fields.map((source) => source.name)
    .filter((name) => membersAt(volume, name) !== undefined)
    // Empty directories are looked at before anything else.
    .sort((a, b) => Number(b === "emptyDir") - Number(a === "emptyDir"));
  given.forEach((name, index) => {
    const at = `${field}.${name}`;
    if (index > 0) problems.forbidden(at, "may not specify more than 1 volume type");
    else validateBody(problems, at, name, membersAt(volume, name) ?? {});
  });
  if (given.length === 0) problems.required(field, "must specify a volume type");
  return given[0] ?? "";
}

function validateBody(problems: Problems, field: string, name: string, body: Members): void {
  for (const required of REQUIRED[name] ?? []) {
    if (textAt(body, required) === "") problems.required(`${field}.${required}`);
  }
  switch (name) {
    case "secret":
    case "configMap":
      validateMode(problems, `${field}.defaultMode`, body["defaultMode"]);
      validateItems(problems, field, body);
      return;
    case "downwardAPI":
      validateMode(problems, `${field}.defaultMode`, body["defaultMode"]);
      // The paths of these errors have no index in the real server either.
      for (const item of listAt(body, "items")) validateDownwardItem(problems, field, item);
      return;
    case "projected":
      validateMode(problems, `${field}.defaultMode`, body["defaultMode"]);
      validateProjectedPaths(problems, field, body);
      listAt(body, "sources").forEach((source, index) => {
        validateProjection(problems, `${field}.sources[${index}]`, source);
        const token = membersAt(source, "serviceAccountToken");
        // The real server's error stands at the volume, not at the source.
        if (token !== undefined && textAt(token, "path") === "") problems.required(`${field}.path`);
      });
      return;
    case "hostPath":
      if (textAt(body, "path") === "") return;
      if (textAt(body, "path").split("/").includes("..")) {
        problems.invalid(`${field}.path`, body["path"], "must not contain '..'");
      }
      if (body["type"] !== undefined) problems.oneOf(`${field}.type`, body["type"], HOST_PATH_TYPES);
      return;
    case "nfs":
      if (textAt(body, "path") !== "" && !textAt(body, "path").startsWith("/")) {
        problems.invalid(`${field}.path`, body["path"], "must be an absolute path");
      }
      return;
    case "csi":
      if (textAt(body, "driver") !== "") {
        problems.names(`${field}.driver`, textAt(body, "driver"), (name) =>
          isDns1123Subdomain(name.toLowerCase()),
        );
      }
      return;
    case "image":
      if (textAt(body, "reference") === "") problems.required(`${field}.reference`);
      if (body["pullPolicy"] !== undefined) {
        problems.oneOf(`${field}.pullPolicy`, body["pullPolicy"], ["Always", "IfNotPresent", "Never"]);
      }
      return;
    case "ephemeral":
      if (membersAt(body, "volumeClaimTemplate") === undefined)
        problems.required(`${field}.volumeClaimTemplate`);
      return;
    default:
  }
}

function validateMode(problems: Problems, field: string, mode: unknown): void {
  if (typeof mode === "number" && (mode < 0 || mode > 0o777)) {
    problems.invalid(field, mode, "must be a number between 0 and 0777 (octal), both inclusive");
  }
}

function validateItems(problems: Problems, field: string, body: Members): void {
  listAt(body, "items").forEach((item, index) => {
    const at = `${field}.items[${index}]`;
    if (textAt(item, "key") === "") problems.required(`${at}.key`);
    else problems.names(`${at}.key`, textAt(item, "key"), configKeyMessages);
    validateLocalPath(problems, `${at}.path`, textAt(item, "path"), true);
    validateMode(problems, `${at}.mode`, item["mode"]);
  });
}

function validateLocalPath(problems: Problems, field: string, path: string, required: boolean): void {
  if (path === "") {
    if (required) problems.required(field);
    return;
  }
  if (path.startsWith("/")) problems.invalid(field, path, "must be a relative path");
  if (path.split("/").includes("..")) problems.invalid(field, path, "must not contain '..'");
  else if (required && path.startsWith("..")) problems.invalid(field, path, "must not start with '..'");
}

function validateDownwardItem(problems: Problems, field: string, item: Members): void {
  validateLocalPath(problems, `${field}.path`, textAt(item, "path"), true);
  const fieldRef = membersAt(item, "fieldRef");
  if (fieldRef !== undefined) validateFieldRef(problems, `${field}.fieldRef`, fieldRef, DOWNWARD_FIELDS);
  else if (membersAt(item, "resourceFieldRef") === undefined) {
    problems.required(field, "one of fieldRef and resourceFieldRef is required");
  }
  validateMode(problems, `${field}.mode`, item["mode"]);
}

/** No two sources may write to one path. */
function validateProjectedPaths(problems: Problems, field: string, body: Members): void {
  const paths = new Set<string>();
  for (const source of listAt(body, "sources")) {
    for (const name of ["secret", "configMap"]) {
      const named = membersAt(source, name);
      for (const path of listAt(named, "items").map((item) => textAt(item, "path"))) {
        if (path !== "" && paths.has(path)) {
          problems.invalid(field, textAt(named, "name"), "conflicting duplicate paths");
        }
        paths.add(path);
      }
    }
  }
}

function validateProjection(problems: Problems, field: string, source: Members): void {
  for (const name of ["secret", "configMap"]) {
    const body = membersAt(source, name);
    if (body === undefined) continue;
    if (textAt(body, "name") === "") problems.required(`${field}.${name}.name`);
    validateItems(problems, `${field}.${name}`, body);
  }
  const downward = membersAt(source, "downwardAPI");
  for (const item of listAt(downward, "items")) {
    validateDownwardItem(problems, `${field}.downwardAPI`, item);
  }
  const token = membersAt(source, "serviceAccountToken");
  const seconds = numberAt(token, "expirationSeconds");
  if (seconds !== undefined && seconds < 600) {
    problems.invalid(
      `${field}.serviceAccountToken.expirationSeconds`,
      seconds,
      "may not specify a duration less than 10 minutes",
    );
  }
}

/** Where a container sees volumes. */
export function validateMounts(
  problems: Problems,
  field: string,
  container: Members,
  volumes: ReadonlyMap<string, string>,
): void {
  const paths = new Set<string>();
  listAt(container, "volumeMounts").forEach((mount, index) => {
    const at = `${field}.volumeMounts[${index}]`;
    const name = textAt(mount, "name");
    const path = textAt(mount, "mountPath");
    if (name === "") problems.required(`${at}.name`);
    if (!volumes.has(name)) problems.notFound(`${at}.name`, name);
    if (path === "") problems.required(`${at}.mountPath`);
    if (paths.has(path)) problems.invalid(`${at}.mountPath`, path, "must be unique");
    paths.add(path);
    const subPath = textAt(mount, "subPath");
    const expression = textAt(mount, "subPathExpr");
    // The path of this error has no index in the real server either.
    validateLocalPath(problems, `${field}.volumeMounts.subPath`, subPath, false);
    if (expression !== "") {
      if (subPath !== "") {
        problems.invalid(`${at}.subPathExpr`, expression, "subPathExpr and subPath are mutually exclusive");
      }
      validateLocalPath(problems, `${at}.subPathExpr`, expression, false);
    }
    validatePropagation(problems, at, mount, container);
  });
  validateDevices(problems, field, container, volumes, paths);
}

function validatePropagation(problems: Problems, field: string, mount: Members, container: Members): void {
  const mode = mount["mountPropagation"];
  if (mode === undefined || mode === null) return;
  problems.oneOf(`${field}.mountPropagation`, mode, ["Bidirectional", "HostToContainer", "None"]);
  if (mode === "Bidirectional" && membersAt(container, "securityContext")?.["privileged"] !== true) {
    problems.forbidden(
      `${field}.mountPropagation`,
      "Bidirectional mount propagation is available only to privileged containers",
    );
  }
}

function validateDevices(
  problems: Problems,
  field: string,
  container: Members,
  volumes: ReadonlyMap<string, string>,
  paths: ReadonlySet<string>,
): void {
  listAt(container, "volumeDevices").forEach((device, index) => {
    const at = `${field}.volumeDevices[${index}]`;
    const name = textAt(device, "name");
    const path = textAt(device, "devicePath");
    const source = volumes.get(name);
    if (name === "") problems.required(`${at}.name`);
    else if (source === undefined) problems.notFound(`${at}.name`, name);
    else if (source !== "persistentVolumeClaim" && source !== "ephemeral") {
      problems.invalid(
        `${at}.name`,
        name,
        "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
      );
    }
    if (path === "") problems.required(`${at}.devicePath`);
    if (paths.has(path)) problems.invalid(`${at}.devicePath`, path, "must not already exist in volumeMounts");
  });
}
