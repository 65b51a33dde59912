import type { Client } from "@capstan/controller";
import type { Clock, KubeObject, Random } from "@capstan/kube";
import { owned } from "../helm-actions/ownership.js";
import { buildObjects, parseObjects } from "../helm-actions/resource.js";
import type { Artifacts } from "../kustomization/delivery-state.js";
import type { InventoryEntry } from "../plan/object-id.js";
import { formatObjectId, idOf } from "../plan/object-id.js";
import { normalize } from "../render/normalize.js";
import type { Renderer } from "../render/renderer.js";
import { chartSourceRef, findChart, releasedVersion } from "./chart-source.js";
import { releaseNameOf, releaseNamespaceOf } from "./release-target.js";
import { inspectChart, readDefinitions, renderForRelease } from "./render-chart.js";
import type { HelmRelease } from "./resource.js";
import { DEFAULT_HELM_SETTINGS } from "./settings.js";
import { latest } from "./snapshots.js";
import { composeValues, configReader } from "./values.js";

export interface ReleasePreviewOptions {
  /** In whose name values, sources and lookups are read. */
  readonly client: Client;
  readonly artifacts: Artifacts;
  readonly renderer: Renderer;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** A chart that cannot be had now; the message says why. */
export class NoChart extends Error {
  override readonly name = "NoChart";
}

/** What the next release of an object would be. */
export interface ReleasePreview {
  /** Definitions, objects and hooks, as `helm template --include-crds` prints them. */
  readonly text: string;
  /** The objects as they would be applied, hooks left out. */
  readonly objects: readonly KubeObject[];
  /** Objects of the release that is there, which the next one does not have. */
  readonly removed: readonly InventoryEntry[];
}

/**
 * Renders what a HelmRelease would release now, and releases nothing. Throws `NoChart`, `ValuesProblem`,
 * `ChartProblem` and `ManifestError`, whose messages say what is wrong.
 */
export async function previewHelmRelease(
  object: HelmRelease,
  options: ReleasePreviewOptions,
): Promise<ReleasePreview> {
  const { client, signal } = options;
  const ref = chartSourceRef(object);
  const source = await client.tryGet(ref, { signal });
  const found = findChart(object, () => source, DEFAULT_HELM_SETTINGS);
  if ("reason" in found) throw new NoChart(found.message);
  const values = await composeValues(object, configReader(client, object.metadata.namespace ?? "", signal));
  const chart = await inspectChart(found.artifact, { ...options, charts: new Map() }, signal);
  const { version } = releasedVersion(found, chart.metadata.version, DEFAULT_HELM_SETTINGS);
  const current = latest(object.status?.history ?? []);
  const namespace = releaseNamespaceOf(object);
  const rendered = await renderForRelease(
    object,
    {
      artifact: found.artifact,
      version,
      namespace,
      revision: (current?.version ?? 0) + 1,
      isUpgrade: current !== undefined,
      values,
      skipSchemaValidation:
        (current === undefined ? object.spec.install : object.spec.upgrade)?.disableSchemaValidation === true,
    },
    client,
    { ...options, encoded: new Map() },
    options,
  );
  const definitions = chart.crds ? await readDefinitions(found.artifact, values, options, signal) : [];
  const release = { name: releaseNameOf(object), namespace };
  const built = await buildObjects(rendered.manifest, namespace, client, signal);
  const objects = built.map((one) => normalize(owned(one.object, release)));
  const kept = new Set(
    [...objects, ...definitions.flatMap(({ text }) => parseObjects(text))].map((one) =>
      formatObjectId(idOf(one)),
    ),
  );
  const documents = [
    ...definitions.map(({ path, text }) => `---\n# Source: ${path}\n${text.trimEnd()}\n`),
    rendered.manifest,
    ...rendered.hooks.map(({ path, manifest }) => `---\n# Source: ${path}\n${manifest}\n`),
  ];
  const inventory = object.status?.inventory?.entries ?? [];
  return {
    text: documents.join(""),
    objects,
    removed: inventory.filter(({ id }) => !kept.has(id) && !id.endsWith("_CustomResourceDefinition")),
  };
}
