import { KustomizeError } from "../errors.js";
import type { SortOptions } from "../kustomization/types.js";
import { formatGvk, kindRanks, type ResId, sortableGvk } from "../resource/id.js";
import type { ResMap } from "../resource/res-map.js";
import { compareText } from "../yaml/compare-text.js";

/** Orders the result: `legacy` by kind, group, namespace and name; `fifo` as accumulated. */
export function sortResources(map: ResMap, options: SortOptions): void {
  const { order, legacySortOptions } = options;
  if (order !== "fifo" && order !== "legacy") {
    throw new KustomizeError("kustomization", "the field 'sortOptions.order' must be one of [fifo, legacy]");
  }
  if (order === "fifo") {
    if (legacySortOptions === undefined) return;
    throw new KustomizeError(
      "kustomization",
      "the field 'sortOptions.legacySortOptions' is set but the selected sort order is 'fifo', not 'legacy'",
    );
  }
  const ranks =
    legacySortOptions === undefined
      ? kindRanks()
      : kindRanks(legacySortOptions.orderFirst ?? [], legacySortOptions.orderLast ?? []);
  const keyed = map.resources.map((resource) => ({ resource, key: sortKey(resource.id, ranks) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key));
  map.reset([]);
  map.appendAll(keyed.map(({ resource }) => resource));
}

interface SortKey {
  readonly rank: number;
  readonly kind: string;
  readonly group: string;
  readonly gvk: string;
  readonly name: string;
}

function sortKey(id: ResId, ranks: ReadonlyMap<string, number>): SortKey {
  return {
    rank: ranks.get(id.kind) ?? 0,
    kind: id.kind,
    group: id.group,
    gvk: sortableGvk(id),
    name: `${formatGvk(id)}|${id.namespace || "~X"}|${id.name || "~N"}`,
  };
}

function compareKeys(a: SortKey, b: SortKey): number {
  if (a.gvk === b.gvk) return compareText(a.name, b.name);
  if (a.rank !== b.rank) return a.rank - b.rank;
  const coreNamespace =
    a.kind === "Namespace" && b.kind === "Namespace" && (a.group === "" || b.group === "");
  return coreNamespace ? compareText(b.gvk, a.gvk) : compareText(a.gvk, b.gvk);
}
