import { deepEqual, type KubeObject } from "@capstan/kube";
import { type Members, membersAt } from "../members.js";
import { configKeyMessages, IMMUTABLE, type Problems } from "./problems.js";

const LIMIT = 1_048_576;
const WHEN_SET = "field is immutable when `immutable` is set";

function bytesOf(base64: string): number {
  return Math.floor((base64.length * 3) / 4) - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);
}

export function validateConfigMap(problems: Problems, object: KubeObject): void {
  const data = membersAt(object as Members, "data") ?? {};
  const binary = membersAt(object as Members, "binaryData") ?? {};
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    problems.names(`data[${key}]`, key, configKeyMessages);
    if (Object.hasOwn(binary, key))
      problems.invalid(`data[${key}]`, key, "duplicate of key present in binaryData");
    size += Buffer.byteLength(String(value));
  }
  for (const [key, value] of Object.entries(binary)) {
    problems.names(`binaryData[${key}]`, key, configKeyMessages);
    size += bytesOf(String(value));
  }
  // The real server prints a path of nothing so.
  if (size > LIMIT) problems.tooLong("[]", LIMIT);
}

/** What `immutable: true` forbids, of ConfigMaps and Secrets. */
export function validateImmutable(problems: Problems, next: KubeObject, previous: KubeObject): void {
  if (previous["immutable"] !== true) return;
  if (next["immutable"] !== true) problems.forbidden("immutable", WHEN_SET);
  for (const name of ["data", "binaryData"]) {
    if (!deepEqual(next[name] ?? {}, previous[name] ?? {})) problems.forbidden(name, WHEN_SET);
  }
}

const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

export function validateSecret(problems: Problems, object: KubeObject): void {
  const data = membersAt(object as Members, "data") ?? {};
  const type = String(object["type"] ?? "");
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    problems.names(`data[${key}]`, key, configKeyMessages);
    size += bytesOf(String(value));
  }
  if (size > LIMIT) problems.tooLong("data", LIMIT);
  for (const key of REQUIRED_KEYS[type] ?? []) {
    const value = data[key];
    if (value === undefined) problems.required(`data[${key}]`);
    else if (type.startsWith("kubernetes.io/docker")) validateJson(problems, `data[${key}]`, String(value));
  }
  if (
    type === "kubernetes.io/basic-auth" &&
    data["username"] === undefined &&
    data["password"] === undefined
  ) {
    problems.required("data[username]");
    problems.required("data[password]");
  }
  const account = "kubernetes.io/service-account.name";
  if (type === "kubernetes.io/service-account-token" && !object.metadata.annotations?.[account]) {
    problems.required(`metadata.annotations[${account}]`);
  }
}

function validateJson(problems: Problems, field: string, base64: string): void {
  const text = Buffer.from(base64, "base64").toString("utf8");
  try {
    JSON.parse(text);
  } catch {
    // More than the first character of what is wrong would tell what it holds.
    const [first = ""] = text.trimStart();
    const detail = /^$|[-{["\dtfn]/.test(first)
      ? "unexpected end of JSON input"
      : `invalid character '${first}' looking for beginning of value`;
    problems.invalid(field, "<secret contents redacted>", detail);
  }
}

export function validateSecretUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  if (next["type"] !== previous["type"]) problems.invalid("type", next["type"], IMMUTABLE);
  validateImmutable(problems, next, previous);
}
