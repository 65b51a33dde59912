import { kubernetesCostLimits } from "@capstan/cel";
import { ApiError, deepEqual, type KubeObject, type Random, type StatusReason } from "@capstan/kube";
import { forbidden } from "../handler/errors.js";
import { randomUid } from "../handler/object-name.js";
import type { Admission, AdmissionRequest, Authorizer } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { isExempt, matchesResources } from "./match-resources.js";
import { listOf, type Members, textOf } from "./members.js";
import { authorizerBindings, PolicyEvaluation, requestVariable } from "./policy-expressions.js";
import { callWebhook, type Verdict, type WebhookCaller, WebhookError, webhooksOf } from "./webhook-call.js";

const GROUP = "admissionregistration.k8s.io";

/** What webhooks need beside the configurations. */
export interface WebhookParts {
  readonly state: AdmissionState;
  readonly authorizer: Authorizer;
  readonly call: WebhookCaller;
  readonly random: Random;
}

/**
 * Asks the webhooks that MutatingWebhookConfigurations name, one after another, and a second time those
 * that want to see what later ones changed.
 */
export class MutatingWebhookAdmission implements Admission {
  readonly #parts: WebhookParts;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined | Promise<KubeObject | undefined> {
    const webhooks = selected(request, "mutatingwebhookconfigurations", this.#parts);
    return webhooks.length === 0 ? request.object : this.#run(request, webhooks);
  }

  validate(): void {
    // Mutating webhooks had their say before the object was validated.
  }

  async #run(request: AdmissionRequest, webhooks: readonly Members[]): Promise<KubeObject | undefined> {
    let current = request;
    const seen = new Map<Members, KubeObject | undefined>();
    for (const webhook of webhooks) {
      current = await this.#ask(current, webhook);
      seen.set(webhook, current.object);
    }
    for (const webhook of webhooks) {
      if (webhook["reinvocationPolicy"] !== "IfNeeded" || deepEqual(seen.get(webhook), current.object))
        continue;
      current = await this.#ask(current, webhook);
    }
    return current.object;
  }

  async #ask(request: AdmissionRequest, webhook: Members): Promise<AdmissionRequest> {
    const verdict = await ask(request, webhook, true, this.#parts);
    if (!verdict?.object) return request;
    return { ...request, object: request.kind.strategy.setDefaults(verdict.object) };
  }
}

/** Asks all webhooks that ValidatingWebhookConfigurations name, at the same time. */
export class ValidatingWebhookAdmission implements Admission {
  readonly #parts: WebhookParts;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    return request.object;
  }

  validate(request: AdmissionRequest): void | Promise<void> {
    const webhooks = selected(request, "validatingwebhookconfigurations", this.#parts);
    if (webhooks.length > 0) return this.#run(request, webhooks);
  }

  async #run(request: AdmissionRequest, webhooks: readonly Members[]): Promise<void> {
    const outcomes = await Promise.allSettled(
      webhooks.map((webhook) => ask(request, webhook, false, this.#parts)),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }
}

/** The webhooks of all configurations that a request goes to, by configuration name and then in their order. */
function selected(request: AdmissionRequest, resource: string, parts: WebhookParts): readonly Members[] {
  if (isExempt(request)) return [];
  const configurations = parts.state.list(GROUP, resource);
  return configurations
    .flatMap(webhooksOf)
    .filter((webhook) => matchesResources(webhook, request, parts.state, listOf(webhook["rules"])))
    .filter((webhook) => meetsConditions(webhook, request, parts));
}

function meetsConditions(webhook: Members, request: AdmissionRequest, { authorizer }: WebhookParts): boolean {
  const conditions = listOf(webhook["matchConditions"]);
  if (conditions.length === 0) return true;
  const bindings = {
    object: request.object ?? null,
    oldObject: request.oldObject ?? null,
    request: requestVariable(request),
    ...authorizerBindings(request, authorizer),
  };
  const evaluation = new PolicyEvaluation(bindings, kubernetesCostLimits.matchConditions);
  const problems: string[] = [];
  for (const condition of conditions) {
    const result = evaluation.evaluate(textOf(condition["expression"]));
    if ("error" in result) problems.push(result.error);
    else if (result.value !== true) return false;
  }
  if (problems.length === 0) return true;
  if (webhook["failurePolicy"] === "Ignore") return false;
  throw forbidden(
    request.kind,
    request.name,
    problems.length === 1 ? (problems[0] ?? "") : `[${problems.join(", ")}]`,
  );
}

/** The verdict of one webhook; undefined where it failed and that may be ignored. Throws where it denies. */
async function ask(
  request: AdmissionRequest,
  webhook: Members,
  mutating: boolean,
  parts: WebhookParts,
): Promise<Verdict | undefined> {
  const name = textOf(webhook["name"]);
  const quiet = webhook["sideEffects"] === "None" || webhook["sideEffects"] === "NoneOnDryRun";
  if (request.dryRun && !quiet) {
    throw failure(400, "BadRequest", `admission webhook ${JSON.stringify(name)} does not support dry run`);
  }
  let verdict: Verdict;
  try {
    verdict = await callWebhook(webhook, request, randomUid(parts.random), mutating, parts.call);
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    if (webhook["failurePolicy"] === "Ignore") return undefined;
    const message = `failed calling webhook ${JSON.stringify(name)}: ${error.message}`;
    throw failure(500, "InternalError", `Internal error occurred: ${message}`, [{ message }]);
  }
  for (const warning of verdict.warnings) request.warn(warning);
  if (!verdict.allowed) throw denial(name, verdict.status);
  return verdict;
}

function denial(name: string, status: Members): ApiError {
  const why = textOf(status["message"]) || textOf(status["reason"]);
  const head = `admission webhook ${JSON.stringify(name)} denied the request`;
  const code = typeof status["code"] === "number" && status["code"] >= 400 ? status["code"] : 400;
  const reason = textOf(status["reason"]);
  return failure(
    code,
    reason === "" ? undefined : (reason as StatusReason),
    why === "" ? `${head} without explanation` : `${head}: ${why}`,
  );
}

function failure(
  code: number,
  reason: StatusReason | undefined,
  message: string,
  causes?: { message: string }[],
): ApiError {
  return new ApiError({
    apiVersion: "v1",
    kind: "Status",
    metadata: {},
    status: "Failure",
    message,
    ...(reason ? { reason } : {}),
    ...(causes ? { details: { causes } } : {}),
    code,
  });
}
