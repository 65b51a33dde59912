import { request as httpsRequest } from "node:https";
import { dialError } from "./dial-error.js";
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
    request.on("error", (error) => reject(dialError(error)));
    request.end(webhook.body);
  });

function optionsOf(webhook: WebhookRequest): Parameters<typeof httpsRequest>[1] {
  const { url, body, caBundle, timeoutMs, connect } = webhook;
  return {
    ...(connect === undefined
      ? {}
      : { hostname: connect.host, port: connect.port, servername: new URL(url).hostname }),
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
