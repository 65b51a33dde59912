import { formatApiVersion } from "@capstan/kube";
import type { ScaleDefinition, ServedKind } from "../registry/kind.js";
import { messageSchema } from "../schema/message-schema.js";
import { builtInColumns } from "../table/built-in-columns.js";
import { conversionOf } from "./conversion.js";
import { KIND_TABLE } from "./kind-table.js";
import { podGracePeriod } from "./pod-grace-period.js";
import { selectableFieldsOf } from "./selectable-fields.js";
import { strategyOf } from "./strategy.js";
import { deprecationsOf } from "./warnings/warnings.js";

const VERBS: Readonly<Record<string, string>> = {
  c: "create",
  d: "delete",
  x: "deletecollection",
  g: "get",
  l: "list",
  p: "patch",
  u: "update",
  w: "watch",
};

let kinds: readonly ServedKind[] | undefined;

/**
 * Every built-in kind that Kubernetes 1.35 serves by default. The list is read once; schemas, columns
 * and published types of a kind are expanded when they are first looked at.
 */
export function builtInKinds(): readonly ServedKind[] {
  kinds ??= KIND_TABLE.trim().split("\n").map(readKind);
  return kinds;
}

function readKind(line: string): ServedKind {
  const [
    group = "",
    version = "",
    kind = "",
    resource = "",
    shortNames = "",
    categories = "",
    message = "",
    verbs = "",
    traits = "",
  ] = line.split(" ");
  const apiGroup = group === "-" ? "" : group;
  const has = (trait: string) => traits.includes(trait);
  const storage = storageOf(apiGroup, version, resource);
  const scale = has("c") ? scaleOf(kind) : undefined;
  const deprecations = deprecationsOf(message);
  return {
    group: apiGroup,
    version,
    kind,
    listKind: kind === "Endpoints" ? "EndpointsList" : `${kind}List`,
    resource,
    singular: kind.toLowerCase(),
    shortNames: names(shortNames),
    categories: names(categories),
    namespaced: has("n"),
    verbs: [...(verbs === "all" ? "cdxglpuw" : verbs)].map((letter) => VERBS[letter] ?? ""),
    statusSubresource: has("s"),
    ...(scale === undefined ? {} : { scale }),
    generation: has("g"),
    get schema() {
      return messageSchema(message);
    },
    get columns() {
      return builtInColumns(kind);
    },
    selectableFields: selectableFieldsOf(apiGroup, kind),
    strategy: strategyOf(apiGroup, version, kind, message),
    ...(deprecations === undefined ? {} : { deprecations }),
    ...(has("v") ? { unconditionalUpdate: false } : {}),
    ...(has("d") ? { returnsDeleted: true } : {}),
    ...(has("o") ? { defaultPropagation: "Orphan" as const } : {}),
    ...(message === "core.v1.Pod" ? { gracePeriodSeconds: podGracePeriod } : {}),
    // Both groups' events are one type to the server, that of the core group.
    ...(message === "events.v1.Event" ? { ownGroup: "" } : {}),
    protobufMessage: message,
    storage,
  };
}

function names(text: string): readonly string[] {
  return text === "-" ? [] : text.split(",");
}

function scaleOf(kind: string): ScaleDefinition {
  return {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.replicas",
    ...(kind === "ReplicationController" ? {} : { labelSelectorPath: ".spec.selector" }),
  };
}

function storageOf(group: string, version: string, resource: string): ServedKind["storage"] {
  if (resource === "events") {
    return stored("core/events", "v1", conversionOf(group, version, resource));
  }
  if (resource === "horizontalpodautoscalers") {
    return stored(
      "autoscaling/horizontalpodautoscalers",
      "autoscaling/v2",
      conversionOf(group, version, resource),
    );
  }
  if (resource.startsWith("mutatingadmissionpolic")) {
    const prefix = `admissionregistration.k8s.io/${resource}`;
    return stored(prefix, "admissionregistration.k8s.io/v1beta1", conversionOf(group, version, resource));
  }
  return stored(`${group === "" ? "core" : group}/${resource}`, formatApiVersion(group, version), undefined);
}

function stored(
  prefix: string,
  apiVersion: string,
  convert: ServedKind["storage"]["convert"],
): ServedKind["storage"] {
  return { prefix, apiVersion, ...(convert === undefined ? {} : { convert }) };
}
