import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { issueCertificate, type KeyPair } from "../../packages/control-plane/src/server/certificate.js";
import type { Json } from "./api.js";

const random = { float: () => Math.random(), bytes: (length: number) => randomBytes(length) };
const HOUR_MS = 3_600_000;

/** A certificate of a server on this machine, good for now. */
export function certify(commonName: string, hosts: readonly string[] = []): KeyPair {
  const now = Date.now();
  const validity = { notBefore: now - HOUR_MS, notAfter: now + HOUR_MS };
  return issueCertificate(
    { commonName, use: "server", hosts: ["127.0.0.1", "localhost", ...hosts], ...validity },
    random,
  );
}

/** An HTTPS server that stands for somebody's webhook, with the calls that it got. */
export class Webhook {
  readonly calls: Json[] = [];
  readonly #server: Server;
  readonly #certificate: string;

  private constructor(server: Server, certificate: string) {
    this.#server = server;
    this.#certificate = certificate;
  }

  /** Starts one that answers each review as `answer` says; a promise that never resolves keeps the caller waiting. */
  static async start(
    answer: (review: Json, path: string) => Json | Promise<Json>,
    hosts: readonly string[] = [],
  ): Promise<Webhook> {
    const pair = certify("webhook", hosts);
    const server = createServer({ cert: pair.certificate, key: pair.key });
    const webhook = new Webhook(server, pair.certificate);
    const reply = async (request: IncomingMessage): Promise<Json> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const review = JSON.parse(Buffer.concat(chunks).toString()) as Json;
      webhook.calls.push(review);
      return answer(review, request.url ?? "/");
    };
    server.on("request", (request, response) => {
      reply(request).then(
        (answered) => response.setHeader("content-type", "application/json").end(JSON.stringify(answered)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return webhook;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `clientConfig` of a configuration that calls this server. */
  clientConfig(path = "/"): Json {
    return {
      url: `https://127.0.0.1:${this.port}${path}`,
      caBundle: Buffer.from(this.#certificate).toString("base64"),
    };
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** An AdmissionReview's answer. */
export function reviewed(review: Json, response: Json): Json {
  return {
    apiVersion: review.apiVersion,
    kind: review.kind,
    response: { uid: review.request.uid, ...response },
  };
}

/** An answer that patches the object. */
export function patchedWith(review: Json, operations: readonly object[]): Json {
  const patch = Buffer.from(JSON.stringify(operations)).toString("base64");
  return reviewed(review, { allowed: true, patchType: "JSONPatch", patch });
}
