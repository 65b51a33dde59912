import { ApiError, type StatusCause } from "@capstan/kube";
import type { FieldSet, Step } from "./field-set.js";
import type { Manager } from "./managers.js";
import { compareItemSteps, compareText, formatPath } from "./path-step.js";

/** A field that an apply wants to change although another manager owns it. */
export interface Conflict {
  /** Identity of the manager. */
  readonly id: string;
  readonly manager: Manager;
  readonly path: readonly Step[];
}

/** All conflicts, managers in the order of their identity, paths in the order of managed fields. */
export function listConflicts(
  conflicts: ReadonlyMap<string, FieldSet>,
  managers: ReadonlyMap<string, Manager>,
): Conflict[] {
  const list: Conflict[] = [];
  for (const id of [...conflicts.keys()].sort(compareText)) {
    const set = conflicts.get(id);
    const manager = managers.get(id);
    if (set && manager) for (const path of pathsOf(set)) list.push({ id, manager, path });
  }
  return list;
}

/** The members of a set: those of a node before what lies deeper, each in the order of managed fields. */
export function* pathsOf(set: FieldSet, prefix: readonly Step[] = []): Generator<readonly Step[]> {
  const children: [Step, FieldSet][] = [];
  for (const name of [...(set.fields?.keys() ?? [])].sort(compareText)) {
    const child = set.fields?.get(name);
    if (child) children.push([`f:${name}`, child]);
  }
  for (const step of [...(set.items?.keys() ?? [])].sort(compareItemSteps)) {
    const child = set.items?.get(step);
    if (child) children.push([step, child]);
  }
  for (const [step, child] of children) if (child.owned) yield [...prefix, step];
  for (const [step, child] of children) yield* pathsOf(child, [...prefix, step]);
}

/** The answer to an apply that runs into `conflicts`: 409 with a cause per field. */
export function conflictError(conflicts: readonly Conflict[]): ApiError {
  const causes: StatusCause[] = conflicts.map(({ manager, path }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${printManager(manager)}`,
    field: formatPath(path),
  }));
  return new ApiError({
    apiVersion: "v1",
    kind: "Status",
    metadata: {},
    status: "Failure",
    message: conflictMessage(conflicts),
    reason: "Conflict",
    details: { causes },
    code: 409,
  });
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first) {
    return `Apply failed with 1 conflict: conflict with ${printManager(first.manager)}: ${formatPath(first.path)}`;
  }
  const lines: string[] = [];
  let previous: string | undefined;
  for (const { id, manager, path } of conflicts) {
    if (id !== previous) lines.push(`conflicts with ${printManager(manager)}:`);
    previous = id;
    lines.push(`- ${formatPath(path)}`);
  }
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}

function printManager({ name, operation, apiVersion, subresource }: Manager): string {
  const where = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  const how = operation === "Update" ? ` using ${apiVersion}` : "";
  return JSON.stringify(name) + where + how;
}
