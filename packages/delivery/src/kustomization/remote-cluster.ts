import { type ClusterConfig, parseKubeconfig, type RunContext } from "@capstan/controller";
import { ApiError, type KubeObject, sha256Hex, stableDigest } from "@capstan/kube";
import { providedCluster } from "./provided-cluster.js";
import { RemoteClusterError } from "./remote-cluster-error.js";
import type { RemotePolicy } from "./remote-policy.js";
import type { Targeting } from "./targeting.js";

/** How to reach a cluster; `key` is the same for what leads there in the same way. */
export interface RemoteCluster {
  readonly key: string;
  readonly config: ClusterConfig;
}

/** Names under which a Secret may hold a kubeconfig. */
const KEYS = ["value", "value.yaml"];

/**
 * The cluster that `spec.kubeConfig` names. Files of this machine are never read for it; programs and
 * connections that are not verified only where the policy says so. Throws `RemoteClusterError`, or what
 * `parseKubeconfig` throws.
 */
export async function remoteCluster(
  object: Targeting,
  policy: RemotePolicy,
  context: RunContext,
): Promise<RemoteCluster> {
  const { secretRef, configMapRef } = object.spec.kubeConfig ?? {};
  const namespace = object.metadata.namespace ?? "";
  if (secretRef !== undefined) return fromSecret(namespace, secretRef, policy, context);
  if (configMapRef === undefined)
    throw new RemoteClusterError("spec.kubeConfig names neither Secret nor ConfigMap");
  const ref = { apiVersion: "v1", kind: "ConfigMap", namespace, name: configMapRef.name };
  const found = await read(ref, (name, reason) => `failed to get configmap ${name}: ${reason}`, context);
  const data = dataOf(found);
  const config = providedCluster(namespace, data, policy, context);
  return { key: stableDigest({ namespace, data: [...data] }), config };
}

async function fromSecret(
  namespace: string,
  { name, key }: { readonly name: string; readonly key?: string | undefined },
  policy: RemotePolicy,
  context: RunContext,
): Promise<RemoteCluster> {
  const ref = { apiVersion: "v1", kind: "Secret", namespace, name };
  const secret = await read(
    ref,
    (secretName, reason) => `unable to read KubeConfig secret '${secretName}' error: ${reason}`,
    context,
  );
  const data = dataOf(secret);
  const found = (key === undefined || key === "" ? KEYS : [key]).find((candidate) => data.has(candidate));
  if (found === undefined) {
    const wanted = key === undefined || key === "" ? "value" : key;
    throw new RemoteClusterError(
      `KubeConfig secret '${namespace}/${name}' does not contain a '${wanted}' key with a kubeconfig`,
    );
  }
  const text = Buffer.from(data.get(found) ?? "", "base64").toString("utf8");
  const config = await parseKubeconfig(text, { refuseFiles: true });
  if (config.tls?.insecure === true && !policy.insecureKubeConfigTls) {
    throw new RemoteClusterError("insecure TLS is not allowed in a kubeConfig");
  }
  return { key: sha256Hex(text), config };
}

async function read(
  ref: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  },
  explain: (name: string, reason: string) => string,
  context: RunContext,
): Promise<KubeObject> {
  try {
    return await context.reader.get(ref, { signal: context.signal });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new RemoteClusterError(explain(`${ref.namespace}/${ref.name}`, error.message), { cause: error });
  }
}

function dataOf(object: KubeObject): ReadonlyMap<string, string> {
  const data = object["data"];
  if (typeof data !== "object" || data === null) return new Map();
  return new Map(
    Object.entries(data).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
