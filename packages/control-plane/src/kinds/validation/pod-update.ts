import { deepEqual, type KubeObject } from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt } from "../members.js";
import type { Problems } from "./problems.js";

const FIELDS =
  "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

function specOf(object: KubeObject): Members {
  return membersAt(object as Members, "spec") ?? {};
}

/** What an update of a pod may change: images, a deadline, more tolerations, fewer scheduling gates. */
export function validatePodUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const [spec, old] = [specOf(next), specOf(previous)];
  for (const list of ["containers", "initContainers"]) {
    if (listAt(spec, list).length !== listAt(old, list).length) {
      problems.forbidden(`spec.${list}`, "pod updates may not add or remove containers");
      return;
    }
  }
  validateDeadline(problems, spec, old);
  validateTolerationChanges(problems, spec, old);
  validateGateChanges(problems, spec, old);
  const gated = listAt(old, "schedulingGates").length > 0;
  if (!deepEqual(fixedPart(spec, gated), fixedPart(old, gated))) {
    problems.forbidden("spec", `pod updates may not change fields other than ${FIELDS}`);
  }
}

/** Of a pod's ephemeral containers, those that are there stay as they are. */
export function validateEphemeralUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const kept = new Map(
    listAt(specOf(next), "ephemeralContainers").map((each) => [textAt(each, "name"), each]),
  );
  for (const before of listAt(specOf(previous), "ephemeralContainers")) {
    const name = textAt(before, "name");
    const now = kept.get(name);
    if (deepEqual(now, before)) continue;
    const how = now === undefined ? "removed" : "changed";
    problems.forbidden(
      "spec.ephemeralContainers",
      `existing ephemeral containers ${JSON.stringify(name)} may not be ${how}\n`,
    );
  }
}

function validateDeadline(problems: Problems, spec: Members, old: Members): void {
  const [next, before] = [numberAt(spec, "activeDeadlineSeconds"), numberAt(old, "activeDeadlineSeconds")];
  const field = "spec.activeDeadlineSeconds";
  if (before === undefined || next === before) return;
  if (next === undefined)
    problems.invalid(field, next, "must not update from a positive integer to nil value");
  else if (next > before) problems.invalid(field, next, "must be less than or equal to previous value");
}

function validateTolerationChanges(problems: Problems, spec: Members, old: Members): void {
  const bare = ({ tolerationSeconds: _seconds, ...rest }: Members) => rest;
  const next = listAt(spec, "tolerations");
  const kept = listAt(old, "tolerations").every((before) =>
    next.some((candidate) => deepEqual(bare(candidate), bare(before))),
  );
  if (!kept) {
    problems.forbidden(
      "spec.tolerations",
      "existing toleration can not be modified except its tolerationSeconds",
    );
  }
}

function validateGateChanges(problems: Problems, spec: Members, old: Members): void {
  const known = new Set(listAt(old, "schedulingGates").map((gate) => textAt(gate, "name")));
  for (const [index, gate] of listAt(spec, "schedulingGates").entries()) {
    const name = textAt(gate, "name");
    if (known.has(name)) continue;
    problems.forbidden(
      `spec.schedulingGates[${index}].name`,
      `only deletion is allowed, but found new scheduling gate '${name}'`,
    );
  }
}

/** The part of a pod's spec that never changes. */
function fixedPart(spec: Members, gated: boolean): Members {
  const {
    activeDeadlineSeconds: _deadline,
    tolerations: _tolerations,
    schedulingGates: _gates,
    terminationGracePeriodSeconds: grace,
    ...rest
  } = spec;
  if (gated) {
    delete rest["nodeSelector"];
    delete rest["affinity"];
  }
  const withoutImages = (list: string) =>
    listAt(spec, list).map(({ image: _image, ...container }) => container);
  return {
    ...rest,
    terminationGracePeriodSeconds: typeof grace === "number" && grace < 0 ? 1 : grace,
    containers: withoutImages("containers"),
    initContainers: withoutImages("initContainers"),
  };
}
