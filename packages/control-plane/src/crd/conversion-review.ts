import type { KubeObject } from "@capstan/kube";
import { type Members, membersOf, textOf } from "../admission/members.js";
import { addressOf, sendReview, type WebhookCaller, WebhookError } from "../admission/webhook-call.js";

const TIMEOUT_MS = 30_000;
const VERSIONS = ["v1", "v1beta1"];

/** Where a definition's conversion webhook is, and which reviews it understands. */
export interface ConversionClient {
  readonly clientConfig: Members;
  readonly reviewVersions: readonly string[];
}

/** `spec.conversion` of a definition as a client; undefined unless its strategy is Webhook. */
export function conversionClient(conversion: unknown): ConversionClient | undefined {
  const { strategy, webhook } = membersOf(conversion);
  if (strategy !== "Webhook") return undefined;
  const { clientConfig, conversionReviewVersions } = membersOf(webhook);
  return {
    clientConfig: membersOf(clientConfig),
    reviewVersions: Array.isArray(conversionReviewVersions) ? conversionReviewVersions.map(String) : [],
  };
}

/**
 * Asks a webhook for objects at another version; answers with as many, in their order. Throws
 * `WebhookError`. Shapes: `apiextensions.k8s.io` ConversionReview.
 */
export async function reviewConversion(
  request: { readonly uid: string; readonly objects: readonly KubeObject[]; readonly apiVersion: string },
  client: ConversionClient,
  call: WebhookCaller,
): Promise<readonly KubeObject[]> {
  const { uid, objects, apiVersion } = request;
  const version = client.reviewVersions.find((each) => VERSIONS.includes(each));
  if (version === undefined) {
    throw new WebhookError("webhook does not accept known ConversionReview versions (v1, v1beta1)");
  }
  const caBundle = textOf(client.clientConfig["caBundle"]);
  const answer = await sendReview(call, {
    url: `${addressOf(client.clientConfig)}?timeout=${TIMEOUT_MS / 1000}s`,
    ...(caBundle === "" ? {} : { caBundle: Buffer.from(caBundle, "base64").toString() }),
    body: JSON.stringify({
      kind: "ConversionReview",
      apiVersion: `apiextensions.k8s.io/${version}`,
      request: { uid, desiredAPIVersion: apiVersion, objects },
      response: null,
    }),
    timeoutMs: TIMEOUT_MS,
  });
  return convertedObjects(answer, uid, objects.length);
}

function convertedObjects(answer: Members, uid: string, expected: number): readonly KubeObject[] {
  const response = membersOf(answer["response"]);
  if (response["uid"] !== uid) {
    throw new WebhookError(
      `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response["uid"] ?? "")}`,
    );
  }
  const result = membersOf(response["result"]);
  if (result["status"] !== "Success") throw new WebhookError(textOf(result["message"]) || "unknown reason");
  const objects = response["convertedObjects"];
  const found = Array.isArray(objects) ? objects : [];
  if (found.length !== expected) {
    throw new WebhookError(`webhook returned ${found.length} objects, expected ${expected}`);
  }
  return found.map((each, index) => {
    const { metadata, apiVersion, kind } = membersOf(each);
    if (typeof metadata === "object" && typeof apiVersion === "string" && typeof kind === "string") {
      return each as KubeObject;
    }
    throw new WebhookError(`invalid converted object at index ${index}`);
  });
}
