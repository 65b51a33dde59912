import { parseDuration } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import type { AccessDecision, AccessRequest, Annotate, User } from "../registry/ports.js";
import type { EventStream } from "../watch/event-stream.js";
import type { Answer, Call, Machinery, Query } from "./call.js";
import { withConversions } from "./conversions.js";
import { create } from "./create.js";
import { remove } from "./delete.js";
import { deleteCollection } from "./delete-collection.js";
import {
  badRequest,
  forbidden,
  forbiddenPath,
  methodNotAllowed,
  noSuchResource,
  notFound,
  verbNotSupported,
  withWarnings,
} from "./errors.js";
import { get } from "./get.js";
import { list } from "./list.js";
import { type Accept, JSON_ACCEPT, negotiate } from "./negotiation.js";
import { patch } from "./patch.js";
import type { ProtobufReader, RequestBody } from "./request-body.js";
import { parseRequestInfo, type RequestInfo, type ResourceRequest } from "./request-info.js";
import { patchScale, readScale, updateScale } from "./scale.js";
import { update } from "./update.js";
import { watch } from "./watch.js";

/** One authenticated request, whichever way it came. */
export interface HandlerRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Query;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: RequestBody;
  readonly user: User;
  readonly signal: AbortSignal | undefined;
  /** Where the request came from; left out in process. */
  readonly origin?: RequestOrigin;
  /** Adds to what the audit log says of this request. */
  readonly annotate?: Annotate;
  /** Tells the audit log what the body was read as: the object with its type and defaults, or a patch. */
  readonly received?: (body: unknown) => void;
}

export interface RequestOrigin {
  /** What the `Audit-Id` header of the answer says. */
  readonly auditId: string;
  /** Path and query as the client wrote them. */
  readonly uri: string;
  /** IP address of the client. */
  readonly address: string;
  /** Who was authenticated, where the request acts as somebody else. */
  readonly impersonator?: User;
}

export interface HandlerAnswer {
  readonly answer: Answer | WatchAnswer;
  readonly accept: Accept;
  readonly warnings: readonly string[];
}

export interface WatchAnswer {
  readonly type: "watch";
  readonly kind: ServedKind;
  readonly stream: EventStream;
}

/** A route that the verbs below do not cover: a subresource with its own meaning, a review, a path. */
export interface SpecialRoutes {
  /** Answers a resource request that is not plain storage, or returns undefined to leave it alone. */
  readonly resource: (call: Call) => Answer | Promise<Answer> | undefined;
  /** Answers a path outside the resources (`/version`, `/openapi/…`), or returns undefined: 404. */
  readonly path: (request: HandlerRequest, info: RequestInfo) => Answer | Promise<Answer> | undefined;
}

export interface HandlerParts extends Machinery {
  readonly special: SpecialRoutes;
  /** Reads protobuf bodies of kinds that have a message. */
  readonly protobuf: ProtobufReader | undefined;
  /** Answers what another server serves, or returns undefined: it is served here, or nowhere. */
  readonly elsewhere: (
    request: HandlerRequest,
    group: string,
    version: string,
  ) => Promise<Answer> | undefined;
}

/** The API itself: authorizes a request, finds its verb, and answers. Failures are thrown as `ApiError`. */
export class Handler {
  readonly #parts: HandlerParts;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  async handle(request: HandlerRequest): Promise<HandlerAnswer> {
    checkTimeout(request.query.get("timeout"));
    const info = this.#info(request);
    if (!info.isResource) return this.#path(request, info);
    this.#authorize(info, request, info.verb);
    const elsewhere = this.#parts.elsewhere(request, info.group, info.version);
    if (elsewhere !== undefined) return { answer: await elsewhere, accept: JSON_ACCEPT, warnings: [] };
    const kind = this.#parts.registry.find(info.group, info.version, info.resource);
    if (kind === undefined || isMisplaced(kind, info)) return this.#unknownResource(request, info);
    const warnings = new Set(kind.deprecations);
    if (warnings.size > 0) request.annotate?.("k8s.io/deprecated", "true");
    const call = this.#call(request, info, kind, warnings);
    const verb = () => this.#verb(call);
    try {
      const plain = kind.storage.remote === undefined ? verb() : withConversions(this.#parts, call, verb);
      const answer = forTable(call, await plain);
      return { answer, accept: call.accept, warnings: [...warnings] };
    } catch (error) {
      throw withWarnings(error, warnings);
    }
  }

  #info(request: HandlerRequest): RequestInfo {
    try {
      return parseRequestInfo(request.method, request.path, request.query.get("watch"));
    } catch (error) {
      if (error instanceof URIError) throw badRequest(`invalid path ${request.path}`);
      throw error;
    }
  }

  #authorize(info: ResourceRequest, { user, query, annotate }: HandlerRequest, verb: string): void {
    const request: AccessRequest = {
      user,
      verb,
      group: info.group,
      version: info.version,
      resource: info.resource,
      ...(info.subresource === undefined ? {} : { subresource: info.subresource }),
      ...(info.namespace === undefined ? {} : { namespace: info.namespace }),
      name: info.name === "" ? selectedName(query.get("fieldSelector")) : info.name,
    };
    const decision = this.#parts.authorizer.authorize(request);
    if (annotate !== undefined) tellDecision(annotate, decision);
    if (decision.allowed) return;
    throw forbidden(info, info.name, refusal(request, decision.reason));
  }

  #call(request: HandlerRequest, info: ResourceRequest, kind: ServedKind, warnings: Set<string>): Call {
    const protobuf = kind.protobufMessage === undefined ? undefined : this.#parts.protobuf;
    const accept = negotiate(request.headers["accept"], {
      table: kind.verbs.includes("get") || kind.verbs.includes("list"),
      list: info.verb === "list" || info.verb === "watch" || info.verb === "deletecollection",
      protobuf: kind.protobufMessage !== undefined,
    });
    return {
      info: kind.namespaced ? info : { ...info, namespace: undefined },
      kind,
      user: request.user,
      query: request.query,
      headers: request.headers,
      body: request.body,
      protobuf,
      accept,
      warn: (text) => warnings.add(text),
      annotate: request.annotate,
      received: request.received,
      authorizeCreate: () => this.#authorize(info, request, "create"),
      get signal() {
        return request.signal;
      },
    };
  }

  #verb(call: Call): Answer | WatchAnswer | Promise<Answer> {
    const special = this.#parts.special.resource(call);
    if (special !== undefined) return special;
    const { kind, info } = call;
    const outOfPlace = kind.namespaced && info.namespace === undefined && info.name !== "";
    if (outOfPlace) throw noSuchResource();
    if (info.subresource !== undefined) return this.#subresource(call, info.subresource);
    if (!kind.verbs.includes(info.verb)) {
      throw kind.strategicMergePatch === false ? verbNotSupported(kind, info.verb) : methodNotAllowed();
    }
    return this.#plain(call);
  }

  #plain(call: Call): Answer | WatchAnswer | Promise<Answer> {
    const parts = this.#parts;
    switch (call.info.verb) {
      case "get":
        return get(parts, call);
      case "list":
        return list(parts, call);
      case "watch":
        return { type: "watch", kind: call.kind, stream: watch(parts, call) };
      case "create":
        if (call.info.name !== "") throw methodNotAllowed();
        if (call.kind.namespaced && call.info.namespace === undefined) {
          throw badRequest("an empty namespace may not be set during creation");
        }
        return create(parts, call);
      case "update":
        if (call.info.name === "") throw methodNotAllowed();
        return update(parts, call);
      case "patch":
        if (call.info.name === "") throw methodNotAllowed();
        return patch(parts, call);
      case "delete":
        return remove(parts, call);
      case "deletecollection":
        return deleteCollection(parts, call);
      default:
        throw methodNotAllowed();
    }
  }

  #subresource(call: Call, subresource: string): Answer | Promise<Answer> {
    const { kind, info } = call;
    const parts = this.#parts;
    if (subresource === "status" && kind.statusSubresource) {
      if (info.verb === "get") return get(parts, call);
      if (info.verb === "update") return update(parts, call);
      if (info.verb === "patch") return patch(parts, call);
      throw methodNotAllowed();
    }
    if (subresource === "scale" && kind.scale !== undefined) {
      if (info.verb === "get") return readScale(parts, call);
      if (info.verb === "update") return updateScale(parts, call);
      if (info.verb === "patch") return patchScale(parts, call);
      throw methodNotAllowed();
    }
    throw kind.strategicMergePatch === false ? notFound(kind, info.name) : noSuchResource();
  }

  #unknownResource(request: HandlerRequest, info: ResourceRequest): Promise<HandlerAnswer> | HandlerAnswer {
    if (this.#parts.registry.hasGroupVersion(info.group, info.version)) throw noSuchResource();
    return this.#path(request, info);
  }

  async #path(request: HandlerRequest, info: RequestInfo): Promise<HandlerAnswer> {
    if (!info.isResource) {
      const decision = this.#parts.authorizer.authorize({
        user: request.user,
        verb: info.verb,
        path: info.path,
      });
      if (request.annotate !== undefined) tellDecision(request.annotate, decision);
      if (!decision.allowed) {
        throw forbiddenPath(`User "${request.user.name}" cannot ${info.verb} path "${info.path}"`);
      }
    }
    const [, group, version] = GROUP_VERSION.exec(info.path) ?? [];
    const elsewhere =
      group === undefined || version === undefined
        ? undefined
        : this.#parts.elsewhere(request, group, version);
    const answer = await (elsewhere ?? this.#parts.special.path(request, info));
    return { answer: answer ?? NO_SUCH_PATH, accept: JSON_ACCEPT, warnings: [] };
  }
}

/** Documents about one version of a group. */
const GROUP_VERSION = /^(?:\/openapi\/v3)?\/apis\/([^/]+)\/([^/]+)\/?$/;

function tellDecision(annotate: Annotate, decision: AccessDecision): void {
  annotate("authorization.k8s.io/decision", decision.allowed ? "allow" : "forbid");
  annotate("authorization.k8s.io/reason", decision.reason ?? "");
}

/** Requests are answered at once, so a deadline only has to be one that can be read. */
function checkTimeout(timeout: string | undefined): void {
  if (timeout === undefined || timeout === "") return;
  try {
    parseDuration(timeout);
  } catch (error) {
    throw badRequest(
      `invalid timeout specified in the request URL - ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** A namespace in the URL of a kind that knows none. Namespaces themselves are read as being in themselves. */
function isMisplaced(kind: ServedKind, info: ResourceRequest): boolean {
  return !kind.namespaced && info.namespace !== undefined && info.resource !== "namespaces";
}

/** Adds what a Table view of the answer needs to know. */
function forTable(call: Call, answer: Answer | WatchAnswer): Answer | WatchAnswer {
  if (call.accept.as !== "Table") return answer;
  const includeObject = call.query.get("includeObject");
  if (answer.type === "object") return { ...answer, kind: call.kind, includeObject };
  if (answer.type === "list") return { ...answer, list: { ...answer.list, includeObject } };
  return answer;
}

const NO_SUCH_PATH: Answer = {
  type: "bytes",
  status: 404,
  contentType: "text/plain; charset=utf-8",
  bytes: "404 page not found\n",
  headers: { "x-content-type-options": "nosniff" },
};

/** The name that a field selector asks for; empty where it asks for none. */
export function selectedName(fieldSelector: string | undefined): string {
  const pinned = /(?:^|,)metadata\.name==?([^,]+)/.exec(fieldSelector ?? "");
  return pinned?.[1] ?? "";
}

function refusal(request: AccessRequest, reason: string | undefined): string {
  const resource =
    request.subresource === undefined ? request.resource : `${request.resource}/${request.subresource}`;
  const scope =
    request.namespace === undefined ? "at the cluster scope" : `in the namespace "${request.namespace}"`;
  const text = `User "${request.user.name}" cannot ${request.verb} resource "${resource}" in API group "${request.group ?? ""}" ${scope}`;
  return escapeHtml(reason === undefined || reason === "" ? text : `${text}: ${reason}`);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
