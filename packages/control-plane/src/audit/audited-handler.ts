import { type Clock, formatMicroTime, type Status } from "@capstan/kube";
import { asApiError } from "../handler/errors.js";
import type { Handler, HandlerAnswer, HandlerRequest } from "../handler/handler.js";
import { parseRequestInfo, type RequestInfo } from "../handler/request-info.js";
import type { AnswerShaper } from "../handler/shape.js";
import type { Annotate } from "../registry/ports.js";
import { withoutSecrets } from "./audit-bodies.js";
import { objectRefOf, responseStatusOf, uriOf, usersOf, withBodysName } from "./audit-event.js";
import { type AuditDecision, type AuditPolicy, type AuditStage, auditDecision } from "./audit-policy.js";

/** One line of the audit log: `audit.k8s.io/v1` Event. */
export type AuditEvent = Readonly<Record<string, unknown>>;

/** Where audit events go. Must not throw. */
export type AuditSink = (event: AuditEvent) => void;

interface Answered {
  readonly code: number;
  /** Gives what was answered with, where it is an object: a Status for failures. */
  readonly object?: () => unknown;
  /** The same, where it may be a Status. */
  readonly status?: unknown;
}

/**
 * A handler that writes down who asked what, and how it was answered. Bodies of Secrets, tokens and
 * reviews of tokens are never written down, whatever the policy says.
 */
export class AuditedHandler implements Pick<Handler, "handle"> {
  readonly #handler: Pick<Handler, "handle">;
  readonly #policy: AuditPolicy;
  readonly #sink: AuditSink;
  readonly #clock: Clock;
  readonly #newId: () => string;
  readonly #shaper: AnswerShaper;

  constructor(
    handler: Pick<Handler, "handle">,
    parts: {
      readonly policy: AuditPolicy;
      readonly sink: AuditSink;
      readonly clock: Clock;
      readonly newId: () => string;
      readonly shaper: AnswerShaper;
    },
  ) {
    this.#handler = handler;
    this.#policy = parts.policy;
    this.#sink = parts.sink;
    this.#clock = parts.clock;
    this.#newId = parts.newId;
    this.#shaper = parts.shaper;
  }

  async handle(request: HandlerRequest): Promise<HandlerAnswer> {
    const info = infoOf(request);
    const decision = auditDecision(this.#policy, request.origin?.impersonator ?? request.user, info);
    if (decision.level === "None") return this.#handler.handle(request);
    const trail = this.#trail(request, info, decision);
    trail("RequestReceived");
    try {
      const handled = await this.#handler.handle({
        ...request,
        signal: request.signal,
        annotate: trail.annotate,
        received: trail.received,
      });
      this.#answered(handled, trail);
      return handled;
    } catch (error) {
      const { status } = asApiError(error);
      trail("ResponseComplete", { code: status.code, status, object: () => status });
      throw error;
    }
  }

  /** Writes down a request that nobody was let in with. */
  refused(request: Omit<HandlerRequest, "user">, status: Status): void {
    const asked = { ...request, user: { name: "", groups: [] } };
    const info = infoOf(asked);
    const decision = auditDecision(this.#policy, undefined, info);
    if (decision.level === "None") return;
    this.#trail(
      asked,
      info,
      decision,
    )("ResponseStarted", { code: status.code, status, object: () => status });
  }

  #answered({ answer, accept }: HandlerAnswer, trail: Trail): void {
    switch (answer.type) {
      case "watch":
        trail("ResponseStarted", { code: 200 });
        answer.stream.onEnd(() => trail("ResponseComplete", { code: 200 }));
        return;
      case "object":
        trail("ResponseComplete", { code: answer.status, object: () => this.#shaper.object(answer, accept) });
        return;
      case "value":
        trail("ResponseComplete", {
          code: answer.status,
          status: answer.value,
          object: () => answer.value,
        });
        return;
      case "list":
        trail("ResponseComplete", {
          code: 200,
          object: () => orStatus(() => this.#shaper.list(answer.list, accept)),
        });
        return;
      default:
        trail("ResponseComplete", { code: answer.status ?? 200 });
    }
  }

  #trail(request: HandlerRequest, info: RequestInfo, decision: AuditDecision): Trail {
    const received = this.#clock.now();
    const annotations: Record<string, string> = {};
    const bodies = decision.level === "Request" || decision.level === "RequestResponse";
    const fixed = {
      kind: "Event",
      apiVersion: "audit.k8s.io/v1",
      level: decision.level,
      auditID: request.origin?.auditId ?? this.#newId(),
    };
    const about = {
      requestURI: uriOf(request),
      verb: info.verb,
      ...usersOf(request),
      sourceIPs: request.origin === undefined ? [] : [request.origin.address],
      userAgent: request.headers["user-agent"] ?? "",
    };
    const asked = objectRefOf(info, request.query);
    let sent: unknown;
    const write = (stage: AuditStage, answered?: Answered) => {
      if (decision.omitStages.includes(stage)) return;
      const response =
        decision.level === "RequestResponse"
          ? withoutSecrets(info, answered?.object?.(), decision)
          : undefined;
      const body = bodies ? withoutSecrets(info, sent, decision) : undefined;
      this.#sink({
        ...fixed,
        stage,
        ...about,
        // Until it is worked on, nobody has read what a request holds.
        objectRef: answered === undefined ? asked : withBodysName(asked, info.verb, sent),
        ...(answered === undefined
          ? {}
          : { responseStatus: responseStatusOf(answered.code, answered.status) }),
        ...(answered === undefined || body === undefined ? {} : { requestObject: body }),
        ...(response === undefined ? {} : { responseObject: response }),
        requestReceivedTimestamp: formatMicroTime(received),
        stageTimestamp: formatMicroTime(this.#clock.now()),
        ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
      });
    };
    return Object.assign(write, {
      annotate: (key: string, value: string, from?: "Request") => {
        if (from === "Request" && !bodies) return;
        annotations[key] ??= value;
      },
      received: (value: unknown) => {
        sent ??= value;
      },
    });
  }
}

interface Trail {
  (stage: AuditStage, answered?: Answered): void;
  readonly annotate: Annotate;
  readonly received: (body: unknown) => void;
}

/** A view of an answer; the Status of its failure where the answer cannot be seen so. */
function orStatus(view: () => unknown): unknown {
  try {
    return view();
  } catch (error) {
    return asApiError(error).status;
  }
}

function infoOf(request: HandlerRequest): RequestInfo {
  try {
    return parseRequestInfo(request.method, request.path, request.query.get("watch"));
  } catch {
    // A path with bad escapes: the handler refuses it, and it is written down as it came.
    return { isResource: false, path: request.path, verb: request.method.toLowerCase() };
  }
}
