import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseYaml } from "@capstan/kube";
import type { ClusterConfig, Credentials, ExecConfig } from "./cluster-config.js";

/** A kubeconfig that cannot be used, with what is wrong in it. Never holds a credential. */
export class KubeconfigError extends Error {
  override readonly name = "KubeconfigError";
}

export interface KubeconfigOptions {
  /** Default: `current-context`. */
  readonly context?: string;
  /** What relative paths in the file start from. */
  readonly directory?: string;
  /** Refuses to name files of this machine: the text comes from somebody who must not read them. */
  readonly refuseFiles?: boolean;
}

type Fields = { readonly [field: string]: unknown };

/** Reads a kubeconfig file; see `parseKubeconfig`. */
export async function loadKubeconfig(path: string, options: KubeconfigOptions = {}): Promise<ClusterConfig> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new KubeconfigError(`cannot read the kubeconfig ${path}`, { cause: error });
  }
  return parseKubeconfig(text, { directory: dirname(path), ...options });
}

/**
 * The cluster that a context of a kubeconfig names (`kubectl config` writes the format). Files that
 * the config refers to are read now, except a token file, which is read at use.
 */
export async function parseKubeconfig(text: string, options: KubeconfigOptions = {}): Promise<ClusterConfig> {
  const config = fieldsOf(parseYaml(text));
  if (config === undefined) throw new KubeconfigError("the kubeconfig is not a mapping");
  const contextName = options.context ?? stringOf(config, "current-context");
  if (contextName === undefined || contextName === "") {
    throw new KubeconfigError("the kubeconfig has no current-context, and none was named");
  }
  const context = named(config, "contexts", contextName, "context");
  const cluster = named(config, "clusters", stringOf(context, "cluster") ?? "", "cluster");
  const userName = stringOf(context, "user");
  const user = userName === undefined || userName === "" ? {} : named(config, "users", userName, "user");
  const files = new Files(options.directory ?? ".", options.refuseFiles === true);
  const server = stringOf(cluster, "server");
  if (server === undefined)
    throw new KubeconfigError(`the cluster of context "${contextName}" has no server`);
  const namespace = stringOf(context, "namespace");
  const proxyUrl = stringOf(cluster, "proxy-url");
  const credentials = credentialsOf(user, files);
  const impersonated = stringOf(user, "as");
  return {
    server,
    tls: await tlsOf(cluster, user, files),
    ...(credentials === undefined ? {} : { credentials }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(impersonated === undefined ? {} : { impersonate: impersonation(user, impersonated) }),
  };
}

class Files {
  readonly #directory: string;
  readonly #refused: boolean;

  constructor(directory: string, refused: boolean) {
    this.#directory = directory;
    this.#refused = refused;
  }

  /** The program that a plugin is; whether it may run is decided where it would. */
  command(path: string): string {
    return resolve(this.#directory, path);
  }

  path(path: string, field: string): string {
    if (this.#refused) {
      throw new KubeconfigError(`the kubeconfig names a file as its ${field}, which is not allowed here`);
    }
    return resolve(this.#directory, path);
  }

  /** The text of `<field>-data` (base64) or of the file that `<field>` names. */
  async text(fields: Fields, field: string): Promise<string | undefined> {
    const data = stringOf(fields, `${field}-data`);
    if (data !== undefined && data !== "") return Buffer.from(data, "base64").toString("utf8");
    const path = stringOf(fields, field);
    if (path === undefined || path === "") return undefined;
    const file = this.path(path, field);
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      throw new KubeconfigError(`cannot read ${field} of the kubeconfig: ${file}`, { cause: error });
    }
  }
}

async function tlsOf(
  cluster: Fields,
  user: Fields,
  files: Files,
): Promise<NonNullable<ClusterConfig["tls"]>> {
  const [ca, cert, key] = await Promise.all([
    files.text(cluster, "certificate-authority"),
    files.text(user, "client-certificate"),
    files.text(user, "client-key"),
  ]);
  const serverName = stringOf(cluster, "tls-server-name");
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(cluster["insecure-skip-tls-verify"] === true ? { insecure: true } : {}),
  };
}

/** In client-go's order: a token file wins over a token, both over basic, exec comes last. */
function credentialsOf(user: Fields, files: Files): Credentials | undefined {
  const tokenFile = stringOf(user, "tokenFile");
  if (tokenFile !== undefined && tokenFile !== "")
    return { kind: "tokenFile", path: files.path(tokenFile, "tokenFile") };
  const token = stringOf(user, "token");
  if (token !== undefined && token !== "") return { kind: "token", token };
  const username = stringOf(user, "username");
  if (username !== undefined) return { kind: "basic", username, password: stringOf(user, "password") ?? "" };
  const exec = fieldsOf(user["exec"]);
  return exec === undefined ? undefined : { kind: "exec", exec: execOf(exec, files) };
}

function execOf(exec: Fields, files: Files): ExecConfig {
  const command = stringOf(exec, "command");
  if (command === undefined) throw new KubeconfigError("the kubeconfig's exec plugin names no command");
  const installHint = stringOf(exec, "installHint");
  const env = listOf(exec["env"]).map((entry) => [
    stringOf(entry, "name") ?? "",
    stringOf(entry, "value") ?? "",
  ]);
  const args = Array.isArray(exec["args"]) ? exec["args"].map(String) : [];
  return {
    apiVersion: stringOf(exec, "apiVersion") ?? "client.authentication.k8s.io/v1",
    // A bare name is looked up in PATH; a path with a separator is relative to the file.
    command: command.includes("/") ? files.command(command) : command,
    args,
    env: Object.fromEntries(env),
    provideClusterInfo: exec["provideClusterInfo"] === true,
    ...(installHint === undefined ? {} : { installHint }),
  };
}

function impersonation(user: Fields, name: string): NonNullable<ClusterConfig["impersonate"]> {
  const uid = stringOf(user, "as-uid");
  const groups = Array.isArray(user["as-groups"]) ? user["as-groups"].map(String) : [];
  return { user: name, groups, ...(uid === undefined ? {} : { uid }) };
}

function named(config: Fields, list: string, name: string, field: string): Fields {
  const entry = listOf(config[list]).find((candidate) => stringOf(candidate, "name") === name);
  if (entry === undefined) throw new KubeconfigError(`the kubeconfig has no ${field} "${name}"`);
  return fieldsOf(entry[field]) ?? {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf).filter((entry) => entry !== undefined) : [];
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

function stringOf(fields: Fields, field: string): string | undefined {
  const value = fields[field];
  return typeof value === "string" ? value : undefined;
}
