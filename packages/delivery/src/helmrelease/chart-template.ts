import type { RunContext } from "@capstan/controller";
import { ApiError, deepEqual, type KubeObject } from "@capstan/kube";
import { deniedAccess, helmChartName } from "./chart-source.js";
import type { HelmRelease } from "./resource.js";
import { FIELD_MANAGER, type HelmSettings, OWNER_NAME, OWNER_NAMESPACE } from "./settings.js";

const TYPE = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "HelmChart" } as const;

/** A HelmChart that must not be made where it would be. */
export class AccessDenied extends Error {
  override readonly name = "AccessDenied";
}

/**
 * Makes the HelmChart that a release declares be so, and deletes the one made before where it is another
 * or none is wanted. Returns what goes into `status.helmChart`. Throws `AccessDenied`.
 */
export async function reconcileChartTemplate(
  object: HelmRelease,
  settings: HelmSettings,
  context: RunContext,
): Promise<string | undefined> {
  const made = object.status?.helmChart ?? "";
  const wanted = object.metadata.deletionTimestamp === undefined ? helmChartOf(object) : undefined;
  const key = wanted === undefined ? "" : `${wanted.metadata.namespace ?? ""}/${wanted.metadata.name}`;
  if (made !== "" && made !== key) await deleteHelmChart(object, made, settings, context);
  if (wanted === undefined) return undefined;
  requireAccess(object, key, settings);
  await applyHelmChart(object, wanted, context);
  return key;
}

function requireAccess(object: HelmRelease, key: string, settings: HelmSettings): void {
  const [namespace = "", name = ""] = key.split("/");
  const denied = deniedAccess(object, { kind: TYPE.kind, namespace, name }, settings);
  if (denied !== undefined) throw new AccessDenied(denied);
}

/** The HelmChart of a template; nothing where the chart comes from a reference. */
export function helmChartOf(object: HelmRelease): KubeObject | undefined {
  const { chart, interval } = object.spec;
  if (chart === undefined) return undefined;
  const { sourceRef, verify, interval: own, ...rest } = chart.spec;
  const { annotations, labels } = chart.metadata ?? {};
  return {
    ...TYPE,
    metadata: {
      name: helmChartName(object),
      namespace: sourceRef.namespace ?? object.metadata.namespace ?? "",
      labels: {
        ...labels,
        [OWNER_NAME]: object.metadata.name,
        [OWNER_NAMESPACE]: object.metadata.namespace ?? "",
      },
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      ...rest,
      sourceRef: { kind: sourceRef.kind, name: sourceRef.name },
      interval: own ?? interval,
      ...(verify === undefined ? {} : { verify }),
    },
  };
}

/** Applied only where the one that is there is not as it should be. */
async function applyHelmChart(object: HelmRelease, wanted: KubeObject, context: RunContext): Promise<void> {
  const { name, namespace = "" } = wanted.metadata;
  const live = context.cache.get({ ...TYPE, name, namespace });
  if (live !== undefined && isAsWanted(live, wanted)) return;
  const { client, events, signal } = context;
  await client.apply(wanted, { fieldManager: FIELD_MANAGER, force: true, signal });
  const { kind, name: source } = object.spec.chart?.spec.sourceRef ?? { kind: "", name: "" };
  const done = live === undefined ? "created" : "configured";
  events.normal(
    object,
    live === undefined ? "HelmChartCreated" : "HelmChartConfigured",
    `${done} HelmChart/${namespace}/${name} with SourceRef '${kind}/${namespace}/${source}'`,
  );
}

function isAsWanted(live: KubeObject, wanted: KubeObject): boolean {
  const { labels = {}, annotations = {} } = live.metadata;
  const holds = (have: Readonly<Record<string, string>>, want: Readonly<Record<string, string>> = {}) =>
    Object.entries(want).every(([key, value]) => have[key] === value);
  if (live.metadata.deletionTimestamp !== undefined) return false;
  if (!holds(labels, wanted.metadata.labels) || !holds(annotations, wanted.metadata.annotations))
    return false;
  const spec = live["spec"];
  if (typeof spec !== "object" || spec === null) return false;
  const have = Object.entries(spec).filter(([, value]) => value !== false);
  const want = Object.entries(wanted["spec"] ?? {}).filter(
    ([, value]) => value !== undefined && value !== false,
  );
  return deepEqual(Object.fromEntries(have), Object.fromEntries(want));
}

async function deleteHelmChart(
  object: HelmRelease,
  key: string,
  settings: HelmSettings,
  context: RunContext,
): Promise<void> {
  requireAccess(object, key, settings);
  const [namespace = "", name = ""] = key.split("/");
  const { client, events, signal } = context;
  try {
    await client.delete({ ...TYPE, namespace, name }, { signal });
    events.normal(object, "HelmChartDeleted", `deleted HelmChart '${key}'`);
  } catch (error) {
    if (!ApiError.is(error, "NotFound")) throw error;
  }
}
