import { isDns1123Subdomain, isQualifiedName } from "@capstan/kube";
import { listAt, type Members, membersAt, textAt } from "../members.js";
import { configKeyMessages, type Problems } from "./problems.js";

const SOURCES = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
const NO_SOURCE =
  "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";

function envNameMessages(name: string): readonly string[] {
  if (name !== "" && /^[ -<>-~]+$/.test(name)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

const SIZED = /^(?:limits|requests)\.(?:cpu|ephemeral-storage|memory|hugepages-.+)$/;
const RESOURCES = ["limits", "requests"].flatMap((kind) =>
  ["cpu", "ephemeral-storage", "memory"].map((resource) => `${kind}.${resource}`),
);

/** A resource of a container that its environment or a file may tell. */
function validateResourceRef(problems: Problems, field: string, reference: Members): void {
  const resource = textAt(reference, "resource");
  if (resource === "") problems.required(`${field}.resource`);
  else if (!SIZED.test(resource)) problems.unsupported(`${field}.resource`, resource, RESOURCES);
}

/** Environment variables of a container. */
export function validateEnv(problems: Problems, field: string, container: Members): void {
  listAt(container, "env").forEach((variable, index) => {
    const at = `${field}.env[${index}]`;
    const name = textAt(variable, "name");
    if (name === "") problems.required(`${at}.name`);
    else problems.names(`${at}.name`, name, envNameMessages);
    const source = membersAt(variable, "valueFrom");
    if (source !== undefined) validateSource(problems, `${at}.valueFrom`, source, textAt(variable, "value"));
  });
  listAt(container, "envFrom").forEach((source, index) => {
    validateEnvFrom(problems, `${field}.envFrom`, index, source);
  });
}

function validateSource(problems: Problems, field: string, source: Members, value: string): void {
  const given = SOURCES.filter((name) => membersAt(source, name) !== undefined);
  for (const name of given)
    validateReference(problems, `${field}.${name}`, name, membersAt(source, name) ?? {});
  if (given.length === 0) problems.invalid(field, "", NO_SOURCE);
  else if (value !== "") problems.invalid(field, "", "may not be specified when `value` is not empty");
  else if (given.length > 1)
    problems.invalid(field, "", "may not have more than one field specified at a time");
}

const POD_FIELDS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
const SELECTABLE = new Set([
  ...POD_FIELDS,
  "metadata.labels",
  "metadata.annotations",
  "spec.restartPolicy",
  "status.phase",
  "spec.schedulerName",
  "spec.host",
  "spec.hostNetwork",
]);

/** A reference to a field of the pod itself, out of `supported` or a single label or annotation. */
export function validateFieldRef(
  problems: Problems,
  field: string,
  reference: Members,
  supported: readonly string[] = POD_FIELDS,
): void {
  if (textAt(reference, "apiVersion") === "") {
    problems.required(`${field}.apiVersion`);
    return;
  }
  const path = textAt(reference, "fieldPath");
  if (path === "") {
    problems.required(`${field}.fieldPath`);
    return;
  }
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(path);
  if (subscript !== null) {
    problems.names(field, subscript[2] ?? "", (key) =>
      isQualifiedName(subscript[1] === "metadata.annotations" ? key.toLowerCase() : key),
    );
    return;
  }
  if (supported.includes(path)) return;
  if (!SELECTABLE.has(path)) {
    problems.invalid(
      `${field}.fieldPath`,
      path,
      `error converting fieldPath: field label not supported: ${path}`,
    );
  } else {
    problems.unsupported(`${field}.fieldPath`, path, [...supported].sort());
  }
}

function validateReference(problems: Problems, field: string, kind: string, reference: Members): void {
  switch (kind) {
    case "fieldRef":
      validateFieldRef(problems, field, reference);
      return;
    case "resourceFieldRef":
      validateResourceRef(problems, field, reference);
      return;
    case "fileKeyRef":
      for (const name of ["volumeName", "path", "key"]) {
        if (textAt(reference, name) === "") problems.required(`${field}.${name}`);
      }
      return;
    default:
      if (textAt(reference, "name") !== "")
        problems.names(`${field}.name`, textAt(reference, "name"), isDns1123Subdomain);
      if (textAt(reference, "key") === "") problems.required(`${field}.key`);
      else problems.names(`${field}.key`, textAt(reference, "key"), configKeyMessages);
  }
}

/** Some of these errors name the list and not the item, as they do in the real server. */
function validateEnvFrom(problems: Problems, list: string, index: number, source: Members): void {
  const field = `${list}[${index}]`;
  const prefix = textAt(source, "prefix");
  if (prefix !== "") problems.names(`${field}.prefix`, prefix, envNameMessages);
  const given = ["configMapRef", "secretRef"].filter((name) => membersAt(source, name) !== undefined);
  for (const name of given) {
    const target = textAt(membersAt(source, name), "name");
    if (target === "") problems.required(`${field}.${name}.name`);
    else problems.names(`${field}.${name}.name`, target, isDns1123Subdomain);
  }
  if (given.length === 0) problems.invalid(list, "", "must specify one of: `configMapRef` or `secretRef`");
  if (given.length > 1) problems.invalid(list, "", "may not have more than one field specified at a time");
}
