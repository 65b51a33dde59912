import type { AccessDecision, AccessRequest, User } from "../../registry/ports.js";
import type { Answer, Call, Machinery } from "../call.js";
import { badRequest } from "../errors.js";
import { member, readReview, refuseFields, reviewed, text, texts } from "./review-body.js";

/** SubjectAccessReview and its self and local forms: may somebody do something? */
export function reviewAccess(machinery: Machinery, call: Call): Answer {
  const review = readReview(machinery, call);
  const spec = member(review, "spec");
  const self = call.kind.kind === "SelfSubjectAccessReview";
  checkAttributes(call, spec, self);
  const user = self ? call.user : subjectOf(spec);
  const request = accessRequest(user, spec);
  if (call.kind.kind === "LocalSubjectAccessReview" && request.namespace !== call.info.namespace) {
    refuseFields(call, "", [
      {
        type: "Invalid value",
        field: "spec.resourceAttributes.namespace",
        value: request.namespace ?? "",
        detail: "must match metadata.namespace",
      },
    ]);
  }
  return reviewed(review, accessStatus(machinery.authorizer.authorize(request)));
}

function checkAttributes(call: Call, spec: Record<string, unknown>, self: boolean): void {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if ((resourceAttributes === undefined) === (nonResourceAttributes === undefined)) {
    const field = resourceAttributes === undefined ? "spec.resourceAttributes" : "spec.nonResourceAttributes";
    refuseFields(call, "", [
      {
        type: "Invalid value",
        field,
        value: resourceAttributes === undefined ? null : nonResourceAttributes,
        detail: "exactly one of nonResourceAttributes or resourceAttributes must be specified",
      },
    ]);
  }
  if (!self && text(spec, "user") === "" && texts(spec, "groups").length === 0) {
    refuseFields(call, "", [
      {
        type: "Invalid value",
        field: "spec.user",
        value: "",
        detail: "at least one of user or group must be specified",
      },
    ]);
  }
}

function subjectOf(spec: Record<string, unknown>): User {
  const uid = text(spec, "uid");
  return { name: text(spec, "user"), groups: texts(spec, "groups"), ...(uid === "" ? {} : { uid }) };
}

function accessRequest(user: User, spec: Record<string, unknown>): AccessRequest {
  if (spec["nonResourceAttributes"] !== undefined) {
    const path = member(spec, "nonResourceAttributes");
    return { user, verb: text(path, "verb"), path: text(path, "path") };
  }
  const resource = member(spec, "resourceAttributes");
  const namespace = text(resource, "namespace");
  const subresource = text(resource, "subresource");
  return {
    user,
    verb: text(resource, "verb"),
    group: text(resource, "group"),
    version: text(resource, "version"),
    resource: text(resource, "resource"),
    name: text(resource, "name"),
    ...(namespace === "" ? {} : { namespace }),
    ...(subresource === "" ? {} : { subresource }),
  };
}

function accessStatus(decision: AccessDecision): Record<string, unknown> {
  return {
    allowed: decision.allowed,
    ...(decision.denied === true ? { denied: true } : {}),
    ...(decision.reason === undefined || decision.reason === "" ? {} : { reason: decision.reason }),
    ...(decision.evaluationError === undefined ? {} : { evaluationError: decision.evaluationError }),
  };
}

/** SelfSubjectRulesReview: everything the caller may do in one namespace. */
export function reviewRules(machinery: Machinery, call: Call): Answer {
  const review = readReview(machinery, call);
  const namespace = text(member(review, "spec"), "namespace");
  if (namespace === "") throw badRequest("no namespace on request");
  return reviewed(review, machinery.authorizer.rulesFor(call.user, namespace));
}

/** SelfSubjectReview: who the caller is. */
export function reviewSelf(machinery: Machinery, call: Call): Answer {
  const review = readReview(machinery, call);
  return reviewed(review, { userInfo: userInfo(call.user) });
}

/** A user as `authentication.k8s.io` shows it. */
export function userInfo(user: User): Record<string, unknown> {
  return {
    username: user.name,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    groups: user.groups,
    ...(user.extra === undefined ? {} : { extra: user.extra }),
  };
}
