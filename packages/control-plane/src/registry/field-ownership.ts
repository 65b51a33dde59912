import { applyManaged } from "../apply/apply.js";
import { updateManaged } from "../apply/update.js";
import type { ServedKind } from "./kind.js";
import type { FieldManager, FieldUpdate } from "./ports.js";

/** Ownership of fields by the rules of server-side apply. */
export const fieldOwnership: FieldManager = {
  update: (live, next, context) => updateManaged({ live, next, ...managedBy(context) }),
  apply: (live, applied, context) =>
    applyManaged({
      live,
      applied,
      force: context.force,
      kind: context.kind.kind,
      ...managedBy(context),
    }).object,
};

function managedBy({ kind, manager, subresource, now }: FieldUpdate) {
  return {
    manager,
    apiVersion: kind.group === "" ? kind.version : `${kind.group}/${kind.version}`,
    ...(subresource === undefined ? {} : { subresource }),
    schema: kind.schema,
    resetFields: resetFieldsOf(kind, subresource),
    now,
  };
}

const STATUS_ONLY: readonly (readonly string[])[] = [["status"]];
const SPEC_ONLY: readonly (readonly string[])[] = [["spec"]];
const ALL_BUT_STATUS: readonly (readonly string[])[] = [["spec"], ["metadata"]];
const NONE: readonly (readonly string[])[] = [];

/** What an endpoint does not let clients set: status on the object, the rest on its status. */
function resetFieldsOf(kind: ServedKind, subresource: string | undefined): readonly (readonly string[])[] {
  if (subresource === "status") return kind.strategicMergePatch === false ? ALL_BUT_STATUS : SPEC_ONLY;
  return kind.statusSubresource ? STATUS_ONLY : NONE;
}
