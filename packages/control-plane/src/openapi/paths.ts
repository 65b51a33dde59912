import type { ServedKind } from "../registry/kind.js";

type Document = Record<string, unknown>;

const WRITE_PARAMETERS = ["dryRun", "fieldManager", "fieldValidation"];
const DELETE_PARAMETERS = ["dryRun", "gracePeriodSeconds", "orphanDependents", "propagationPolicy"];
const LIST_PARAMETERS = [
  "allowWatchBookmarks",
  "continue",
  "fieldSelector",
  "labelSelector",
  "limit",
  "resourceVersion",
  "resourceVersionMatch",
  "sendInitialEvents",
  "timeoutSeconds",
  "watch",
];
const TYPES: Readonly<Record<string, string>> = {
  allowWatchBookmarks: "boolean",
  force: "boolean",
  gracePeriodSeconds: "integer",
  limit: "integer",
  orphanDependents: "boolean",
  sendInitialEvents: "boolean",
  timeoutSeconds: "integer",
  watch: "boolean",
};
const STRATEGIC = "application/strategic-merge-patch+json";
const PATCH_TYPES: readonly string[] = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  STRATEGIC,
];

/** What a kind's PATCH takes: clients such as `kubectl apply` choose the patch that they send by this. */
function patchTypes(kind: ServedKind): readonly string[] {
  return kind.strategicMergePatch === false ? PATCH_TYPES.filter((type) => type !== STRATEGIC) : PATCH_TYPES;
}

interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** The verb, as `verbs` of a kind names it. */
  readonly verb: string;
  /** `x-kubernetes-action`. */
  readonly action: string;
  readonly parameters: readonly string[];
}

const COLLECTION: readonly Operation[] = [
  { method: "get", verb: "list", action: "list", parameters: LIST_PARAMETERS },
  { method: "post", verb: "create", action: "post", parameters: WRITE_PARAMETERS },
  { method: "delete", verb: "deletecollection", action: "deletecollection", parameters: DELETE_PARAMETERS },
];
const ITEM: readonly Operation[] = [
  { method: "get", verb: "get", action: "get", parameters: [] },
  { method: "put", verb: "update", action: "put", parameters: WRITE_PARAMETERS },
  { method: "patch", verb: "patch", action: "patch", parameters: [...WRITE_PARAMETERS, "force"] },
  { method: "delete", verb: "delete", action: "delete", parameters: DELETE_PARAMETERS },
];

/** How a path document is written: references differ between the editions of OpenAPI. */
export interface PathStyle {
  readonly edition: "v2" | "v3";
  readonly object: Document;
  readonly list: Document;
}

/** The paths of one kind, with what its operations take and give. */
export function pathsOf(kind: ServedKind, style: PathStyle): Record<string, Document> {
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const collection = kind.namespaced
    ? `${root}/namespaces/{namespace}/${kind.resource}`
    : `${root}/${kind.resource}`;
  const paths: Record<string, Document> = {};
  const put = (path: string, operations: readonly Operation[], scoped: boolean, named: boolean) => {
    const document = pathDocument(kind, operations, style, scoped, named, path);
    if (document !== undefined) paths[path] = document;
  };
  put(collection, COLLECTION, kind.namespaced, false);
  put(`${collection}/{name}`, ITEM, kind.namespaced, true);
  if (kind.statusSubresource) put(`${collection}/{name}/status`, ITEM.slice(0, 3), kind.namespaced, true);
  if (kind.namespaced) put(`${root}/${kind.resource}`, COLLECTION.slice(0, 1), false, false);
  return paths;
}

function pathDocument(
  kind: ServedKind,
  operations: readonly Operation[],
  style: PathStyle,
  scoped: boolean,
  named: boolean,
  path: string,
): Document | undefined {
  const served = operations.filter((operation) => kind.verbs.includes(operation.verb));
  if (served.length === 0) return undefined;
  const document: Document = {};
  for (const operation of served)
    document[operation.method] = operationDocument(kind, operation, style, path, scoped);
  const parameters = [...(named ? ["name"] : []), ...(scoped ? ["namespace"] : [])].map((name) => ({
    name,
    in: "path",
    required: true,
    ...(style.edition === "v2"
      ? { type: "string", uniqueItems: true }
      : { schema: { type: "string", uniqueItems: true } }),
  }));
  if (parameters.length > 0) document["parameters"] = parameters;
  return document;
}

function operationDocument(
  kind: ServedKind,
  operation: Operation,
  style: PathStyle,
  path: string,
  scoped: boolean,
): Document {
  const body = operation.action === "list" ? style.list : style.object;
  const hasBody = operation.method === "post" || operation.method === "put" || operation.method === "patch";
  const parameters = operation.parameters.map((name) => parameter(name, style.edition));
  const document: Document = {
    tags: [tagOf(kind)],
    operationId: operationId(kind, operation, path, scoped),
    responses: { "200": response(body, style.edition), "401": { description: "Unauthorized" } },
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": { group: kind.group, version: kind.version, kind: kind.kind },
  };
  if (hasBody && style.edition === "v2") {
    parameters.push({
      name: "body",
      in: "body",
      required: true,
      schema: operation.method === "patch" ? {} : body,
    });
  }
  if (parameters.length > 0) document["parameters"] = parameters;
  if (style.edition === "v2") {
    document["consumes"] = operation.method === "patch" ? patchTypes(kind) : ["*/*"];
    document["produces"] = ["application/json", "application/yaml"];
  } else if (hasBody) {
    document["requestBody"] = requestBody(kind, operation, body);
  }
  return document;
}

function requestBody(kind: ServedKind, operation: Operation, body: Document): Document {
  const types = operation.method === "patch" ? patchTypes(kind) : ["*/*"];
  const schema = operation.method === "patch" ? { type: "object" } : body;
  return { content: Object.fromEntries(types.map((type) => [type, { schema }])), required: true };
}

function response(body: Document, edition: "v2" | "v3"): Document {
  if (edition === "v2") return { description: "OK", schema: body };
  const types = ["application/json", "application/yaml"];
  return { description: "OK", content: Object.fromEntries(types.map((type) => [type, { schema: body }])) };
}

function parameter(name: string, edition: "v2" | "v3"): Document {
  const type = { type: TYPES[name] ?? "string", uniqueItems: true };
  return edition === "v2" ? { name, in: "query", ...type } : { name, in: "query", schema: type };
}

function tagOf(kind: ServedKind): string {
  return `${kind.group === "" ? "core" : camel(kind.group, false)}_${kind.version}`;
}

function camel(group: string, upper: boolean): string {
  const [first = "", ...rest] = group.replace(/\.(?:authorization\.|apiserver\.)?k8s\.io$/, "").split(/[.-]/);
  const words = rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return (upper ? first.charAt(0).toUpperCase() + first.slice(1) : first) + words;
}

const PREFIXES: Readonly<Record<string, string>> = {
  get: "read",
  list: "list",
  post: "create",
  put: "replace",
  patch: "patch",
  delete: "delete",
  deletecollection: "deleteCollection",
};

function operationId(kind: ServedKind, operation: Operation, path: string, scoped: boolean): string {
  const group = kind.group === "" ? "Core" : camel(kind.group, true);
  const version = kind.version.charAt(0).toUpperCase() + kind.version.slice(1);
  const everywhere = kind.namespaced && !scoped ? "ForAllNamespaces" : "";
  const status = path.endsWith("/status") ? "Status" : "";
  const prefix = PREFIXES[operation.action] ?? operation.action;
  return `${prefix}${group}${version}${scoped ? "Namespaced" : ""}${kind.kind}${status}${everywhere}`;
}
