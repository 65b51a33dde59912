import type { RunContext } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import {
  loginFromDockerConfig,
  type OciClientOptions,
  OciError,
  type OciLogin,
  parseOciUrl,
} from "@capstan/oci";
import type { OCIRepositoryObject } from "../api/oci-repository.js";
import { authenticationFailed, proxyFromSecret, tlsFromSecret } from "../connection.js";
import { readSecret, requireSecret, type SecretData } from "../secrets.js";

const DOCKER_CONFIG = ".dockerconfigjson";

/**
 * How an object's registry is reached: login from its Secret or its service account's pull secrets,
 * certificates, proxy. Throws `SourceFailed` AuthenticationFailed.
 */
export async function connectionOf(
  object: OCIRepositoryObject,
  context: RunContext,
): Promise<OciClientOptions> {
  const { spec, metadata } = object;
  const { namespace } = metadata;
  const login = await loginOf(object, context);
  if (login === undefined && spec.provider !== "generic" && spec.provider !== undefined) {
    throw authenticationFailed(
      `failed to get credential from ${spec.provider}: cloud identities are not available in this installation`,
    );
  }
  const cert = spec.certSecretRef?.name;
  const proxy = spec.proxySecretRef?.name;
  return {
    url: spec.url,
    ...(login === undefined ? {} : { login }),
    ...(cert === undefined ? {} : tlsFromSecret(await requireSecret(context, namespace, cert), cert)),
    ...(proxy === undefined
      ? {}
      : { proxy: proxyFromSecret(await requireSecret(context, namespace, proxy), proxy) }),
  };
}

async function loginOf(object: OCIRepositoryObject, context: RunContext): Promise<OciLogin | undefined> {
  const { spec, metadata } = object;
  const name = spec.secretRef?.name;
  if (name !== undefined) {
    return loginFromSecret(spec.url, await requireSecret(context, metadata.namespace, name), name);
  }
  if (spec.serviceAccountName === undefined) return undefined;
  for (const secret of await pullSecrets(object, spec.serviceAccountName, context)) {
    const data = await readSecret(context.reader, metadata.namespace, secret, context.signal);
    if (data === undefined) {
      throw authenticationFailed(
        `failed to get secret '${metadata.namespace}/${secret}': secrets "${secret}" not found`,
      );
    }
    const login = loginFromSecret(spec.url, data, secret);
    if (login !== undefined) return login;
  }
  return undefined;
}

async function pullSecrets(
  object: OCIRepositoryObject,
  name: string,
  context: RunContext,
): Promise<readonly string[]> {
  const { namespace } = object.metadata;
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
