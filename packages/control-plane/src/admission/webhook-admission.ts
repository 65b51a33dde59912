import { kubernetesCostLimits } from "@capstan/cel";
import { ApiError, deepEqual, type KubeObject, type Random, type StatusReason } from "@capstan/kube";
import { forbidden } from "../handler/errors.js";
import { randomUid } from "../handler/object-name.js";
import { convertedTo, type EquivalentKinds } from "../registry/equivalent-kinds.js";
import type { Admission, AdmissionRequest, Authorizer } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { isExempt, matchedKind, matchesRules } from "./match-resources.js";
import { listOf, type Members, textOf } from "./members.js";
import { authorizerBindings, PolicyEvaluation, requestVariable } from "./policy-expressions.js";
import { callWebhook, type Verdict, type WebhookCaller, WebhookError, webhooksOf } from "./webhook-call.js";
import { noteFailure, noteMutation, noteVerdict, type PlacedWebhook } from "./webhook-notes.js";

const GROUP = "admissionregistration.k8s.io";

/** What webhooks need beside the configurations. */
export interface WebhookParts {
  readonly state: AdmissionState;
  readonly authorizer: Authorizer;
  readonly call: WebhookCaller;
  readonly random: Random;
  readonly versions: EquivalentKinds;
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
    const webhooks = candidates(request, "mutatingwebhookconfigurations", this.#parts);
    return webhooks.length === 0 ? request.object : this.#run(request, webhooks);
  }

  validate(): void {
    // Mutating webhooks had their say before the object was validated.
  }

  async #run(request: AdmissionRequest, webhooks: readonly PlacedWebhook[]): Promise<KubeObject | undefined> {
    let current = request;
    const seen = new Map<PlacedWebhook, KubeObject | undefined>();
    for (const placed of webhooks) {
      const shown = await selected(current, placed.webhook, this.#parts);
      if (shown === undefined) continue;
      current = await this.#ask(current, shown, placed, 0);
      seen.set(placed, current.object);
    }
    for (const [placed, left] of seen) {
      const { webhook } = placed;
      if (webhook["reinvocationPolicy"] !== "IfNeeded" || deepEqual(left, current.object)) continue;
      const shown = await selected(current, webhook, this.#parts);
      if (shown !== undefined) current = await this.#ask(current, shown, placed, 1);
    }
    return current.object;
  }

  /** Asks with the request as it is `shown`; the answer's object comes back at the version of `request`. */
  async #ask(
    request: AdmissionRequest,
    shown: AdmissionRequest,
    placed: PlacedWebhook,
    round: number,
  ): Promise<AdmissionRequest> {
    let verdict: Verdict | undefined;
    let mutated = false;
    try {
      verdict = await ask(shown, placed, { mutating: true, round }, this.#parts);
      mutated = verdict?.object !== undefined && !deepEqual(verdict.object, shown.object);
    } finally {
      noteMutation(request, placed, round, verdict, mutated);
    }
    if (!verdict?.object) return request;
    const object = await convertedTo(verdict.object, shown.kind, request.kind);
    return { ...request, object: request.kind.strategy.setDefaults(object ?? verdict.object) };
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
    const webhooks = candidates(request, "validatingwebhookconfigurations", this.#parts);
    if (webhooks.length > 0) return this.#run(request, webhooks);
  }

  async #run(request: AdmissionRequest, webhooks: readonly PlacedWebhook[]): Promise<void> {
    const outcomes = await Promise.allSettled(
      webhooks.map(async (placed, index) => {
        const shown = await selected(request, placed.webhook, this.#parts);
        if (shown === undefined) return;
        await ask(shown, { ...placed, index }, { mutating: false, round: 0 }, this.#parts);
      }),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }
}

/** The webhooks of all configurations whose rules fit a request, by configuration name and then in their order. */
function candidates(
  request: AdmissionRequest,
  resource: string,
  parts: WebhookParts,
): readonly PlacedWebhook[] {
  if (isExempt(request)) return [];
  const placed: PlacedWebhook[] = [];
  let index = 0;
  for (const configuration of parts.state.list(GROUP, resource)) {
    for (const webhook of webhooksOf(configuration)) {
      if (matchesRules(webhook, request, parts, listOf(webhook["rules"]))) {
        placed.push({ webhook, configuration: configuration.metadata.name ?? "", index });
      }
      index++;
    }
  }
  return placed;
}

/** The request as a webhook is shown it, at the version that its rules name; undefined where it is none of its. */
async function selected(
  request: AdmissionRequest,
  webhook: Members,
  parts: WebhookParts,
): Promise<AdmissionRequest | undefined> {
  const kind = matchedKind(webhook, request, parts, listOf(webhook["rules"]));
  if (kind === undefined) return undefined;
  const shown =
    kind === request.kind
      ? request
      : {
          ...request,
          kind,
          requestKind: request.kind,
          object: await convertedTo(request.object, request.kind, kind),
          oldObject: await convertedTo(request.oldObject, request.kind, kind),
        };
  return meetsConditions(webhook, shown, parts) ? shown : undefined;
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
  placed: PlacedWebhook,
  { mutating, round }: { readonly mutating: boolean; readonly round: number },
  parts: WebhookParts,
): Promise<Verdict | undefined> {
  const { webhook } = placed;
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
    if (webhook["failurePolicy"] === "Ignore") {
      noteFailure(request, placed, mutating ? "mutation" : "validating", round);
      return undefined;
    }
    const message = `failed calling webhook ${JSON.stringify(name)}: ${error.message}`;
    throw failure(500, "InternalError", `Internal error occurred: ${message}`, [{ message }]);
  }
  for (const warning of verdict.warnings) request.warn(warning);
  noteVerdict(request, webhook, verdict);
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
