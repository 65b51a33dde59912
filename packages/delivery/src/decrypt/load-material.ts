import type { Reader } from "@capstan/controller";
import { ApiError, type KubeObject } from "@capstan/kube";
import type { KeyText } from "@capstan/sops";
import type { Kustomization } from "../kustomization/resource.js";
import { RenderError } from "../render/desired-object.js";
import type { DecryptionMaterial } from "./material.js";

const VAULT_TOKEN = "sops.vault-token";

/** Where a Secret is. */
export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The keys of `spec.decryption`: those of its Secret, or the age identities of the Secret that `fallback`
 * names. Nothing where nothing is to be decrypted. Throws `RenderError` where a Secret cannot be read.
 */
export async function loadDecryptionMaterial(
  object: Kustomization,
  reader: Reader,
  fallback: SecretName | undefined,
  signal: AbortSignal,
): Promise<DecryptionMaterial | undefined> {
  const { decryption } = object.spec;
  if (decryption === undefined) return undefined;
  const name = decryption.secretRef?.name;
  if (name !== undefined) {
    const secret = { namespace: object.metadata.namespace ?? "", name };
    const data = await readSecret(secret, "decryption", reader, signal);
    return {
      secret: formatName(secret),
      age: keysOf(data, ".agekey"),
      pgp: keysOf(data, ".asc"),
      vaultToken: keysOf(data, VAULT_TOKEN)[0]?.text.trim(),
    };
  }
  if (fallback === undefined) return { secret: undefined, age: [], pgp: [], vaultToken: undefined };
  const data = await readSecret(fallback, "age decryption", reader, signal);
  return { secret: formatName(fallback), age: keysOf(data, ".agekey"), pgp: [], vaultToken: undefined };
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
  const data = secret["data"];
  if (typeof data !== "object" || data === null) return [];
  return Object.entries(data)
    .filter(([name]) => name.endsWith(ending))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, text: Buffer.from(String(value), "base64").toString("utf8") }));
}
