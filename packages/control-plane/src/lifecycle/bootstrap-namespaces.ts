import { ApiError, type Status, type Transport } from "@capstan/kube";

const SYSTEM_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/** Creates the namespaces that every cluster has, where they are missing. */
export async function bootstrapNamespaces(transport: Transport): Promise<void> {
  for (const name of SYSTEM_NAMESPACES) {
    const path = "/api/v1/namespaces";
    const found = await transport.request({ method: "GET", path: `${path}/${name}` });
    if (found.status === 200) continue;
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    const created = await transport.request({ method: "POST", path, body });
    if (created.status !== 201) throw new ApiError(created.body as Status);
  }
}
