import {
  defaultEmptyTo,
  defaultTo,
  ensureMembers,
  listAt,
  type Members,
  membersAt,
  textAt,
  textsAt,
} from "../members.js";

export function defaultCustomResourceDefinition(object: Members): void {
  const spec = ensureMembers(object, "spec");
  const names = ensureMembers(spec, "names");
  const kind = textAt(names, "kind");
  defaultEmptyTo(names, "singular", kind.toLowerCase());
  if (kind !== "") defaultEmptyTo(names, "listKind", `${kind}List`);
  const conversion = ensureMembers(spec, "conversion");
  defaultEmptyTo(conversion, "strategy", "None");
  const service = membersAt(membersAt(membersAt(conversion, "webhook"), "clientConfig"), "service");
  if (service !== undefined) defaultTo(service, "port", 443);
  const status = ensureMembers(object, "status");
  defaultTo(status, "conditions", null);
  defaultTo(status, "acceptedNames", { plural: "", kind: "" });
  if (textsAt(status, "storedVersions").length > 0) return;
  const stored = listAt(spec, "versions").find((version) => version["storage"] === true);
  status["storedVersions"] = stored === undefined ? null : [textAt(stored, "name")];
}

export function defaultApiService(object: Members): void {
  const service = membersAt(membersAt(object, "spec"), "service");
  if (service !== undefined) defaultTo(service, "port", 443);
}

export function defaultPriorityClass(object: Members): void {
  defaultTo(object, "preemptionPolicy", "PreemptLowerPriority");
}

function defaultDeviceRequests(claimSpec: Members | undefined): void {
  for (const request of listAt(membersAt(claimSpec, "devices"), "requests")) {
    const exactly = membersAt(request, "exactly");
    for (const choice of [
      ...(exactly === undefined ? [] : [exactly]),
      ...listAt(request, "firstAvailable"),
    ]) {
      defaultEmptyTo(choice, "allocationMode", "ExactCount");
      if (choice["allocationMode"] === "ExactCount") defaultEmptyTo(choice, "count", 1);
    }
  }
}

export function defaultResourceClaim(object: Members): void {
  defaultDeviceRequests(membersAt(object, "spec"));
}

export function defaultResourceClaimTemplate(object: Members): void {
  defaultDeviceRequests(membersAt(membersAt(object, "spec"), "spec"));
}
