import { ApiError, deepEqual, type KubeObject, type Status, type Transport } from "@capstan/kube";

/** Common name of the certificate that this API shows to the servers behind APIServices. */
export const FRONT_PROXY = "front-proxy-client";

const PATH = "/api/v1/namespaces";
const SYSTEM_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/**
 * Creates the namespaces that every cluster has, where they are missing, and tells extension API servers
 * (through a ConfigMap of a name that they know) the authority of client certificates, and how this API
 * tells them on whose behalf it asks.
 */
export async function bootstrapNamespaces(transport: Transport, authority: string): Promise<void> {
  await Promise.all(SYSTEM_NAMESPACES.map((name) => ensure(transport, PATH, { metadata: { name } })));
  await ensure(transport, `${PATH}/kube-system/configmaps`, {
    metadata: { name: "extension-apiserver-authentication" },
    data: {
      "client-ca-file": authority,
      "requestheader-allowed-names": JSON.stringify([FRONT_PROXY]),
      "requestheader-client-ca-file": authority,
      "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
      "requestheader-group-headers": '["X-Remote-Group"]',
      "requestheader-uid-headers": '["X-Remote-Uid"]',
      "requestheader-username-headers": '["X-Remote-User"]',
    },
  });
}

async function ensure(
  transport: Transport,
  collection: string,
  body: { readonly metadata: { readonly name: string } } & Record<string, unknown>,
): Promise<void> {
  const found = await transport.request({ method: "GET", path: `${collection}/${body.metadata.name}` });
  if (found.status === 200) {
    if (body["data"] === undefined || deepEqual((found.body as KubeObject)["data"], body["data"])) return;
    const path = `${collection}/${body.metadata.name}`;
    const contentType = "application/merge-patch+json";
    const patch = { data: body["data"] };
    const patched = await transport.request({ method: "PATCH", path, contentType, body: patch });
    if (patched.status !== 200) throw new ApiError(patched.body as Status);
    return;
  }
  const created = await transport.request({ method: "POST", path: collection, body });
  if (created.status !== 201) throw new ApiError(created.body as Status);
}
