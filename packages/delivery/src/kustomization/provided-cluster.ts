import type { ClusterConfig, IssuedToken, RunContext } from "@capstan/controller";
import { parseTime } from "@capstan/kube";
import { RemoteClusterError } from "./remote-cluster-error.js";
import type { RemotePolicy } from "./remote-policy.js";

const CLOUDS = ["aws", "azure", "gcp"];

/**
 * The cluster of a ConfigMap that names a provider. `generic`: an API server that trusts tokens of this
 * cluster's service accounts. Clouds are refused: nobody here has an identity there. Throws
 * `RemoteClusterError`.
 */
export function providedCluster(
  namespace: string,
  data: ReadonlyMap<string, string>,
  policy: RemotePolicy,
  context: RunContext,
): ClusterConfig {
  const provider = data.get("provider") ?? "";
  if (CLOUDS.includes(provider)) {
    throw new RemoteClusterError(
      `provider '${provider}' of spec.kubeConfig.configMapRef needs an identity at the cloud, which is not available`,
    );
  }
  if (provider !== "generic") {
    throw new RemoteClusterError(
      `provider '${provider}' is not supported; use generic, or a kubeconfig in a Secret`,
    );
  }
  const server = addressOf(data.get("address") ?? "");
  const audiences = (data.get("audiences") ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const account = accountOf(namespace, data.get("serviceAccountName"), policy);
  const wanted = audiences.length === 0 ? [data.get("address") ?? ""] : audiences;
  const ca = data.get("ca.crt");
  return {
    server,
    ...(ca === undefined || ca === "" ? {} : { tls: { ca } }),
    credentials: { kind: "issued", issue: () => requestToken(account, wanted, context) },
  };
}

interface Account {
  readonly namespace: string;
  readonly name: string;
}

function accountOf(namespace: string, named: string | undefined, policy: RemotePolicy): Account {
  const name = named || policy.defaultKubeConfigServiceAccount;
  if (name !== undefined && name !== "") {
    if (policy.objectLevelWorkloadIdentity) return { namespace, name };
    throw new RemoteClusterError(
      "failed to get access token for cluster: the ObjectLevelWorkloadIdentity feature gate is not enabled",
    );
  }
  if (policy.ownServiceAccount !== undefined) return policy.ownServiceAccount;
  throw new RemoteClusterError(
    "failed to get access token for cluster: name a service account; this process runs as none",
  );
}

function addressOf(address: string): string {
  if (address === "") throw new RemoteClusterError("cluster address is required to create a REST config");
  const text = address.startsWith("http") ? address : `https://${address}`;
  if (!URL.canParse(text)) throw new RemoteClusterError(`failed to parse cluster address ${address}`);
  const url = new URL(text);
  if (url.protocol !== "https:") {
    throw new RemoteClusterError(`the Kubernetes API server address '${address}' must use https scheme`);
  }
  return `https://${url.host}`;
}

async function requestToken(
  account: Account,
  audiences: readonly string[],
  { client }: RunContext,
): Promise<IssuedToken> {
  const { namespace, name } = account;
  const answer = await client.raw({
    method: "POST",
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`,
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { audiences } },
  });
  const status = statusOf(answer.body);
  if (answer.status >= 300 || status === undefined) {
    throw new RemoteClusterError(
      `failed to create kubernetes token for service account '${namespace}/${name}'`,
    );
  }
  return { token: status.token, expiresAt: parseTime(status.expirationTimestamp) };
}

function statusOf(
  body: unknown,
): { readonly token: string; readonly expirationTimestamp: string } | undefined {
  if (typeof body !== "object" || body === null || !("status" in body)) return undefined;
  const { status } = body;
  if (typeof status !== "object" || status === null || !("token" in status)) return undefined;
  const expires = "expirationTimestamp" in status ? status.expirationTimestamp : "";
  return typeof status.token === "string"
    ? { token: status.token, expirationTimestamp: String(expires) }
    : undefined;
}
