import type { ReadContext } from "@capstan/controller";
import type { HelmRepositoryObject } from "../api/helm-repository.js";
import { authenticationFailed, type Connection, tlsFromSecret } from "../connection.js";
import { requireSecret } from "../secrets.js";

/** How an HTTP repository is reached. */
export interface HttpConnection {
  readonly tls: Connection;
  readonly authorization: string | undefined;
}

/** What a HelmRepository says of certificates and credentials. Throws `SourceFailed` AuthenticationFailed. */
export async function httpConnectionOf(
  { spec, metadata }: Pick<HelmRepositoryObject, "spec" | "metadata">,
  context: ReadContext,
): Promise<HttpConnection> {
  const { namespace } = metadata;
  const cert = spec.certSecretRef?.name;
  const login = spec.secretRef?.name;
  const tls = cert === undefined ? {} : tlsFromSecret(await requireSecret(context, namespace, cert), cert);
  if (login === undefined) return { tls, authorization: undefined };
  const data = await requireSecret(context, namespace, login);
  // Before certSecretRef there was, certificates lay beside the login.
  const legacy =
    cert === undefined && (data.has("ca.crt") || data.has("tls.crt")) ? tlsFromSecret(data, login) : tls;
  return { tls: legacy, authorization: basic(data, login) };
}

function basic(data: ReadonlyMap<string, string>, name: string): string | undefined {
  const username = data.get("username") ?? "";
  const password = data.get("password") ?? "";
  if (username === "" && password === "") return undefined;
  if (username === "" || password === "") {
    throw authenticationFailed(`invalid secret '${name}': required fields 'username' and 'password'`);
  }
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
