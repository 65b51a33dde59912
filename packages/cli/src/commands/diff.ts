import type { Client } from "@capstan/controller";
import {
  type DesiredObject,
  FIELD_MANAGER,
  type HelmRelease,
  type IgnoreRule,
  type InventoryEntry,
  isOwnedBy,
  type Kustomization,
  parseObjectId,
  policiesOf,
  previewApply,
} from "@capstan/delivery";
import { ApiError, formatApiVersion, type KubeObject, type ObjectRef } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { parseReconciled } from "../kinds.js";
import { type LocalOptions, readKustomization, renderLocal } from "../local-kustomization.js";
import { printableObject, subjectOfRef } from "../output/printable-object.js";
import { field } from "../output/reconciled-columns.js";
import { unifiedDiff } from "../output/unified-diff.js";
import type { View } from "../output/view.js";
import { renderSource, sourceOf } from "../rendered-source.js";
import { diffHelmRelease } from "./diff-helmrelease.js";

/** What the next reconcile would do to one object. */
export interface Change {
  readonly action: "create" | "update" | "recreate" | "refused" | "delete";
  readonly object: string;
  /** Lines of a unified diff, secret values masked; why, for what is refused. */
  readonly diff: string;
}

export interface DiffOptions extends ConnectionOptions, Partial<Omit<LocalOptions, "localSources">> {
  readonly namespace?: string;
  /** File with the Kustomization, in the place of the cluster's; with `path`. */
  readonly kustomizationFile?: string;
}

/**
 * `capstan diff KIND/NAME`: what the next reconcile would change, asked by dry run. With `path`, what it would
 * change if the source were that directory of this machine.
 */
export async function diff(
  words: readonly string[],
  options: DiffOptions,
  io: Io,
): Promise<{ readonly view: View; readonly differs: boolean }> {
  const { kind, name } = parseReconciled(words);
  if (kind.category !== "delivery") {
    throw new CommandError(`diff takes a kustomization or a helmrelease, not a ${kind.word}`, exitCode.usage);
  }
  const namespace = options.namespace ?? "capstan-system";
  return withClient(options, io, async (client) => {
    if (kind.kind === "HelmRelease") {
      const release = await client.get<HelmRelease>({ ...kind, name, namespace }, { signal: io.signal });
      return reported(await diffHelmRelease(client, release, io));
    }
    const kustomization = await declared(client, { ...kind, name, namespace }, options, io);
    const objects = await desiredObjects(client, kustomization, options, io);
    const changes: Change[] = [];
    const run: Run = {
      force: field(kustomization, "spec", "force") === true,
      ignore: (field(kustomization, "spec", "ignore") ?? []) as readonly IgnoreRule[],
      salt: Buffer.from(io.random.bytes(16)).toString("hex"),
      signal: io.signal,
    };
    for (const desired of objects) {
      if (options.path !== undefined && desired.encrypted) {
        io.progress.warning(`${desired.kind}/${desired.name} is encrypted and was not compared`);
        continue;
      }
      const change = await changeOf(client, desired, run);
      if (change !== undefined) changes.push(change);
    }
    changes.push(...(await prunedBy(client, kustomization, objects, io.signal)));
    return reported(changes);
  });
}

async function declared(
  client: Client,
  ref: ObjectRef & { readonly namespace: string },
  { path, kustomizationFile: file }: DiffOptions,
  io: Io,
): Promise<Kustomization> {
  if (file !== undefined && path === undefined)
    throw new CommandError("--kustomization-file goes with --path", exitCode.usage);
  if (file === undefined) return client.get<Kustomization>(ref, { signal: io.signal });
  const read = await readKustomization(file, ref.name, ref.namespace);
  // What it applied before is known to the cluster alone.
  const live = await client.tryGet<Kustomization>({ ...ref, ...read.metadata }, { signal: io.signal });
  return live?.status === undefined ? read : { ...read, status: live.status };
}

/** What is to be applied: from the source's artifact, or from a directory of this machine. */
async function desiredObjects(
  client: Client,
  kustomization: Kustomization,
  { path, ...options }: DiffOptions,
  io: Io,
): Promise<readonly DesiredObject[]> {
  if (path === undefined) {
    const source = await sourceOf(client, kustomization, io.signal);
    return (await renderSource(client, kustomization, source, io)).objects;
  }
  return renderLocal(kustomization, client, { ...options, path }, io);
}

function reported(changes: readonly Change[]): { readonly view: View; readonly differs: boolean } {
  const text = changes.map((change) => `► ${change.object} ${change.action}\n${change.diff}`).join("");
  return { view: { kind: "document", value: { changes }, text }, differs: changes.length > 0 };
}

interface Run {
  readonly force: boolean;
  readonly ignore: readonly IgnoreRule[];
  readonly salt: string;
  readonly signal: AbortSignal;
}

async function changeOf(client: Client, desired: DesiredObject, run: Run): Promise<Change | undefined> {
  const { force, ignore, salt, signal } = run;
  if (desired.policies.excluded) return undefined;
  const names = { own: FIELD_MANAGER, overridden: [] };
  const { live, next } = await previewApply(client, desired, { names, ignore, signal });
  if (live !== undefined && desired.policies.ifNotPresent) return undefined;
  const object = subjectOfRef(refOf(desired.apiVersion, desired));
  const before = live === undefined ? "" : printableObject(live, salt);
  if (next instanceof ApiError) {
    if (live !== undefined && (force || desired.policies.force)) {
      const declared = JSON.parse(desired.json) as KubeObject;
      return { action: "recreate", object, diff: unifiedDiff(before, printableObject(declared, salt)) };
    }
    // What a refusal of a Secret quotes may be one of its values.
    const why = desired.kind === "Secret" ? next.reason : next.message;
    return { action: "refused", object, diff: `${why}\n` };
  }
  const after = printableObject(next, salt);
  if (before === after) return undefined;
  return { action: live === undefined ? "create" : "update", object, diff: unifiedDiff(before, after) };
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
    changes.push({ action: "delete", object: subjectOfRef(ref), diff: "" });
  }
  return changes;
}

function refOf(apiVersion: string, id: { kind: string; name: string; namespace: string }): ObjectRef {
  const { kind, name, namespace } = id;
  return { apiVersion, kind, name, ...(namespace === "" ? {} : { namespace }) };
}
