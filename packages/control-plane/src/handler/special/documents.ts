import type { Discovery } from "../../discovery/discovery.js";
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
