import type { IncomingMessage } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { isIP } from "node:net";
import { dialError } from "../admission/dial-error.js";
import type { KeyPair } from "../server/certificate.js";
import type { ApiService } from "./api-service.js";
import type { ServiceAddress } from "./service-addresses.js";

/** A request to the server behind an APIService. */
export interface BackendRequest {
  readonly address: ServiceAddress;
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

export interface BackendAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Sends one request to the server behind `service`. Rejects where none answers, or it is another's. */
export type BackendCaller = (service: ApiService, request: BackendRequest) => Promise<BackendAnswer>;

/** Calls over HTTPS; `identity` is the certificate by which the server knows this API. */
export function callBackend(identity: KeyPair | undefined): BackendCaller {
  return (service, request) =>
    new Promise((resolve, reject) => {
      const sent = httpsRequest(optionsOf(service, request, identity), (answer: IncomingMessage) => {
        const { statusCode = 0, headers } = answer;
        resolve({ status: statusCode, headers, chunks: answer });
      });
      sent.on("error", (error) => reject(dialError(error)));
      sent.end(request.body);
    });
}

function optionsOf(
  { spec }: ApiService,
  { address, method, path, headers, body, signal }: BackendRequest,
  identity: KeyPair | undefined,
): RequestOptions {
  const { namespace = "", name = "" } = spec.service ?? {};
  const servername = `${name}.${namespace}.svc`;
  const { caBundle } = spec;
  return {
    host: address.host,
    port: address.port,
    method,
    path,
    headers: {
      ...headers,
      host: hostOf(address),
      // Left to Node, the body of a DELETE has no length.
      ...(body === undefined ? {} : { "content-length": String(body.length) }),
    },
    servername,
    rejectUnauthorized: spec.insecureSkipTLSVerify !== true,
    signal,
    ...(caBundle ? { ca: Buffer.from(caBundle, "base64").toString() } : {}),
    ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.key }),
  };
}

export function hostOf({ host, port }: ServiceAddress): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}
