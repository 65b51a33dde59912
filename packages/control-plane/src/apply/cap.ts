import { union } from "./field-set.js";
import { changeManager, type Managers, managerId, seconds } from "./managers.js";
import { compareText } from "./path-step.js";

const MAX_UPDATE_MANAGERS = 10;
const BUCKET = "ancient-changes";

/**
 * Keeps at most ten update managers: beyond that the oldest ones of the same version are united in one
 * named `ancient-changes`, with the time of the youngest of them. Changes `managers`.
 */
export function capUpdateManagers(managers: Managers): Managers {
  const updaters = [...managers].filter(([, manager]) => manager.operation === "Update");
  if (updaters.length <= MAX_UPDATE_MANAGERS) return managers;
  updaters.sort(([a, left], [b, right]) => seconds(left.time) - seconds(right.time) || compareText(a, b));
  const firstOf = new Map<string, string>();
  let count = updaters.length;
  for (const [id, manager] of updaters) {
    if (count <= MAX_UPDATE_MANAGERS) break;
    const { apiVersion, time } = manager;
    const first = firstOf.get(apiVersion);
    if (first === undefined) {
      firstOf.set(apiVersion, id);
      continue;
    }
    const identity = { name: BUCKET, operation: "Update" as const, apiVersion, subresource: "" };
    const bucketId = managerId(identity);
    const bucket = managers.get(bucketId) ?? managers.get(first);
    if (!managers.has(bucketId)) managers.delete(first);
    const set = bucket ? union(manager.set, bucket.set) : manager.set;
    managers.set(bucketId, changeManager({ ...manager, ...identity }, { set, time }));
    managers.delete(id);
    count--;
  }
  return managers;
}
