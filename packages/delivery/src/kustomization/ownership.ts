import type { Cache } from "@capstan/controller";
import type { LiveRecord } from "../live/live-record.js";
import type { Sighting } from "../plan/plan.js";
import { OWNER_NAME, OWNER_NAMESPACE } from "../plan/policies.js";
import { Kustomization } from "./resource.js";
import { artifactOf, sourceRefOf } from "./source.js";

/**
 * Of the desired objects those that another Kustomization applies as well, by inventory id. One that
 * has yet to apply its newest revision may be about to let go of the object: it does not count.
 */
export function takenByOthers(
  object: Kustomization,
  sightings: ReadonlyMap<string, Sighting>,
  cache: Cache,
): ReadonlyMap<string, string> {
  const taken = new Map<string, string>();
  for (const [id, { record }] of sightings) {
    if (record === undefined || record === "unknown") continue;
    const owner = ownerOf(record);
    if (owner === undefined || isSame(owner, object)) continue;
    const other = cache.informer<Kustomization>(Kustomization).get(owner);
    if (other !== undefined && holdsOn(other, id, cache)) taken.set(id, `${owner.namespace}/${owner.name}`);
  }
  return taken;
}

function ownerOf(record: LiveRecord): { readonly namespace: string; readonly name: string } | undefined {
  const { labels } = record.metadata;
  const name = labels?.[OWNER_NAME];
  const namespace = labels?.[OWNER_NAMESPACE];
  return name === undefined || namespace === undefined ? undefined : { namespace, name };
}

function isSame(
  owner: { readonly namespace: string; readonly name: string },
  object: Kustomization,
): boolean {
  return owner.name === object.metadata.name && owner.namespace === object.metadata.namespace;
}

function holdsOn(other: Kustomization, id: string, cache: Cache): boolean {
  const { metadata, status, spec } = other;
  if (metadata.deletionTimestamp !== undefined || spec.suspend === true) return false;
  if (status?.inventory?.entries.some((entry) => entry.id === id) !== true) return false;
  const source = cache.get(sourceRefOf(other));
  const revision = source === undefined ? undefined : artifactOf(source)?.revision;
  return status.lastAppliedRevision === revision && status.observedGeneration === metadata.generation;
}
