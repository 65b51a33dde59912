import type { ReadContext, Reader } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import { authenticationFailed } from "./connection.js";

/** A Secret's values as text, by key. */
export type SecretData = ReadonlyMap<string, string>;

/** Reads a Secret of a namespace; `undefined` where it does not exist. API failures are thrown. */
export async function readSecret(
  reader: Reader,
  namespace: string | undefined,
  name: string,
  signal: AbortSignal,
): Promise<SecretData | undefined> {
  const secret = await reader.tryGet<KubeObject & { data?: Record<string, string> | null }>(
    { apiVersion: "v1", kind: "Secret", name, ...(namespace === undefined ? {} : { namespace }) },
    { signal },
  );
  if (secret === undefined) return undefined;
  return new Map(
    Object.entries(secret.data ?? {}).map(([key, value]) => [
      key,
      Buffer.from(value, "base64").toString("utf8"),
    ]),
  );
}

/** As `readSecret`, where the Secret has to be there; else `SourceFailed` AuthenticationFailed. */
export async function requireSecret(
  context: ReadContext,
  namespace: string | undefined,
  name: string,
): Promise<SecretData> {
  const data = await readSecret(context.reader, namespace, name, context.signal);
  if (data !== undefined) return data;
  throw authenticationFailed(`failed to get secret '${namespace}/${name}': secrets "${name}" not found`);
}
