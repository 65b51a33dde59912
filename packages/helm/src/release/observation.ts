import { sha256Hex } from "@capstan/kube";
import { encodeShaped, type GoShape, hookShape, infoShape, metadataShape } from "./go-order.js";
import { chartMetadataOf, type ReleaseRecord } from "./record.js";

const observationShape: GoShape = {
  order: "name version info chartMetadata config manifest hooks namespace ociDigest".split(" "),
  members: { info: infoShape, chartMetadata: metadataShape, hooks: hookShape },
};

/**
 * What identifies a stored release, as Flux's snapshots do: `sha256:` of everything that a record says but
 * the chart's content and the results of tests, which people may run at any time.
 */
export function observationDigest(record: ReleaseRecord, ociDigest = ""): string {
  const hooks = (record.hooks ?? []).filter((hook) => !(hook.events ?? []).includes("test"));
  const config = record.config ?? {};
  const observation = {
    name: record.name,
    version: record.version,
    info: record.info,
    chartMetadata: chartMetadataOf(record),
    config: Object.keys(config).length === 0 ? null : config,
    manifest: record.manifest ?? "",
    hooks: hooks.length === 0 ? null : hooks,
    namespace: record.namespace,
    ...(ociDigest === "" ? {} : { ociDigest }),
  };
  return `sha256:${sha256Hex(`${encodeShaped(observation, observationShape)}\n`)}`;
}
