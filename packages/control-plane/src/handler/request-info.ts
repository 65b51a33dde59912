/** What a URL asks for: a resource of the API, or some other path. */
export type RequestInfo = ResourceRequest | PathRequest;

interface PathRequest {
  readonly isResource: false;
  readonly path: string;
  /** Lower-case HTTP method, as authorization sees it. */
  readonly verb: string;
}

export interface ResourceRequest {
  readonly isResource: true;
  readonly path: string;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string | undefined;
  /** Segments below the subresource (`proxy/a/b`). */
  readonly rest: readonly string[];
  readonly namespace: string | undefined;
  /** Empty for a collection. */
  readonly name: string;
}

const NAMESPACE_SUBRESOURCES = new Set(["status", "finalize"]);
const VERBS: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/**
 * Reads method, path and the `watch` parameter the way the Kubernetes API does
 * (`/api/v1/…`, `/apis/<group>/<version>/…`, legacy `watch/` prefix). Throws `URIError` on bad escapes.
 */
export function parseRequestInfo(method: string, path: string, watchParameter?: string): RequestInfo {
  const segments = segmentsOf(path);
  const head = segments[0];
  const groupAt = head === "api" ? 1 : 2;
  if ((head !== "api" && head !== "apis") || segments.length < groupAt + 2) {
    return { isResource: false, path, verb: method.toLowerCase() };
  }
  const group = head === "api" ? "" : (segments[1] ?? "");
  const version = segments[groupAt] ?? "";
  let parts = segments.slice(groupAt + 1);
  if (path.includes("%")) parts = parts.map(decodeURIComponent);
  let verb = VERBS[method] ?? method.toLowerCase();
  if (parts[0] === "watch" && parts.length > 1) {
    verb = "watch";
    parts = parts.slice(1);
  }
  const place = locate(parts);
  if (place.name === "" && verb === "get") {
    verb = isWatch(watchParameter) ? "watch" : "list";
  } else if (place.name === "" && verb === "delete") {
    verb = "deletecollection";
  }
  return { isResource: true, path, verb, group, version, ...place };
}

/** The parts of a path between slashes; several slashes count as one. */
function segmentsOf(path: string): string[] {
  const segments = path.startsWith("/") ? path.slice(1).split("/") : path.split("/");
  return segments.includes("") ? segments.filter((segment) => segment !== "") : segments;
}

function locate(
  parts: readonly string[],
): Pick<ResourceRequest, "namespace" | "resource" | "name" | "subresource" | "rest"> {
  if (parts[0] === "namespaces" && parts.length > 1) {
    const namespace = parts[1] ?? "";
    const third = parts[2];
    if (third === undefined || NAMESPACE_SUBRESOURCES.has(third)) {
      return { namespace, resource: "namespaces", name: namespace, subresource: third, rest: parts.slice(3) };
    }
    return { namespace, resource: third, name: parts[3] ?? "", subresource: parts[4], rest: parts.slice(5) };
  }
  return {
    namespace: undefined,
    resource: parts[0] ?? "",
    name: parts[1] ?? "",
    subresource: parts[2],
    rest: parts.slice(3),
  };
}

function isWatch(parameter: string | undefined): boolean {
  return parameter !== undefined && parameter !== "" && parameter !== "false" && parameter !== "0";
}
