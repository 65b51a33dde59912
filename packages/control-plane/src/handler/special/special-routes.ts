import type { TokenAuthenticator } from "../../authentication/authenticator.js";
import type { ServiceAccountTokens } from "../../authentication/service-account-tokens.js";
import type { Answer, Call, Machinery } from "../call.js";
import { methodNotAllowed, notFound } from "../errors.js";
import { get } from "../get.js";
import type { HandlerRequest, SpecialRoutes } from "../handler.js";
import { patch } from "../patch.js";
import { parseObjectBody } from "../request-body.js";
import { update } from "../update.js";
import { reviewAccess, reviewRules, reviewSelf } from "./access-reviews.js";
import { type Components, componentStatuses } from "./component-statuses.js";
import { type HealthCheck, health } from "./health.js";
import { finalizeNamespace } from "./namespaces.js";
import { bindPod, connectToPod, evictPod, type PodRuntime, podLog } from "./pods.js";
import { proxyTo } from "./proxies.js";
import { member, text } from "./review-body.js";
import { requestToken, reviewToken } from "./tokens.js";
import { KUBERNETES_VERSION } from "./version.js";

type Route = (machinery: Machinery, call: Call) => Answer | Promise<Answer>;

/** Documents about the API itself: discovery, OpenAPI. `undefined`: not one of them. */
export type DocumentRoute = (request: HandlerRequest) => Answer | undefined;

export interface SpecialParts {
  readonly machinery: () => Machinery;
  readonly accounts: ServiceAccountTokens;
  readonly authenticators: readonly TokenAuthenticator[];
  readonly documents: readonly DocumentRoute[];
  readonly checks: ReadonlyMap<string, HealthCheck>;
  readonly components: Components;
  readonly metrics: () => string;
  readonly runtime: () => PodRuntime | undefined;
}

/** Everything the API answers beside stored objects. */
export function specialRoutes(parts: SpecialParts): SpecialRoutes {
  const routes = resourceRoutes(parts);
  return {
    resource: (call) => {
      const { subresource, resource, group } = call.info;
      const name = group === "" ? resource : `${resource}.${group}`;
      const route = routes.get(subresource === undefined ? name : `${name}/${subresource}`);
      return route?.(parts.machinery(), call);
    },
    path: (request) => pathAnswer(parts, request),
  };
}

function resourceRoutes(parts: SpecialParts): ReadonlyMap<string, Route> {
  const { accounts, authenticators } = parts;
  return new Map<string, Route>([
    ["selfsubjectaccessreviews.authorization.k8s.io", posted(reviewAccess)],
    ["subjectaccessreviews.authorization.k8s.io", posted(reviewAccess)],
    ["localsubjectaccessreviews.authorization.k8s.io", posted(reviewAccess)],
    ["selfsubjectrulesreviews.authorization.k8s.io", posted(reviewRules)],
    ["selfsubjectreviews.authentication.k8s.io", posted(reviewSelf)],
    [
      "tokenreviews.authentication.k8s.io",
      posted((machinery, call) => reviewToken(machinery, call, { authenticators, accounts })),
    ],
    ["serviceaccounts/token", posted((machinery, call) => requestToken(machinery, call, accounts))],
    ["namespaces/finalize", finalizeNamespace],
    ["componentstatuses", (machinery, call) => componentStatuses(machinery, call, parts.components)],
    ["bindings", posted((machinery, call) => bindNamed(machinery, call))],
    ["pods/binding", posted(bindPod)],
    ["pods/eviction", posted(evictPod)],
    ["pods/attach", connectToPod],
    ["pods/exec", connectToPod],
    ["pods/portforward", connectToPod],
    ["pods/proxy", proxyTo],
    ["services/proxy", proxyTo],
    ["nodes/proxy", proxyTo],
    ["pods/log", (machinery, call) => podLog(machinery, call, parts.runtime())],
    ["pods/ephemeralcontainers", objectView],
    ["pods/resize", objectView],
    ["certificatesigningrequests.certificates.k8s.io/approval", objectView],
  ]);
}

function posted(route: Route): Route {
  return (machinery, call) => {
    if (call.info.verb !== "create") throw methodNotAllowed();
    return route(machinery, call);
  };
}

/** A subresource that is the whole object, of which it lets one part be written. */
function objectView(machinery: Machinery, call: Call): Answer | Promise<Answer> {
  if (call.info.verb === "get") return get(machinery, call);
  if (call.info.verb === "update") return update(machinery, call);
  if (call.info.verb === "patch") return patch(machinery, call);
  throw methodNotAllowed();
}

/** POST to `bindings`: the pod is the one that the binding is named after. */
function bindNamed(machinery: Machinery, call: Call): Promise<Answer> {
  const { value } = parseObjectBody(call.body, call.protobuf, false);
  const name = text(member(value, "metadata"), "name");
  const kind = machinery.registry.find("", "v1", "pods");
  if (kind === undefined || name === "") throw notFound({ group: "", resource: "pods" }, name);
  return bindPod(machinery, { ...call, kind, info: { ...call.info, resource: "pods", name } });
}

function pathAnswer(parts: SpecialParts, request: HandlerRequest): Answer | undefined {
  const path = request.path.length > 1 ? request.path.replace(/\/$/, "") : request.path;
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  if (path === "/version") return { type: "value", status: 200, value: KUBERNETES_VERSION };
  if (path === "/metrics") {
    const contentType = "text/plain; version=0.0.4; charset=utf-8";
    return { type: "bytes", status: 200, contentType, bytes: parts.metrics() };
  }
  const healthy = health(path, request.query, parts.checks);
  if (healthy !== undefined) return healthy;
  for (const document of parts.documents) {
    const answer = document(request);
    if (answer !== undefined) return answer;
  }
  return path === "/" ? { type: "value", status: 200, value: { paths: rootPaths(parts) } } : undefined;
}

const PLAIN_PATHS = [
  "/api",
  "/apis",
  "/healthz",
  "/livez",
  "/metrics",
  "/openapi/v2",
  "/openapi/v3",
  "/readyz",
  "/version",
];

function rootPaths(parts: SpecialParts): readonly string[] {
  const paths = new Set(PLAIN_PATHS);
  for (const { group, version } of parts.machinery().registry.all()) {
    if (group === "") paths.add(`/api/${version}`);
    else paths.add(`/apis/${group}`).add(`/apis/${group}/${version}`);
  }
  for (const check of parts.checks.keys()) paths.add(`/livez/${check}`).add(`/readyz/${check}`);
  return [...paths].sort();
}
