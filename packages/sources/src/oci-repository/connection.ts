import type { ReadContext } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import {
  isLoopbackRegistry,
  loginFromDockerConfig,
  OciClient,
  type OciClientOptions,
  OciError,
  type OciLogin,
  parseOciUrl,
} from "@capstan/oci";
import { CloudError } from "../cloud/environment.js";
import { type CloudLogin, cloudLogin } from "../cloud/registry.js";
import { authenticationFailed, type Connection, proxyFromSecret, tlsFromSecret } from "../connection.js";
import { requireSecret, type SecretData } from "../secrets.js";

const DOCKER_CONFIG = ".dockerconfigjson";

/** Where a registry is, and what an object says of reaching it. */
export interface RegistryTarget {
  readonly url: string;
  readonly namespace: string | undefined;
  readonly provider?: "generic" | "aws" | "azure" | "gcp" | undefined;
  readonly secretRef?: { readonly name: string } | undefined;
  readonly serviceAccountName?: string | undefined;
  readonly certSecretRef?: { readonly name: string } | undefined;
  readonly proxySecretRef?: { readonly name: string } | undefined;
  readonly insecure?: boolean | undefined;
  /** Whether the Secret may also hold `username` and `password`. */
  readonly plainLogin?: boolean;
}

/**
 * How a registry is reached: login from a Secret or a service account's pull secrets, certificates,
 * proxy. Throws `SourceFailed` AuthenticationFailed.
 */
export async function connectionOf(
  target: RegistryTarget,
  context: ReadContext,
  clouds: CloudLogin,
): Promise<Omit<OciClientOptions, "url">> {
  const { namespace } = target;
  const cert = target.certSecretRef?.name;
  const proxy = target.proxySecretRef?.name;
  const connection = {
    ...(cert === undefined ? {} : tlsFromSecret(await requireSecret(context, namespace, cert), cert)),
    ...(proxy === undefined
      ? {}
      : { proxy: proxyFromSecret(await requireSecret(context, namespace, proxy), proxy) }),
  };
  const login = (await loginOf(target, context)) ?? (await cloudLoginOf(target, connection, context, clouds));
  return { ...connection, ...(login === undefined ? {} : { login }) };
}

/** A cloud's own way in, where the provider is one. */
async function cloudLoginOf(
  { url, provider = "generic", insecure = false }: RegistryTarget,
  connection: Connection,
  { now, signal }: ReadContext,
  clouds: CloudLogin,
): Promise<OciLogin | undefined> {
  if (provider === "generic") return undefined;
  try {
    return await cloudLogin({ provider, url, insecure, connection, now, signal }, clouds);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CloudError)) throw error;
    throw authenticationFailed(`failed to get credential from '${provider}': ${error.message}`);
  }
}

/**
 * Runs `use` with a client that is closed afterwards. An insecure registry may still speak TLS, with any
 * certificate: that is tried first. On this machine plain HTTP needs no asking for.
 */
export async function withRegistry<T>(
  options: OciClientOptions,
  insecure: boolean,
  use: (client: OciClient) => Promise<T>,
): Promise<T> {
  const attempts: OciClientOptions[] =
    insecure || isLoopbackRegistry(options.url)
      ? [
          { ...options, skipVerify: insecure && options.ca === undefined },
          { ...options, insecure: true },
        ]
      : [options];
  for (const [index, attempt] of attempts.entries()) {
    const client = new OciClient(attempt);
    try {
      return await use(client);
    } catch (error) {
      const cause = error instanceof OciError || !(error instanceof Error) ? error : error.cause;
      if (!OciError.is(cause, "unreachable") || index === attempts.length - 1) throw error;
    } finally {
      await client.close();
    }
  }
  throw new Error("a registry without an address to try");
}

async function loginOf(target: RegistryTarget, context: ReadContext): Promise<OciLogin | undefined> {
  const { url, namespace } = target;
  const name = target.secretRef?.name;
  if (name !== undefined) {
    const data = await requireSecret(context, namespace, name);
    const plain = target.plainLogin === true ? plainLogin(data, name) : undefined;
    return plain ?? loginFromSecret(url, data, name);
  }
  if (target.serviceAccountName === undefined) return undefined;
  for (const secret of await pullSecrets(namespace, target.serviceAccountName, context)) {
    const data = await requireSecret(context, namespace, secret);
    const login = loginFromSecret(url, data, secret);
    if (login !== undefined) return login;
  }
  return undefined;
}

function plainLogin(data: SecretData, name: string): OciLogin | undefined {
  if (data.has(DOCKER_CONFIG)) return undefined;
  const username = data.get("username") ?? "";
  const password = data.get("password") ?? "";
  if (username !== "" && password !== "") return { username, password };
  throw authenticationFailed(`invalid secret '${name}': required fields 'username' and 'password'`);
}

async function pullSecrets(
  namespace: string | undefined,
  name: string,
  context: ReadContext,
): Promise<readonly string[]> {
  const account = await context.reader.tryGet<KubeObject & { imagePullSecrets?: { name: string }[] }>(
    { apiVersion: "v1", kind: "ServiceAccount", name, ...(namespace === undefined ? {} : { namespace }) },
    { signal: context.signal },
  );
  if (account === undefined) {
    throw authenticationFailed(
      `failed to get service account '${namespace}/${name}': serviceaccounts "${name}" not found`,
    );
  }
  return (account.imagePullSecrets ?? []).map((secret) => secret.name);
}

function loginFromSecret(url: string, data: SecretData, name: string): OciLogin | undefined {
  const config = data.get(DOCKER_CONFIG);
  if (config === undefined) {
    throw authenticationFailed(`invalid secret '${name}': key '${DOCKER_CONFIG}' not found`);
  }
  const { registry, repository } = parseOciUrl(url);
  try {
    return loginFromDockerConfig(config, registry, repository);
  } catch (error) {
    if (!OciError.is(error)) throw error;
    throw authenticationFailed(`invalid secret '${name}': ${error.message}`);
  }
}
