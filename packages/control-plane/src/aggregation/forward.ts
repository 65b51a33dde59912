import type { Answer } from "../handler/call.js";
import type { HandlerRequest } from "../handler/handler.js";
import type { User } from "../registry/ports.js";
import type { AggregatedVersion } from "./aggregated-apis.js";
import { addressOf } from "./availability.js";
import type { BackendCaller } from "./backend.js";
import type { ServiceAddresses } from "./service-addresses.js";

/** Headers that concern one connection alone, that say who the client is, or that are said anew. */
const OWN_HEADERS = new Set([
  "authorization",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Sends an authorized request on to the server behind an APIService, with the name of its user, and answers
 * with what that answers: 503 where it is not there.
 */
export async function forward(
  request: HandlerRequest,
  target: AggregatedVersion,
  parts: { readonly addresses: ServiceAddresses; readonly call: BackendCaller },
): Promise<Answer> {
  if (!target.available) return unavailable("service unavailable");
  try {
    const body = bodyOf(request);
    const answer = await parts.call(target.service, {
      address: addressOf(target.service, parts.addresses),
      method: request.method,
      path: withQuery(request),
      headers: { ...passedOn(request), ...headersOf(request.user) },
      ...(body === undefined ? {} : { body }),
      signal: request.signal ?? new AbortController().signal,
    });
    const { "content-type": contentType, ...rest } = answer.headers;
    return {
      type: "stream",
      status: answer.status,
      contentType: typeof contentType === "string" ? contentType : "application/octet-stream",
      chunks: answer.chunks,
      headers: answered(rest),
      document: true,
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return unavailable(`error trying to reach service: ${why}`);
  }
}

function unavailable(text: string): Answer {
  const headers = { "x-content-type-options": "nosniff" };
  const contentType = "text/plain; charset=utf-8";
  return { type: "bytes", status: 503, contentType, bytes: `${text}\n`, headers };
}

function bodyOf({ body }: HandlerRequest): Uint8Array | undefined {
  if (body.bytes !== undefined) return body.bytes;
  return body.value === undefined ? undefined : Buffer.from(JSON.stringify(body.value));
}

/** The path with the query as it was written, with every value of a parameter that is there more than once. */
function withQuery({ path, query, origin }: HandlerRequest): string {
  const at = origin?.uri.indexOf("?") ?? -1;
  if (origin !== undefined) return at < 0 ? path : `${path}${origin.uri.slice(at)}`;
  return query.size === 0 ? path : `${path}?${new URLSearchParams([...query])}`;
}

function passedOn({ headers, body, origin }: HandlerRequest): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const own = name.startsWith(":") || name.startsWith("x-remote-") || name.startsWith("impersonate-");
    if (value !== undefined && !own && !OWN_HEADERS.has(name)) passed[name] = value;
  }
  if (body.contentType !== "" && passed["content-type"] === undefined) {
    passed["content-type"] = body.contentType;
  }
  if (origin !== undefined) passed["audit-id"] = origin.auditId;
  return passed;
}

/** Who asks, as servers behind an authenticating proxy are told. */
function headersOf({ name, uid, groups, extra = {} }: User): Record<string, string | readonly string[]> {
  return {
    "x-remote-user": name,
    ...(uid === undefined ? {} : { "x-remote-uid": uid }),
    "x-remote-group": groups,
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`x-remote-extra-${encodeURIComponent(key)}`, values]),
    ),
  };
}

function answered(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  const passed: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && (name === "content-length" || !OWN_HEADERS.has(name))) passed[name] = value;
  }
  return passed;
}
