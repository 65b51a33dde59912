import { formatTime } from "@capstan/kube";
import { type TokenAuthenticator, userOfToken } from "../../authentication/authenticator.js";
import type { BoundObject, ServiceAccountTokens } from "../../authentication/service-account-tokens.js";
import { genericKind } from "../../registry/generic-kind.js";
import type { FieldError } from "../../registry/kind.js";
import type { Answer, Call, Machinery } from "../call.js";
import { badRequest, conflict, notFound } from "../errors.js";
import { userInfo } from "./access-reviews.js";
import { member, readReview, refuseFields, reviewed, text, texts } from "./review-body.js";

const DEFAULT_LIFETIME_S = 3_600;
const MIN_LIFETIME_S = 600;
const MAX_LIFETIME_S = 2 ** 32;
const BOUND_RESOURCES = { Pod: "pods", Secret: "secrets", Node: "nodes" } as const;

/** POST to `serviceaccounts/<name>/token`: a token for the account. */
export function requestToken(machinery: Machinery, call: Call, tokens: ServiceAccountTokens): Answer {
  const { namespace = "", name } = call.info;
  const accounts = machinery.registry.find("", "v1", "serviceaccounts");
  const account = accounts && machinery.objects.get(accounts, namespace, name);
  if (account === undefined) throw notFound({ group: "", resource: "serviceaccounts" }, name);
  const request = readReview(machinery, { ...call, kind: TOKEN_REQUEST });
  const spec = member(request, "spec");
  const asked = spec["expirationSeconds"];
  const lifetime = typeof asked === "number" ? asked : DEFAULT_LIFETIME_S;
  checkLifetime(call, name, lifetime);
  const audiences = texts(spec, "audiences");
  const bound = boundObject(machinery, namespace, member(spec, "boundObjectRef"));
  const { uid = "" } = account.object.metadata;
  const granted = audiences.length === 0 ? [tokens.issuer] : audiences;
  const issued = tokens.issue({ namespace, name, uid }, granted, lifetime, bound);
  return {
    type: "object",
    status: 201,
    object: {
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      metadata: { name, namespace, creationTimestamp: formatTime(machinery.clock.now()) },
      spec: {
        ...spec,
        audiences: granted,
        expirationSeconds: lifetime,
        boundObjectRef: spec["boundObjectRef"] ?? null,
      },
      status: { token: issued.token, expirationTimestamp: formatTime(issued.expires) },
    },
  };
}

/** Served as a subresource only, so no list of kinds names it. */
const TOKEN_REQUEST = genericKind({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenRequest",
  resource: "tokenrequests",
  namespaced: true,
  extra: { protobufMessage: "authentication.v1.TokenRequest" },
});

function checkLifetime(call: Call, name: string, lifetime: number): void {
  const errors: FieldError[] = [];
  const field = "spec.expirationSeconds";
  if (lifetime < MIN_LIFETIME_S) {
    const detail = "may not specify a duration less than 10 minutes";
    errors.push({ type: "Invalid value", field, value: lifetime, detail });
  } else if (lifetime > MAX_LIFETIME_S) {
    const detail = "may not specify a duration larger than 2^32 seconds";
    errors.push({ type: "Invalid value", field, value: lifetime, detail });
  }
  refuseFields({ ...call, kind: TOKEN_REQUEST }, name, errors);
}

function boundObject(
  machinery: Machinery,
  namespace: string,
  reference: Record<string, unknown>,
): BoundObject | undefined {
  const kind = text(reference, "kind");
  if (kind === "") return undefined;
  if (kind !== "Pod" && kind !== "Secret" && kind !== "Node") {
    throw badRequest(`cannot bind token to object of type ${kind}`);
  }
  const resource = BOUND_RESOURCES[kind];
  const name = text(reference, "name");
  const served = machinery.registry.find("", "v1", resource);
  const stored = served && machinery.objects.get(served, namespace, name);
  if (stored === undefined) throw notFound({ group: "", resource }, name);
  const { uid = "" } = stored.object.metadata;
  const asked = text(reference, "uid");
  if (asked !== "" && asked !== uid) {
    throw conflict(
      { group: "", resource },
      name,
      `the UID in the bound object reference (${asked}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return { kind, name, uid };
}

/** TokenReview: whose token is this? */
export function reviewToken(
  machinery: Machinery,
  call: Call,
  parts: { readonly authenticators: readonly TokenAuthenticator[]; readonly accounts: ServiceAccountTokens },
): Answer {
  const review = readReview(machinery, call);
  const spec = member(review, "spec");
  const token = text(spec, "token");
  if (token === "") throw badRequest("token is required for TokenReview in authentication");
  const shown = { ...review, spec };
  const verdict = parts.accounts.check(token);
  if (verdict !== undefined && "error" in verdict) {
    return reviewed(shown, { user: {}, error: `[invalid bearer token, ${verdict.error}]` });
  }
  const user = verdict?.user ?? userOfToken(token, parts.authenticators);
  if (user === undefined) return reviewed(shown, { user: {}, error: "invalid bearer token" });
  const asked = texts(spec, "audiences");
  const own = verdict?.audiences ?? [parts.accounts.issuer];
  const audiences = asked.length === 0 ? own : asked.filter((audience) => own.includes(audience));
  if (audiences.length === 0) {
    return reviewed(shown, { user: {}, error: "token audiences do not match the requested audiences" });
  }
  return reviewed(shown, { authenticated: true, user: userInfo(user), audiences });
}
