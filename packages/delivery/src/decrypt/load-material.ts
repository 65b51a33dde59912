import type { Reader } from "@capstan/controller";
import { ApiError, type KubeObject } from "@capstan/kube";
import type { KeyText } from "@capstan/sops";
import type { Kustomization } from "../kustomization/resource.js";
import { RenderError } from "../render/desired-object.js";
import type { DecryptionMaterial } from "./material.js";
import { CredentialError, remoteCredentials } from "./remote-credentials.js";

/** Where a Secret is. */
export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

/** What stands in for Kustomizations that decrypt and do not name it themselves. */
export interface DecryptionFallback {
  /** Where age identities are. */
  readonly sopsAgeSecret?: SecretName | undefined;
  readonly defaultDecryptionServiceAccount?: string | undefined;
}

/**
 * The keys of `spec.decryption`: those of its Secret, or the age identities of the Secret that `fallback`
 * names. Nothing where nothing is to be decrypted. Throws `RenderError` where a Secret cannot be read.
 */
export async function loadDecryptionMaterial(
  object: Kustomization,
  reader: Reader,
  fallback: DecryptionFallback,
  signal: AbortSignal,
): Promise<DecryptionMaterial | undefined> {
  const { decryption } = object.spec;
  if (decryption === undefined) return undefined;
  const name = decryption.secretRef?.name;
  const account = decryption.serviceAccountName || fallback.defaultDecryptionServiceAccount || "";
  const named = account === "" ? {} : { serviceAccount: account };
  if (name !== undefined) {
    const secret = { namespace: object.metadata.namespace ?? "", name };
    const data = await readSecret(secret, "decryption", reader, signal);
    return {
      secret: formatName(secret),
      age: keysOf(data, ".agekey"),
      pgp: keysOf(data, ".asc"),
      remote: { ...credentialsOf(data, secret), ...named },
    };
  }
  const { sopsAgeSecret } = fallback;
  if (sopsAgeSecret === undefined) return { secret: undefined, age: [], pgp: [], remote: named };
  const data = await readSecret(sopsAgeSecret, "age decryption", reader, signal);
  return { secret: formatName(sopsAgeSecret), age: keysOf(data, ".agekey"), pgp: [], remote: named };
}

function formatName({ namespace, name }: SecretName): string {
  return `${namespace}/${name}`;
}

async function readSecret(
  secret: SecretName,
  what: string,
  reader: Reader,
  signal: AbortSignal,
): Promise<KubeObject> {
  try {
    return await reader.get({ apiVersion: "v1", kind: "Secret", ...secret }, { signal });
  } catch (error) {
    if (ApiError.is(error, "NotFound")) throw new RenderError("BuildFailed", error.message, { cause: error });
    if (!(error instanceof ApiError)) throw error;
    const name = formatName(secret);
    throw new RenderError("BuildFailed", `cannot get sops ${what} Secret '${name}': ${error.message}`, {
      cause: error,
    });
  }
}

function keysOf(secret: KubeObject, ending: string): readonly KeyText[] {
  return [...entriesOf(secret)]
    .filter(([name]) => name.endsWith(ending))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, text: value.toString("utf8") }));
}

function credentialsOf(secret: KubeObject, name: SecretName): DecryptionMaterial["remote"] {
  try {
    return remoteCredentials(entriesOf(secret));
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    const message = `failed to import keys from sops decryption Secret '${formatName(name)}': ${error.message}`;
    throw new RenderError("BuildFailed", message, { cause: error });
  }
}

function entriesOf(secret: KubeObject): ReadonlyMap<string, Buffer> {
  const data = secret["data"];
  if (typeof data !== "object" || data === null) return new Map();
  return new Map(Object.entries(data).map(([name, value]) => [name, Buffer.from(String(value), "base64")]));
}
