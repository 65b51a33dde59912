import type { KubeObject } from "@capstan/kube";
import { formatApiVersion } from "@capstan/kube";
import { applyManaged } from "../apply/apply.js";
import type { ConvertVersion } from "../apply/ownership.js";
import { updateManaged } from "../apply/update.js";
import { decodeObject } from "../schema/decode.js";
import { atVersion } from "./equivalent-kinds.js";
import type { ServedKind } from "./kind.js";
import type { KindRegistry } from "./kind-registry.js";
import type { FieldManager, FieldUpdate } from "./ports.js";

/** Ownership of fields by the rules of server-side apply, across the versions that `registry` serves. */
export function fieldOwnership(registry: KindRegistry): FieldManager {
  const managedBy = ({ kind, manager, subresource, now }: FieldUpdate) => ({
    manager,
    apiVersion: formatApiVersion(kind.group, kind.version),
    kind: kind.kind,
    ...(subresource === undefined ? {} : { subresource }),
    schema: kind.schema,
    resetFields: resetFieldsOf(kind, subresource),
    convert: conversionsOf(registry, kind),
    now,
  });
  return {
    update: (live, next, context) =>
      updateManaged({ live, next, ...(live ? {} : zeroOf(context.kind)), ...managedBy(context) }),
    apply: (live, applied, context) =>
      applyManaged({
        live,
        applied,
        force: context.force,
        ...(hasManagers(live) ? {} : zeroOf(context.kind)),
        ...managedBy(context),
      }).object,
  };
}

function hasManagers(live: KubeObject | undefined): boolean {
  return (live?.metadata.managedFields?.length ?? 0) > 0;
}

const zeros = new Map<string, KubeObject>();

/** An object of a published type as it reads before anything is set. */
function zeroOf({ group, version, kind, protobufMessage }: ServedKind): { zero?: KubeObject } {
  if (protobufMessage === undefined) return {};
  let zero = zeros.get(protobufMessage);
  if (!zero) {
    const bare = { apiVersion: formatApiVersion(group, version), kind, metadata: {} } as KubeObject;
    zero = decodeObject(protobufMessage, bare).object;
    zeros.set(protobufMessage, zero);
  }
  return { zero };
}

/** Sees an object of `kind` at the other versions that are served of it. */
function conversionsOf(registry: KindRegistry, kind: ServedKind): ConvertVersion {
  return (object, apiVersion) => {
    const other = registry.findKind(apiVersion, kind.kind);
    if (!other || other.storage.prefix !== kind.storage.prefix) return undefined;
    const source = registry.findKind(object.apiVersion, kind.kind) ?? kind;
    return { object: atVersion(object, source, other), schema: other.schema };
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
