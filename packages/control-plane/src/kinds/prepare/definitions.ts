import type { KubeObject } from "@capstan/kube";
import { listAt, type Members, membersAt, textAt, textsAt } from "../members.js";

function storageVersion(object: KubeObject): string | undefined {
  const versions = listAt(membersAt(object as Members, "spec"), "versions");
  const stored = versions.find((version) => version["storage"] === true);
  return stored === undefined ? undefined : textAt(stored, "name");
}

/** A definition that nothing has accepted yet; it already says which version it is stored in. */
export function prepareDefinition(object: KubeObject): KubeObject {
  const stored = storageVersion(object);
  const status = {
    conditions: null,
    acceptedNames: { plural: "", kind: "" },
    storedVersions: stored === undefined ? null : [stored],
  };
  return { ...object, status };
}

/** A new storage version joins the ones that objects may already be stored in. */
export function prepareDefinitionUpdate(
  next: KubeObject,
  _previous: KubeObject,
  subresource: string | undefined,
): KubeObject {
  const stored = storageVersion(next);
  const status = membersAt(next as Members, "status");
  if (subresource !== undefined || stored === undefined || status === undefined) return next;
  const known = textsAt(status, "storedVersions");
  return known.includes(stored)
    ? next
    : { ...next, status: { ...status, storedVersions: [...known, stored] } };
}

/** Only `approval` says whether a certificate request is approved, only `status` carries the rest. */
export function prepareCertificateRequestUpdate(
  next: KubeObject,
  previous: KubeObject,
  subresource: string | undefined,
): KubeObject {
  const isDecision = (condition: Members) =>
    condition["type"] === "Approved" || condition["type"] === "Denied";
  const nextConditions = listAt(membersAt(next as Members, "status"), "conditions");
  const oldStatus = membersAt(previous as Members, "status") ?? {};
  const oldConditions = listAt(oldStatus, "conditions");
  if (subresource === "approval") return { ...next, status: { ...oldStatus, conditions: nextConditions } };
  if (subresource !== "status") return next;
  const conditions = [
    ...nextConditions.filter((condition) => !isDecision(condition)),
    ...oldConditions.filter(isDecision),
  ];
  const status = membersAt(next as Members, "status") ?? {};
  return { ...next, status: conditions.length === 0 ? status : { ...status, conditions } };
}
