import type { IncomingHttpHeaders } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { certify } from "./webhook.js";

/** A request that a backend got. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** An answer with a code of its own. */
export class Answered {
  readonly code: number;
  readonly body: unknown;

  constructor(code: number, body: unknown) {
    this.code = code;
    this.body = body;
  }
}

/** An HTTPS server that stands for somebody's aggregated API. */
export class Backend {
  readonly asked: Asked[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts one that answers with what `answer` has for a path and a method, or 404. */
  static async start(answer: (path: string, method: string) => unknown): Promise<Backend> {
    const { certificate, key } = certify("backend");
    const server = createServer({ cert: certificate, key });
    const backend = new Backend(server);
    server.on("request", (request, response) => {
      const { method = "", url = "", headers } = request;
      backend.asked.push({ method, url, headers });
      const answered = answer(url.split("?")[0] ?? "", method) ?? NOT_FOUND;
      const { code, body } = answered instanceof Answered ? answered : new Answered(200, answered);
      response.writeHead(code, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return backend;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const NOT_FOUND = new Answered(404, { kind: "Status", status: "Failure", code: 404 });
