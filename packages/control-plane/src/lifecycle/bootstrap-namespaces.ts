import { ApiError, type Status, type Transport } from "@capstan/kube";

const PATH = "/api/v1/namespaces";
const SYSTEM_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/** Creates the namespaces that every cluster has, where they are missing. */
export async function bootstrapNamespaces(transport: Transport): Promise<void> {
  await Promise.all(SYSTEM_NAMESPACES.map((name) => ensureNamespace(transport, name)));
}

async function ensureNamespace(transport: Transport, name: string): Promise<void> {
  const found = await transport.request({ method: "GET", path: `${PATH}/${name}` });
  if (found.status === 200) return;
  const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
  const created = await transport.request({ method: "POST", path: PATH, body });
  if (created.status !== 201) throw new ApiError(created.body as Status);
}
