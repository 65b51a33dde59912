import { ApiError, type ApiRequest, type KubeObject, type Status, type Transport } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";

/** The path of a kind's collection, or of one object in it. */
export function pathOf(kind: ServedKind, namespace: string | undefined, name?: string): string {
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const scope =
    kind.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  const object = name === undefined ? "" : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${kind.resource}${object}`;
}

/** Sends a request and returns the object it answers with; failures are thrown as `ApiError`. */
export async function send(transport: Transport, request: ApiRequest): Promise<KubeObject> {
  const response = await transport.request(request);
  if (response.status >= 400) throw new ApiError(response.body as Status);
  return response.body as KubeObject;
}

/** Like `send`, with `undefined` for an answer whose reason is one of `reasons`. */
export async function sendUnless(
  transport: Transport,
  request: ApiRequest,
  ...reasons: readonly ApiError["reason"][]
): Promise<KubeObject | undefined> {
  try {
    return await send(transport, request);
  } catch (error) {
    if (ApiError.is(error, ...reasons)) return undefined;
    throw error;
  }
}
