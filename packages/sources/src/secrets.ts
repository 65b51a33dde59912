import type { Reader } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";

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
