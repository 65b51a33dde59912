import type { Discovery } from "../../discovery/discovery.js";
import type { OpenApi } from "../../openapi/openapi.js";
import type { DocumentRoute } from "./special-routes.js";

/** Serves `/api` and `/apis` and what is listed below them. */
export function discoveryRoute(discovery: Discovery, serverAddress: () => string): DocumentRoute {
  return (request) => {
    const answer = discovery.answer({
      path: request.path,
      accept: request.headers["accept"],
      ifNoneMatch: request.headers["if-none-match"],
      serverAddress: serverAddress(),
    });
    if (answer === undefined) return undefined;
    const { status, contentType, body, headers } = answer;
    return { type: "bytes", status, contentType, bytes: body, headers };
  };
}

/** Serves `/openapi/v2` and `/openapi/v3`. */
export function openApiRoute(openApi: OpenApi): DocumentRoute {
  return (request) => {
    if (!request.path.startsWith("/openapi/")) return undefined;
    const answer = openApi.answer({
      path: request.path,
      hash: request.query.get("hash"),
      accept: request.headers["accept"],
      ifNoneMatch: request.headers["if-none-match"],
    });
    if (answer === undefined) return undefined;
    const { status, contentType, body, headers } = answer;
    return { type: "bytes", status, contentType, bytes: body, headers };
  };
}
