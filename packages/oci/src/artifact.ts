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
  /** `org.opencontainers.image.source`, `…revision`, `…created` and others. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Pushes one layer as an artifact, in the form that `flux push artifact` uses; gives the manifest's digest. */
export async function pushArtifact(
  client: OciClient,
  artifact: PushedArtifact,
  signal?: AbortSignal,
): Promise<string> {
  const { config = Buffer.from("{}"), configType = ARTIFACT_CONFIG_TYPE } = artifact;
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
