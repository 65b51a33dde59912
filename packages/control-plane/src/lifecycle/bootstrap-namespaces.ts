import { ApiError, type Status, type Transport } from "@capstan/kube";

const PATH = "/api/v1/namespaces";
const SYSTEM_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/**
 * Creates the namespaces that every cluster has, where they are missing, and tells extension API servers
 * (through a ConfigMap of a name that they know) the authority of client certificates.
 */
export async function bootstrapNamespaces(transport: Transport, authority: string): Promise<void> {
  await Promise.all(SYSTEM_NAMESPACES.map((name) => ensure(transport, PATH, { metadata: { name } })));
  await ensure(transport, `${PATH}/kube-system/configmaps`, {
    metadata: { name: "extension-apiserver-authentication" },
    data: { "client-ca-file": authority },
  });
}

async function ensure(
  transport: Transport,
  collection: string,
  body: { readonly metadata: { readonly name: string } } & Record<string, unknown>,
): Promise<void> {
  const found = await transport.request({ method: "GET", path: `${collection}/${body.metadata.name}` });
  if (found.status === 200) return;
  const created = await transport.request({ method: "POST", path: collection, body });
  if (created.status !== 201) throw new ApiError(created.body as Status);
}
