import { sleep } from "@capstan/controller";
import type { Clock, TypeMeta } from "@capstan/kube";
import { typeOfEntry } from "../live/live-objects.js";
import { type LiveRecord, toLiveRecord } from "../live/live-record.js";
import { type InventoryEntry, parseObjectId } from "../plan/object-id.js";
import type { Sighting } from "../plan/plan.js";
import type { DesiredObject } from "../render/desired-object.js";
import type { DeliveryState } from "./delivery-state.js";
import type { Kustomization } from "./resource.js";
import type { Target } from "./seen.js";

/** A cache that takes longer than this to fill is done without. */
const SYNC_TIMEOUT_MS = 15_000;

/** Follows what is desired and what is in the inventory, and reads how it is. */
export async function observeLive(
  object: Kustomization,
  desired: readonly DesiredObject[],
  target: Target,
  state: DeliveryState,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ sightings: Map<string, Sighting>; stale: Map<string, LiveRecord> }> {
  const owner = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
  const inventory = object.status?.inventory?.entries ?? [];
  const wanted = new Set(desired.map((one) => one.id));
  const left = inventory.filter((entry) => !wanted.has(entry.id));
  const types = typesOf(object, desired, left);
  target.live.follow(
    owner,
    types,
    new Set([...wanted, ...left.map((entry) => entry.id), ...checkedIds(object)]),
  );
  state.metrics.watchedKinds.set(target.live.kinds);
  await waitForCaches(types, target, clock, signal);
  const sightings = new Map<string, Sighting>();
  for (const one of desired) {
    const record = target.live.record(one, one);
    sightings.set(one.id, { record, expected: state.ledger.expected(owner, one.id) });
  }
  return { sightings, stale: await recordsOf(left, target, state, signal) };
}

/** The records of inventory entries that exist. */
export async function recordsOf(
  entries: readonly InventoryEntry[],
  target: Target,
  state: DeliveryState,
  signal: AbortSignal,
): Promise<Map<string, LiveRecord>> {
  const records = new Map<string, LiveRecord>();
  for (const entry of entries) {
    const id = parseObjectId(entry.id);
    if (id === undefined) continue;
    const type = typeOfEntry(id, entry.v);
    const known = target.live.record(type, id);
    const record = known === "unknown" ? await readRecord(type, id, target, state, signal) : known;
    if (record !== undefined) records.set(entry.id, record);
  }
  return records;
}

async function readRecord(
  type: TypeMeta,
  id: { readonly namespace: string; readonly name: string },
  target: Target,
  state: DeliveryState,
  signal: AbortSignal,
): Promise<LiveRecord | undefined> {
  const ref = { ...type, name: id.name, ...(id.namespace === "" ? {} : { namespace: id.namespace }) };
  const object = await target.client.tryGet(ref, { signal });
  return object === undefined ? undefined : toLiveRecord(object, state.names);
}

function typesOf(
  object: Kustomization,
  desired: readonly DesiredObject[],
  left: readonly InventoryEntry[],
): readonly TypeMeta[] {
  const types = new Map<string, TypeMeta>();
  const add = ({ apiVersion, kind }: TypeMeta) => types.set(`${apiVersion}/${kind}`, { apiVersion, kind });
  for (const one of desired) add(one);
  for (const entry of left) {
    const id = parseObjectId(entry.id);
    if (id !== undefined) add(typeOfEntry(id, entry.v));
  }
  if (object.spec.wait !== true) {
    for (const check of object.spec.healthChecks ?? []) {
      add({ apiVersion: check.apiVersion ?? "apps/v1", kind: check.kind });
    }
  }
  return [...types.values()];
}

function checkedIds(object: Kustomization): readonly string[] {
  if (object.spec.wait === true) return [];
  return (object.spec.healthChecks ?? []).map(({ apiVersion = "apps/v1", kind, namespace, name }) => {
    const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
    return `${namespace ?? object.metadata.namespace ?? ""}_${name.replaceAll(":", "__")}_${group}_${kind}`;
  });
}

/** Kinds that are not served have no cache to wait for; definitions among the desired objects may make them. */
async function waitForCaches(
  types: readonly TypeMeta[],
  target: Target,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const pending = types.filter(
    (type) =>
      !target.live.isSlow(type) && target.live.record(type, { namespace: "", name: "" }) === "unknown",
  );
  if (pending.length === 0) return;
  const waiting = new Set<TypeMeta>();
  const stop = new AbortController();
  const abort = () => stop.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    const waits = pending.map(async (type) => {
      if ((await target.client.resourceFor(type, { signal })) === undefined) return;
      waiting.add(type);
      // Ends with the wait itself, which says what came of it.
      await target.live.synced(type, stop.signal).catch(() => undefined);
      waiting.delete(type);
    });
    await Promise.race([Promise.all(waits), sleep(clock, SYNC_TIMEOUT_MS, stop.signal)]);
    for (const type of waiting) target.live.markSlow(type);
  } finally {
    signal.removeEventListener("abort", abort);
    stop.abort();
  }
  signal.throwIfAborted();
}
