import { applyJsonPatch, type KubeObject, PatchError } from "@capstan/kube";
import { failureOf } from "../handler/answer-failure.js";
import type { AdmissionRequest } from "../registry/ports.js";
import { listOf, type Members, membersOf, NOTHING, textOf } from "./members.js";
import { requestVariable } from "./policy-expressions.js";

/** One HTTPS request to a webhook. */
export interface WebhookRequest {
  readonly url: string;
  /** PEM of the authority that the server must be certified by; the system's where left out. */
  readonly caBundle?: string;
  /** JSON. */
  readonly body: string;
  readonly timeoutMs: number;
  /** Where to connect to; what the URL names where left out. */
  readonly connect?: { readonly host: string; readonly port: number };
}

/**
 * Sends one request to a webhook and resolves with its answer; rejects where none came in time. Must not
 * follow redirects and must bound the size of the answer.
 */
export type WebhookCaller = (
  request: WebhookRequest,
) => Promise<{ readonly status: number; readonly body: string }>;

/** How a webhook judged a request. */
export interface Verdict {
  readonly allowed: boolean;
  readonly status: Members;
  readonly warnings: readonly string[];
  /** What the webhook says to the audit log. */
  readonly auditAnnotations: Members;
  /** What it wants to be changed, as it was sent; undefined where that is nothing. */
  readonly patch: unknown;
  /** The object as the webhook wants it; undefined where it wants no change. */
  readonly object: KubeObject | undefined;
}

/** A call that failed or answered nonsense; `message` as the Kubernetes API words it. */
export class WebhookError extends Error {
  override readonly name = "WebhookError";
}

const VERSIONS = ["v1", "v1beta1"];
const DEFAULT_SECONDS = 10;

/** Asks one webhook. Throws `WebhookError` where no usable answer came. */
export async function callWebhook(
  webhook: Members,
  request: AdmissionRequest,
  uid: string,
  mutating: boolean,
  call: WebhookCaller,
): Promise<Verdict> {
  const offered = Array.isArray(webhook["admissionReviewVersions"]) ? webhook["admissionReviewVersions"] : [];
  const version = offered.find((name): name is string => VERSIONS.includes(String(name)));
  if (version === undefined) {
    throw new WebhookError("webhook does not accept known AdmissionReview versions (v1, v1beta1)");
  }
  const seconds = typeof webhook["timeoutSeconds"] === "number" ? webhook["timeoutSeconds"] : DEFAULT_SECONDS;
  const review = reviewOf(request, uid, version);
  const client = membersOf(webhook["clientConfig"]);
  const caBundle = textOf(client["caBundle"]);
  const url = `${addressOf(client)}?timeout=${seconds}s`;
  const answer = await sendReview(call, {
    url,
    ...(caBundle === "" ? {} : { caBundle: Buffer.from(caBundle, "base64").toString() }),
    body: JSON.stringify(review),
    timeoutMs: seconds * 1000,
  });
  return readVerdict(answer, request, uid, version, mutating);
}

/** Where a client configuration points. */
export function addressOf(client: Members): string {
  const url = textOf(client["url"]);
  if (url !== "") return url;
  const { namespace, name, port, path } = membersOf(client["service"]);
  return `https://${textOf(name)}.${textOf(namespace)}.svc:${typeof port === "number" ? port : 443}${textOf(path)}`;
}

/** Sends a review and reads the answer. Throws `WebhookError`. */
export async function sendReview(call: WebhookCaller, request: WebhookRequest): Promise<Members> {
  let answer: { readonly status: number; readonly body: string };
  try {
    answer = await call(request);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WebhookError(`failed to call webhook: Post ${JSON.stringify(request.url)}: ${why}`, {
      cause: error,
    });
  }
  if (answer.status < 200 || answer.status > 206) {
    throw new WebhookError(
      `failed to call webhook: ${failureOf({ status: answer.status, body: asAnswered(answer.body) })}`,
    );
  }
  try {
    return membersOf(JSON.parse(answer.body));
  } catch (error) {
    throw new WebhookError("failed to call webhook: the answer is not JSON", { cause: error });
  }
}

function reviewOf(request: AdmissionRequest, uid: string, version: string): Members {
  const { object, oldObject, namespace, name } = request;
  const { namespace: _n, name: _name, ...attributes } = requestVariable(request);
  return {
    kind: "AdmissionReview",
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      ...attributes,
      ...(name === "" ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      object: object ?? null,
      oldObject: oldObject ?? null,
    },
  };
}

function readVerdict(
  answer: Members,
  request: AdmissionRequest,
  uid: string,
  version: string,
  mutating: boolean,
): Verdict {
  const invalid = (why: string): WebhookError =>
    new WebhookError(`received invalid webhook response: ${why}`);
  const { apiVersion, kind } = answer;
  const response = answer["response"] === undefined ? undefined : membersOf(answer["response"]);
  if (!response) throw invalid("webhook response was absent");
  if (apiVersion !== `admission.k8s.io/${version}` || kind !== "AdmissionReview") {
    const given = `${String(apiVersion)}, Kind=${String(kind)}`;
    throw invalid(
      `expected webhook response of admission.k8s.io/${version}, Kind=AdmissionReview, got ${given}`,
    );
  }
  if (response["uid"] !== uid) {
    throw invalid(
      `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response["uid"] ?? "")}`,
    );
  }
  const patch = textOf(response["patch"]);
  const patchType = textOf(response["patchType"]);
  if (!mutating && (patch !== "" || patchType !== ""))
    throw invalid("validating webhook response may not contain patch or patchType");
  if (patch !== "" && patchType === "")
    throw invalid("webhook returned response.patch but not response.patchType");
  if (patch === "" && patchType !== "")
    throw invalid("webhook returned response.patchType but not response.patch");
  if (patchType !== "" && patchType !== "JSONPatch") throw invalid(`invalid patchType: ${patchType}`);
  const allowed = response["allowed"] === true;
  return {
    allowed,
    status: response["status"] === undefined ? NOTHING : membersOf(response["status"]),
    warnings: Array.isArray(response["warnings"]) ? response["warnings"].map(String) : [],
    auditAnnotations: membersOf(response["auditAnnotations"]),
    ...(allowed && patch !== "" ? patched(request, patch, invalid) : { patch: undefined, object: undefined }),
  };
}

function patched(
  request: AdmissionRequest,
  patch: string,
  invalid: (why: string) => WebhookError,
): Pick<Verdict, "patch" | "object"> {
  const { object } = request;
  if (!object)
    throw new WebhookError("attempted to modify the object, which is not supported for this operation");
  try {
    const operations: unknown = JSON.parse(Buffer.from(patch, "base64").toString());
    return { patch: operations, object: applyJsonPatch(object, operations) as KubeObject };
  } catch (error) {
    if (error instanceof PatchError || error instanceof SyntaxError) throw invalid(error.message);
    throw error;
  }
}

/** The webhooks of a configuration with their names, in order. */
export function webhooksOf(configuration: KubeObject): readonly Members[] {
  return listOf(configuration["webhooks"]);
}

/** A body as data, or as the text that it is. */
function asAnswered(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // Servers that fail answer what they like.
    return body;
  }
}
