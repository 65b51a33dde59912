import type { KubeObject } from "@capstan/kube";
import type { Store } from "../../store/store.js";
import type { Answer, Call, Machinery } from "../call.js";
import { methodNotAllowed, noSuchResource, notFound, verbNotSupported } from "../errors.js";
import { readListOptions } from "../list-options.js";
import { objectKey, StoredObject } from "../object-storage.js";
import { select } from "../selection.js";
import type { HealthCheck } from "./health.js";

/** What `componentstatuses` tells of, by the names that clients know the parts of a cluster by. */
export type Components = ReadonlyMap<string, HealthCheck>;

/** Whether the store can be read. */
export function storeCheck(store: Store): HealthCheck {
  return () => {
    try {
      store.range({ start: "health", end: "health0", limit: 1 });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}

/** The parts of this one process: its store, its controllers, and whoever places and runs workloads. */
export function components(parts: {
  readonly store: Store;
  readonly controllers: HealthCheck;
  readonly workloads: () => HealthCheck | undefined;
}): Components {
  const scheduler: HealthCheck = () => {
    const check = parts.workloads();
    return check === undefined ? "nothing places or runs pods here" : check();
  };
  return new Map([
    ["controller-manager", () => parts.controllers() ?? parts.workloads()?.()],
    ["scheduler", scheduler],
    ["etcd-0", storeCheck(parts.store)],
  ]);
}

/**
 * GET of `componentstatuses`, one or all: computed when asked for, so there is no version, nothing to
 * page through and nothing to watch.
 */
export function componentStatuses(machinery: Machinery, call: Call, from: Components): Answer {
  const { verb, name, path } = call.info;
  if (path.startsWith("/api/v1/watch/")) throw noSuchResource();
  if (verb === "watch") throw verbNotSupported(call.kind, verb);
  if (verb === "list") return list(machinery, call, from);
  if (verb !== "get") throw methodNotAllowed();
  const check = from.get(name);
  // Kubernetes names the kind, not the resource.
  if (check === undefined) throw notFound({ group: "", resource: call.kind.singular }, name);
  return { type: "object", status: 200, object: componentStatus(name, check) };
}

function list(machinery: Machinery, call: Call, from: Components): Answer {
  const { kind } = call;
  const { labelSelector, fieldSelector } = readListOptions(call.query, false);
  const { matches } = select(kind, undefined, labelSelector, fieldSelector);
  const { codec } = machinery.objects;
  const items = [...from]
    .map(([name, check]) => componentStatus(name, check))
    .filter((status) => matches?.(status) ?? true)
    .map((status) => {
      const key = objectKey(kind, undefined, status.metadata.name);
      return new StoredObject(kind, { key, revision: 0, value: codec.encode(status) }, codec);
    });
  return { type: "list", list: { kind, items, resourceVersion: "" } };
}

function componentStatus(name: string, check: HealthCheck): KubeObject {
  const wrong = check();
  const status = wrong === undefined ? "True" : "False";
  return {
    kind: "ComponentStatus",
    apiVersion: "v1",
    metadata: { name },
    conditions: [{ type: "Healthy", status, message: wrong ?? "ok" }],
  };
}
