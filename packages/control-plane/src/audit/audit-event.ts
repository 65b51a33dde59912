import type { Status } from "@capstan/kube";
import type { Query } from "../handler/call.js";
import { type HandlerRequest, selectedName } from "../handler/handler.js";
import type { RequestInfo } from "../handler/request-info.js";
import type { User } from "../registry/ports.js";

type Members = Readonly<Record<string, unknown>>;

/** The request's path and query as they came; in process, where there is no such text, as they mean it. */
export function uriOf({ path, query, origin }: HandlerRequest): string {
  if (origin !== undefined) return origin.uri;
  const parameters = new URLSearchParams([...query]).toString();
  return parameters === "" ? path : `${path}?${parameters}`;
}

/** Who was authenticated, and whom the request acts as where that is somebody else. */
export function usersOf({ user, origin }: HandlerRequest): Members {
  const own = origin?.impersonator;
  if (own === undefined) return { user: userInfo(user) };
  return { user: userInfo(own), impersonatedUser: userInfo(user) };
}

function userInfo({ name, uid, groups, extra }: User): Members {
  if (name === "") return {};
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra }),
  };
}

/** What the URL, or a selector of one name, says a request is about; undefined for paths that are no resources. */
export function objectRefOf(info: RequestInfo, query: Query): Members | undefined {
  if (!info.isResource) return undefined;
  const { resource, namespace, group, version, subresource } = info;
  const name = info.name === "" ? selectedName(query.get("fieldSelector")) : info.name;
  return {
    resource,
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { apiGroup: group }),
    apiVersion: version,
    ...(subresource === undefined ? {} : { subresource }),
  };
}

/** A reference made whole with what the object that was sent says of itself. */
export function withBodysName(ref: Members | undefined, verb: string, body: unknown): Members | undefined {
  if (ref === undefined || (verb !== "create" && verb !== "update")) return ref;
  if (!isMembers(body) || !isMembers(body["metadata"])) return ref;
  const { metadata } = body;
  const more: Record<string, string> = {};
  for (const member of ["namespace", "name", "uid", "resourceVersion"]) {
    const value = metadata[member];
    if (typeof value === "string" && value !== "" && ref[member] === undefined) more[member] = value;
  }
  return { ...ref, ...more };
}

/** `responseStatus`: all of a Status but its type, of other answers the code alone. */
export function responseStatusOf(code: number, object: unknown): Members {
  if (!isStatus(object)) return { metadata: {}, code };
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return { ...rest, metadata: {}, code };
}

function isStatus(object: unknown): object is Status {
  return isMembers(object) && object["kind"] === "Status" && object["apiVersion"] === "v1";
}

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null;
}
