import type { RequestInfo } from "../handler/request-info.js";
import type { AuditDecision } from "./audit-policy.js";

/** Resources whose bodies are secrets themselves, by group. */
const SECRET: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["", new Set(["secrets"])],
  ["authentication.k8s.io", new Set(["tokenreviews"])],
]);
const SECRET_SUBRESOURCES = new Set(["token"]);

/** A body as it may be written down: not at all where it is a secret, without managedFields where asked. */
export function withoutSecrets(info: RequestInfo, body: unknown, decision: AuditDecision): unknown {
  if (!info.isResource || body === undefined) return undefined;
  if (SECRET.get(info.group)?.has(info.resource) === true) return undefined;
  if (info.subresource !== undefined && SECRET_SUBRESOURCES.has(info.subresource)) return undefined;
  return decision.omitManagedFields ? withoutManagedFields(body) : body;
}

function withoutManagedFields(body: unknown): unknown {
  if (typeof body === "object" && body !== null && "items" in body && Array.isArray(body.items)) {
    return { ...body, items: body.items.map(withoutManagedFields) };
  }
  if (typeof body !== "object" || body === null || !("metadata" in body)) return body;
  const { metadata } = body;
  if (typeof metadata !== "object" || metadata === null || !("managedFields" in metadata)) return body;
  const { managedFields: _, ...rest } = metadata;
  return { ...body, metadata: rest };
}
