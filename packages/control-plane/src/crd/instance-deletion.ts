import { type ApiRequest, parseTime, type Transport } from "@capstan/kube";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import { failureOf } from "../lifecycle/answer-failure.js";
import { pathOf } from "../lifecycle/api-calls.js";
import type { ServedKind } from "../registry/kind.js";
import { terminatingCondition } from "./conditions.js";
import type { CustomResourceDefinition, DefinitionCondition } from "./definition.js";

/** Objects that are held longer than this are told of. */
const PATIENCE_MS = 60_000;

interface Parts {
  readonly objects: ObjectStorage;
  readonly transport: Transport;
  readonly now: number;
}

/** What a definition shows while its objects are on their way. */
export const IN_PROGRESS = terminatingCondition(
  "InstanceDeletionInProgress",
  "CustomResource deletion is in progress",
);

/**
 * Deletes the objects of a definition that is being deleted, in the words of Kubernetes' finalizer of
 * definitions. Resolves with what the definition has to show while some are left, or with undefined.
 */
export async function deleteInstances(
  crd: CustomResourceDefinition,
  kind: ServedKind,
  parts: Parts,
): Promise<DefinitionCondition | undefined> {
  if (count(kind, parts) === 0) return undefined;
  const ask = async (method: ApiRequest["method"], path: string): Promise<string | undefined> => {
    const body = method === "DELETE" ? { propagationPolicy: "Background" } : undefined;
    const answer = await parts.transport.request({ method, path, body });
    return answer.status < 400 ? undefined : failureOf(answer);
  };
  // Where somebody else converts them, it shows once, for all of them, that nobody does.
  const unread = kind.storage.remote === undefined ? undefined : await ask("GET", pathOf(kind, undefined));
  if (unread !== undefined) return failed(`could not list instances: ${unread}`);
  const failures = new Set<string>();
  for (const namespace of namespacesOf(kind, parts)) {
    const failure = await ask("DELETE", pathOf(kind, namespace));
    if (failure !== undefined) failures.add(failure);
  }
  if (failures.size > 0) return failed(`could not issue all deletes: ${aggregate([...failures])}`);
  if (count(kind, parts) === 0) return undefined;
  const since = terminatingSince(crd);
  if (since === undefined || parts.now - since < PATIENCE_MS) return IN_PROGRESS;
  return terminatingCondition(
    "InstanceDeletionCheck",
    "could not confirm zero CustomResources remaining: context deadline exceeded",
  );
}

function failed(message: string): DefinitionCondition {
  return terminatingCondition("InstanceDeletionFailed", message);
}

/** Since when the definition shows that it is being deleted. */
function terminatingSince({ status }: CustomResourceDefinition): number | undefined {
  const found = status?.conditions?.find(({ type }) => type === "Terminating");
  return found?.lastTransitionTime ? parseTime(found.lastTransitionTime) : undefined;
}

/** Several errors as one, as Go's `NewAggregate` writes them. */
function aggregate(messages: readonly string[]): string {
  const [only = ""] = messages;
  return messages.length === 1 ? only : `[${messages.join(", ")}]`;
}

function count(kind: ServedKind, { objects }: Parts): number {
  const { start, end } = keyRange(kind);
  return objects.store.count(start, end);
}

function namespacesOf(kind: ServedKind, { objects }: Parts): readonly (string | undefined)[] {
  if (!kind.namespaced) return [undefined];
  const { entries } = objects.range(keyRange(kind));
  return [...new Set(entries.map(({ key }) => key.slice(kind.storage.prefix.length + 1).split("/")[0]))];
}
