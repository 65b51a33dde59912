import { type Subresource, subresourcesOf } from "../discovery/subresources.js";
import type { ServedKind } from "../registry/kind.js";
import { messageSchema } from "../schema/message-schema.js";
import type { Components } from "./components.js";
import {
  COLLECTION,
  ITEM,
  type Operation,
  type OperationPlace,
  ofCustom,
  operationId,
  operationText,
  tagOf,
} from "./operations.js";
import { pathParameter, queryParameter } from "./parameters.js";

type Document = Record<string, unknown>;

const STRATEGIC = "application/strategic-merge-patch+json";
const PATCH_TYPES: readonly string[] = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  STRATEGIC,
];
const JSON_TYPE = "application/json";
const YAML_TYPE = "application/yaml";
const PROTOBUF_TYPE = "application/vnd.kubernetes.protobuf";

/** What a kind's PATCH takes: clients such as `kubectl apply` choose the patch that they send by this. */
function patchTypes(kind: ServedKind): readonly string[] {
  return kind.strategicMergePatch === false ? PATCH_TYPES.filter((type) => type !== STRATEGIC) : PATCH_TYPES;
}

/** Whether a definition made the kind. */
function isCustom(kind: ServedKind): boolean {
  return kind.protobufMessage === undefined;
}

/** How paths are written, and the types that they refer to. */
export interface PathStyle {
  readonly edition: "v2" | "v3";
  readonly components: Components;
  /** References to the types of the kind and of its lists. */
  readonly object: Document;
  readonly list: Document;
}

interface Path extends OperationPlace {
  readonly named: boolean;
  readonly operations: readonly Operation[];
  /** What is sent and answered where it is not the object. */
  readonly body?: Document;
  /** The part, where operations on it are filed under its own kind. */
  readonly of?: Subresource;
}

/** The paths of one kind, with what its operations take and give. */
export function pathsOf(kind: ServedKind, style: PathStyle): Record<string, Document> {
  const root = kind.group === "" ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const collection = kind.namespaced
    ? `${root}/namespaces/{namespace}/${kind.resource}`
    : `${root}/${kind.resource}`;
  const paths: Record<string, Document> = {};
  const put = (path: string, { operations, ...place }: Path, verbs: readonly string[] = kind.verbs) => {
    const allowed = operations.filter((operation) => verbs.includes(operation.verb));
    const served = isCustom(kind) ? allowed.map(ofCustom) : allowed;
    if (served.length > 0) paths[path] = pathDocument(kind, { ...place, operations: served }, style);
  };
  const scoped = kind.namespaced;
  put(collection, { part: "", scoped, named: false, operations: COLLECTION });
  put(`${collection}/{name}`, { part: "", scoped, named: true, operations: ITEM });
  for (const of of subresourcesOf(kind)) {
    const body = partBody(of, style);
    if (body === undefined) continue;
    const operations = of.name === "log" ? [LOG] : PART;
    put(
      `${collection}/{name}/${of.name}`,
      { part: of.name, scoped, named: true, operations, body, ...(isCustom(kind) ? {} : { of }) },
      of.verbs,
    );
  }
  if (scoped) {
    put(`${root}/${kind.resource}`, {
      part: "",
      scoped: false,
      named: false,
      operations: COLLECTION.slice(0, 1),
    });
  }
  return paths;
}

/** What is done to a part of an object. */
const PART = [...ITEM.slice(0, 3), ...COLLECTION.slice(1, 2)];

const LOG: Operation = {
  method: "get",
  verb: "get",
  action: "get",
  parameters: [
    "container",
    "follow",
    "insecureSkipTLSVerifyBackend",
    "limitBytes",
    "previous",
    "sinceSeconds",
    "stream",
    "tailLines",
    "timestamps",
  ],
  statuses: [200],
};

const PART_MESSAGES: Readonly<Record<string, string>> = {
  Binding: "core.v1.Binding",
  Eviction: "policy.v1.Eviction",
  Scale: "autoscaling.v1.Scale",
  TokenRequest: "authentication.v1.TokenRequest",
};

/** What a part of an object is; `undefined` for connections, which are not described. */
function partBody({ name, kind }: Subresource, { components, object }: PathStyle): Document | undefined {
  if (name === "log") return { type: "string" };
  const message = PART_MESSAGES[kind];
  if (message !== undefined) return components.refer(messageSchema(message));
  return kind.endsWith("Options") ? undefined : object;
}

function pathDocument(kind: ServedKind, path: Path, style: PathStyle): Document {
  const document: Document = {};
  const shared = path.operations[0]?.parameters.filter((name) =>
    path.operations.every(({ parameters }) => parameters.includes(name)),
  );
  for (const operation of path.operations) {
    document[operation.method] = operationDocument(kind, operation, path, shared ?? [], style);
  }
  const { edition } = style;
  const inPath = [...(path.named ? ["name"] : []), ...(path.scoped ? ["namespace"] : [])];
  document["parameters"] = [
    ...inPath.map((name) => pathParameter(name, path.of?.kind ?? kind.kind, edition)),
    ...["pretty", ...(shared ?? [])].map((name) => queryParameter(name, edition)),
  ].sort((a, b) => (String(a["name"]) < String(b["name"]) ? -1 : 1));
  return document;
}

function operationDocument(
  kind: ServedKind,
  operation: Operation,
  path: Path,
  shared: readonly string[],
  style: PathStyle,
): Document {
  const { edition } = style;
  const sent = sentBody(operation, path, style);
  const types = answerTypes(kind, operation, path);
  const parameters = operation.parameters
    .filter((name) => !shared.includes(name))
    .map((name) => queryParameter(name, edition));
  const document: Document = {
    tags: [tagOf(kind)],
    description: operationText(kind, operation, path),
    operationId: operationId(kind, operation, path),
    responses: responses(operation, types, answerBody(kind, operation, path, style), edition),
    "x-kubernetes-action": operation.action,
    "x-kubernetes-group-version-kind": {
      group: path.of?.group ?? kind.group,
      version: path.of?.version ?? kind.version,
      kind: path.of?.kind ?? kind.kind,
    },
  };
  const sentTypes =
    operation.method === "patch" ? patchTypes(kind) : isCustom(kind) ? [JSON_TYPE, YAML_TYPE] : ["*/*"];
  const required = operation.method === "delete" ? {} : { required: true };
  if (edition === "v2") {
    if (sent !== undefined) parameters.push({ name: "body", in: "body", ...required, schema: sent });
    document["consumes"] = sentTypes;
    document["produces"] = types;
    document["schemes"] = ["https"];
  } else if (sent !== undefined) {
    document["requestBody"] = { content: contentOf(sentTypes, sent), ...required };
  }
  if (parameters.length > 0) document["parameters"] = parameters;
  return document;
}

function sentBody(
  { method }: Operation,
  { body }: Path,
  { object, components }: PathStyle,
): Document | undefined {
  if (method === "get") return undefined;
  if (method === "delete") return components.refer(messageSchema("meta.v1.DeleteOptions"));
  return method === "patch" ? patchReference(components) : (body ?? object);
}

const PATCH = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";

/** What patches have in common: they are objects, or lists that are sent as such. */
function patchReference(components: Components): Document {
  components.add(PATCH, { ...components.text(PATCH), type: "object" });
  return components.referTo(PATCH);
}

function answerBody(kind: ServedKind, { action }: Operation, { body }: Path, style: PathStyle): Document {
  if (action === "list") return style.list;
  // Of namespaces Kubernetes says that a status answers, although the namespace does.
  const isObject = action !== "delete" || (kind.returnsDeleted === true && kind.resource !== "namespaces");
  if (action === "deletecollection" || !isObject) {
    return style.components.refer(messageSchema("meta.v1.Status"));
  }
  return body ?? style.object;
}

/** Media types of the answer. */
function answerTypes(kind: ServedKind, { action }: Operation, { part }: Path): readonly string[] {
  if (part === "log") return [JSON_TYPE, PROTOBUF_TYPE, YAML_TYPE, "text/plain"];
  if (isCustom(kind)) return [JSON_TYPE, YAML_TYPE];
  if (action !== "list") return [JSON_TYPE, PROTOBUF_TYPE, YAML_TYPE];
  const stream = ";stream=watch";
  return [JSON_TYPE, JSON_TYPE + stream, PROTOBUF_TYPE, PROTOBUF_TYPE + stream, YAML_TYPE];
}

const STATUS_TEXTS = { 200: "OK", 201: "Created", 202: "Accepted" } as const;

function responses(
  { statuses }: Operation,
  types: readonly string[],
  schema: Document,
  edition: "v2" | "v3",
): Document {
  const success = statuses.map((status) => [
    String(status),
    {
      description: STATUS_TEXTS[status],
      ...(edition === "v2" ? { schema } : { content: contentOf(types, schema) }),
    },
  ]);
  return { ...Object.fromEntries(success), "401": { description: "Unauthorized" } };
}

function contentOf(types: readonly string[], schema: Document): Document {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
