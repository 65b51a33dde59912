import { type Client, isNoKindMatch } from "@capstan/controller";
import {
  type DesiredObject,
  type InventoryEntry,
  isOwnedBy,
  parseObjectId,
  policiesOf,
} from "@capstan/delivery";
import { ApiError, formatApiVersion, type KubeObject, type ObjectRef, stringifyYaml } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { parseReconciled } from "../kinds.js";
import { maskSecret } from "../output/mask-secret.js";
import { field } from "../output/reconciled-columns.js";
import { unifiedDiff } from "../output/unified-diff.js";
import type { View } from "../output/view.js";
import { renderSource, sourceOf } from "../rendered-source.js";

/** What the next reconcile would do to one object. */
export interface Change {
  readonly action: "create" | "update" | "recreate" | "refused" | "delete";
  readonly object: string;
  /** Lines of a unified diff, secret values masked; why, for what is refused. */
  readonly diff: string;
}

/** `capstan diff kustomization/NAME`: what the next reconcile would change, asked by dry run. */
export async function diff(
  words: readonly string[],
  options: ConnectionOptions & { readonly namespace?: string },
  io: Io,
): Promise<{ readonly view: View; readonly differs: boolean }> {
  const { kind, name } = parseReconciled(words);
  if (kind.kind !== "Kustomization") {
    throw new CommandError(`diff takes a kustomization, not a ${kind.word}`, exitCode.usage);
  }
  const namespace = options.namespace ?? "capstan-system";
  return withClient(options, io, async (client) => {
    const kustomization = await client.get({ ...kind, name, namespace }, { signal: io.signal });
    const source = await sourceOf(client, kustomization, io.signal);
    const { objects } = await renderSource(client, kustomization, source, io);
    const changes: Change[] = [];
    const force = field(kustomization, "spec", "force") === true;
    const salt = Buffer.from(io.random.bytes(16)).toString("hex");
    for (const desired of objects) {
      const change = await changeOf(client, desired, { force, salt, signal: io.signal });
      if (change !== undefined) changes.push(change);
    }
    changes.push(...(await prunedBy(client, kustomization, objects, io.signal)));
    const text = changes.map((change) => `► ${change.object} ${change.action}\n${change.diff}`).join("");
    return { view: { kind: "document", value: { changes }, text }, differs: changes.length > 0 };
  });
}

async function changeOf(
  client: Client,
  desired: DesiredObject,
  run: { readonly force: boolean; readonly salt: string; readonly signal: AbortSignal },
): Promise<Change | undefined> {
  const { force, salt, signal } = run;
  if (desired.policies.excluded) return undefined;
  const object = JSON.parse(desired.json) as KubeObject;
  const ref = refOf(desired.apiVersion, desired);
  const live = await client.tryGet(ref, { signal });
  if (live !== undefined && desired.policies.ifNotPresent) return undefined;
  const next = await dryRun(client, object, signal);
  if (next instanceof ApiError) {
    const recreated = live !== undefined && (force || desired.policies.force);
    // What a refusal of a Secret quotes may be one of its values.
    const why = object.kind === "Secret" ? next.reason : next.message;
    return recreated
      ? {
          action: "recreate",
          object: subject(ref),
          diff: unifiedDiff(printable(live, salt), printable(object, salt)),
        }
      : { action: "refused", object: subject(ref), diff: `${why}\n` };
  }
  const before = live === undefined ? "" : printable(live, salt);
  const after = printable(next, salt);
  if (before === after) return undefined;
  const id = subject(ref);
  return { action: live === undefined ? "create" : "update", object: id, diff: unifiedDiff(before, after) };
}

/**
 * What the API would store; the declared object itself where its kind or namespace is yet to come; the
 * refusal where the object is not valid, or changes what cannot be changed.
 */
async function dryRun(
  client: Client,
  object: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject | ApiError> {
  try {
    return await client.apply(object, {
      fieldManager: "kustomize-controller",
      force: true,
      dryRun: true,
      signal,
    });
  } catch (error) {
    if (isNoKindMatch(error) || ApiError.is(error, "NotFound")) return object;
    if (ApiError.is(error, "Invalid", "BadRequest", "Forbidden")) return error;
    throw error;
  }
}

async function prunedBy(
  client: Client,
  kustomization: KubeObject,
  objects: readonly DesiredObject[],
  signal: AbortSignal,
): Promise<readonly Change[]> {
  if (field(kustomization, "spec", "prune") !== true) return [];
  const wanted = new Set(objects.map((object) => object.id));
  const entries = (field(kustomization, "status", "inventory", "entries") ?? []) as readonly InventoryEntry[];
  const owner = {
    name: kustomization.metadata.name,
    namespace: kustomization.metadata.namespace ?? "",
  };
  const changes: Change[] = [];
  for (const entry of entries.filter((each) => !wanted.has(each.id))) {
    const id = parseObjectId(entry.id);
    if (id === undefined) continue;
    const ref = refOf(formatApiVersion(id.group, entry.v), id);
    const live = await client.tryGet(ref, { signal });
    if (live === undefined || !isOwnedBy(live.metadata, owner) || policiesOf(live.metadata).keep) continue;
    changes.push({ action: "delete", object: subject(ref), diff: "" });
  }
  return changes;
}

function refOf(apiVersion: string, id: { kind: string; name: string; namespace: string }): ObjectRef {
  const { kind, name, namespace } = id;
  return { apiVersion, kind, name, ...(namespace === "" ? {} : { namespace }) };
}

function subject(ref: ObjectRef): string {
  return ref.namespace === undefined ? `${ref.kind}/${ref.name}` : `${ref.kind}/${ref.namespace}/${ref.name}`;
}

/** The object without what every write changes and without status. */
function printable(object: KubeObject, salt: string): string {
  const { status: _status, ...rest } = maskSecret(object, salt);
  const {
    managedFields: _fields,
    resourceVersion: _version,
    generation: _generation,
    uid: _uid,
    creationTimestamp: _time,
    ...metadata
  } = rest.metadata;
  return stringifyYaml({ ...rest, metadata });
}
