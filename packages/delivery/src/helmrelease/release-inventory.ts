import type { Client } from "@capstan/controller";
import type { ReleaseRecord } from "@capstan/helm";
import { type KubeObject, parseApiVersion } from "@capstan/kube";
import { parseObjects } from "../helm-actions/resource.js";
import type { DefinitionFile } from "../helm-render/chart-request.js";
import { formatObjectId, type InventoryEntry, idOf } from "../plan/object-id.js";

/** The objects of a release, hooks left out, and the definitions that its chart brought. */
export async function releaseInventory(
  record: ReleaseRecord,
  definitions: readonly DefinitionFile[],
  client: Client,
  signal: AbortSignal,
): Promise<InventoryEntry[]> {
  const entries: InventoryEntry[] = [];
  for (const object of parseObjects(record.manifest ?? "")) {
    if (object.metadata.annotations?.["helm.sh/hook"] !== undefined) continue;
    const { apiVersion, kind, metadata } = object;
    const info = await client.resourceFor({ apiVersion, kind }, { signal });
    const bare = metadata.namespace === undefined || metadata.namespace === "";
    entries.push(entryOf(bare && info?.namespaced === true ? placed(object, record.namespace) : object));
  }
  for (const { text } of definitions) entries.push(...parseObjects(text).map(entryOf));
  return entries;
}

function placed(object: KubeObject, namespace: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function entryOf(object: KubeObject): InventoryEntry {
  return { id: formatObjectId(idOf(object)), v: parseApiVersion(object.apiVersion).version };
}
