import { readFile } from "node:fs/promises";
import type { ClusterConfig } from "./cluster-config.js";

const MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The API that this process runs in as a Pod, by its service account; `undefined` outside of one.
 *
 * @param env the process's environment
 */
export async function inClusterConfig(
  env: Readonly<Record<string, string | undefined>>,
  mount: string = MOUNT,
): Promise<ClusterConfig | undefined> {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"];
  if (host === undefined || host === "" || port === undefined || port === "") return undefined;
  const [ca, namespace] = await Promise.all([
    readFile(`${mount}/ca.crt`, "utf8"),
    readFile(`${mount}/namespace`, "utf8"),
  ]);
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    tls: { ca },
    credentials: { kind: "tokenFile", path: `${mount}/token` },
    namespace: namespace.trim(),
  };
}
