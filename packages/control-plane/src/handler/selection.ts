import {
  type FieldRequirement,
  type KubeObject,
  type LabelSelector,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
} from "@capstan/kube";
import { unsupportedFieldLabel } from "../kinds/selectable-fields.js";
import type { ServedKind } from "../registry/kind.js";
import { badRequest } from "./errors.js";

/** Which objects of a kind a list or watch is about. */
export interface Selection {
  readonly namespace: string | undefined;
  /** Set where a field selector pins the name. */
  readonly name: string | undefined;
  /** Absent where every object of the namespace matches. */
  readonly matches: ((object: KubeObject) => boolean) | undefined;
}

/** Reads both selectors of a request. Throws 400 for what cannot be read or is not selectable. */
export function select(
  kind: ServedKind,
  namespace: string | undefined,
  labels: string,
  fields: string,
): Selection {
  const labelSelector = labels === "" ? undefined : reading(() => parseLabelSelector(labels));
  const requirements = fields === "" ? [] : reading(() => parseFieldSelector(fields));
  const terms = requirements.map((requirement) => fieldTerm(kind, requirement));
  const pinned = requirements.find(({ field, operator }) => field === "metadata.name" && operator === "=");
  return {
    namespace,
    name: pinned?.value,
    matches: predicate(labelSelector, terms),
  };
}

type Term = (object: KubeObject) => boolean;

function predicate(labels: LabelSelector | undefined, terms: readonly Term[]): Term | undefined {
  if (labels === undefined && terms.length === 0) return undefined;
  return (object) =>
    (labels === undefined || matchesLabels(labels, object.metadata.labels ?? {})) &&
    terms.every((term) => term(object));
}

function fieldTerm(kind: ServedKind, requirement: FieldRequirement): Term {
  const read = fieldReader(kind, requirement.field);
  const wanted = requirement.operator === "=";
  return (object) => (read(object) === requirement.value) === wanted;
}

function fieldReader(kind: ServedKind, field: string): (object: KubeObject) => string {
  if (field === "metadata.name") return (object) => object.metadata.name;
  if (field === "metadata.namespace") return (object) => object.metadata.namespace ?? "";
  if (Object.hasOwn(kind.selectableFields, field)) {
    const read = kind.selectableFields[field];
    if (read !== undefined) return read;
  }
  throw badRequest(unsupportedFieldLabel(kind, field));
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}
