import { request as httpsRequest } from "node:https";
import type { WebhookCaller, WebhookRequest } from "./webhook-call.js";

/** Longer answers are refused. */
const MAX_ANSWER = 8 * 1024 * 1024;

/** Calls webhooks over HTTPS: the certificate must fit, redirects are not followed, answers are bounded. */
export const callOverHttps: WebhookCaller = (webhook) =>
  new Promise((resolve, reject) => {
    if (!webhook.url.startsWith("https://")) {
      reject(new Error("webhooks are called over https only"));
      return;
    }
    const request = httpsRequest(webhook.url, optionsOf(webhook), (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER) request.destroy(new Error("the answer is too long"));
        else chunks.push(chunk);
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
      response.on("error", reject);
    });
    request.on("error", (error) => reject(asKnown(error)));
    request.end(webhook.body);
  });

function optionsOf(webhook: WebhookRequest): Parameters<typeof httpsRequest>[1] {
  const { url, body, caBundle, timeoutMs, connect } = webhook;
  return {
    ...(connect === undefined ? {} : { ...connect, servername: new URL(url).hostname }),
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      ...(connect === undefined ? {} : { host: new URL(url).host }),
      "content-length": Buffer.byteLength(body),
    },
    signal: AbortSignal.timeout(timeoutMs),
    ...(caBundle === undefined ? {} : { ca: caBundle }),
  };
}

/** An error in the words in which clients of Kubernetes know it. */
function asKnown(
  cause: NodeJS.ErrnoException & { readonly address?: string; readonly port?: number },
): Error {
  if (cause.name === "AbortError" || cause.name === "TimeoutError")
    return new Error("context deadline exceeded", { cause });
  if (cause.code !== "ECONNREFUSED" || cause.address === undefined) return cause;
  return new Error(`dial tcp ${cause.address}:${cause.port}: connect: connection refused`, { cause });
}
