import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { OciClient } from "./client.js";
import { type Descriptor, MANIFEST_TYPE } from "./manifest.js";

/** Media types of what Flux pushes and pulls. */
export const ARTIFACT_CONFIG_TYPE = "application/vnd.cncf.flux.config.v1+json";
export const ARTIFACT_LAYER_TYPE = "application/vnd.cncf.flux.content.v1.tar+gzip";

export interface PushedArtifact {
  readonly tag: string;
  readonly layer: Uint8Array;
  readonly layerType?: string;
  readonly configType?: string;
  readonly config?: Uint8Array;
  /** Epoch ms that the configuration gives; no configuration is written where left out. */
  readonly created?: number;
  /** `org.opencontainers.image.source`, `…revision`, `…created` and others. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Pushes one layer as an artifact, in the form that `flux push artifact` uses; gives the manifest's digest. */
export async function pushArtifact(
  client: OciClient,
  artifact: PushedArtifact,
  signal?: AbortSignal,
): Promise<string> {
  const { config = configOf(artifact), configType = ARTIFACT_CONFIG_TYPE } = artifact;
  const configDescriptor = await client.pushBlob(configType, config, signal);
  const layer: Descriptor = await client.pushBlob(
    artifact.layerType ?? ARTIFACT_LAYER_TYPE,
    artifact.layer,
    signal,
  );
  return client.pushManifest(
    artifact.tag,
    {
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: configDescriptor,
      layers: [layer],
      ...(artifact.annotations === undefined ? {} : { annotations: artifact.annotations }),
    },
    signal,
  );
}

/** An image configuration, which tools that take artifacts for images want to see. */
function configOf({ layer, created }: PushedArtifact): Uint8Array {
  if (created === undefined) return Buffer.from("{}");
  const content = createHash("sha256").update(gunzipSync(layer)).digest("hex");
  const config = {
    architecture: "",
    created: new Date(created).toISOString().replace(".000Z", "Z"),
    history: [{ created: "0001-01-01T00:00:00Z" }],
    os: "",
    rootfs: { type: "layers", diff_ids: [`sha256:${content}`] },
    config: {},
  };
  return Buffer.from(JSON.stringify(config));
}
