import { ApiError, type Health, objectHealth, parseApiVersion } from "@capstan/kube";
import type { Change } from "../apply/change-set.js";
import { placeOf } from "../apply/errors.js";
import { CelProblem } from "../health/cel.js";
import { evaluateHealth, expressionsFor } from "../health/expressions.js";
import { type Checked, type HealthSummary, summarizeHealth } from "../health/summary.js";
import { formatObjectId } from "../plan/object-id.js";
import type { Rendered } from "../render/desired-object.js";
import { Kustomization } from "./resource.js";
import type { Target } from "./seen.js";

type Check = Omit<Checked, "health">;

/** The health of what a Kustomization waits for, as it is at this moment. */
export async function checkHealth(
  object: Kustomization,
  changes: readonly Change[],
  rendered: Rendered,
  target: Target,
  failFast: boolean,
  signal: AbortSignal,
): Promise<HealthSummary> {
  const places = new Map(rendered.objects.map((desired) => [desired.id, placeOf(desired)]));
  const checks = checksOf(object, changes, places).filter((check) => !isSelf(check, object));
  const checked: Checked[] = [];
  for (const check of checks)
    checked.push({ ...check, health: await healthOf(object, check, target, signal) });
  return summarizeHealth(checked, failFast);
}

function checksOf(
  object: Kustomization,
  changes: readonly Change[],
  places: ReadonlyMap<string, string>,
): readonly Check[] {
  if (object.spec.wait === true) {
    return changes
      .filter((change) => change.action !== "skipped")
      .map(({ entry, apiVersion, kind, namespace, name, selfDeleting }) => ({
        apiVersion,
        kind,
        namespace,
        name,
        mayBeGone: selfDeleting,
        place: places.get(entry.id) ?? "",
      }));
  }
  return (object.spec.healthChecks ?? []).map((check) => {
    const { apiVersion = "apps/v1", kind, name } = check;
    const namespace = check.namespace ?? object.metadata.namespace ?? "";
    const { group } = parseApiVersion(apiVersion);
    const mayBeGone = changes.some(
      (change) => change.selfDeleting && change.kind === kind && change.name === name,
    );
    const place = places.get(formatObjectId({ group, kind, namespace, name })) ?? "";
    return { apiVersion, kind, namespace, name, mayBeGone, place };
  });
}

async function healthOf(
  object: Kustomization,
  check: Check,
  target: Target,
  signal: AbortSignal,
): Promise<Health> {
  const expressions = expressionsFor(object.spec.healthCheckExprs, check);
  const record = target.live.record(check, check);
  if (expressions === undefined && record !== "unknown")
    return record?.live.health ?? objectHealth(undefined);
  if (record === undefined) return objectHealth(undefined);
  const { apiVersion, kind, namespace, name } = check;
  const ref = { apiVersion, kind, name, ...(namespace === "" ? {} : { namespace }) };
  try {
    const live = await target.client.tryGet(ref, { signal });
    return live === undefined || expressions === undefined
      ? objectHealth(live)
      : evaluateHealth(live, expressions);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CelProblem) return { status: "Unknown", message: error.message };
    if (error instanceof ApiError) return { status: "Unknown", message: error.message };
    throw error;
  }
}

/** Waiting for oneself would never end. */
function isSelf(check: Check, object: Kustomization): boolean {
  const { group } = parseApiVersion(check.apiVersion);
  return (
    check.kind === Kustomization.kind &&
    group === Kustomization.group &&
    check.name === object.metadata.name &&
    check.namespace === object.metadata.namespace
  );
}
