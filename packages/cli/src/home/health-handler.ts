import type { IncomingMessage, ServerResponse } from "node:http";

/** Answers `/healthz`, `/readyz` and `/metrics`; ready once every controller runs with full caches. */
export function healthHandler(options: {
  readonly ready: () => Promise<void>;
  readonly metrics: () => Promise<string>;
}): (request: IncomingMessage, response: ServerResponse) => void {
  let ready = false;
  let asked = false;
  const ask = () => {
    if (asked) return;
    asked = true;
    options.ready().then(
      () => {
        ready = true;
      },
      // What went wrong ends the process through the manager; here it only means "not ready".
      () => {
        asked = false;
      },
    );
  };
  return (request, response) => {
    const answer = (status: number, text: string) => {
      response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(text);
    };
    switch (request.url?.split("?")[0]) {
      case "/healthz":
        return answer(200, "ok\n");
      case "/readyz":
        ask();
        return ready ? answer(200, "ok\n") : answer(503, "starting\n");
      case "/metrics":
        options.metrics().then(
          (text) => answer(200, text),
          () => answer(500, "metrics cannot be collected\n"),
        );
        return;
      default:
        return answer(404, "not found\n");
    }
  };
}
