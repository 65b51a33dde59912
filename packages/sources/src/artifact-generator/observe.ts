import { createHash } from "node:crypto";
import type { Artifact } from "@capstan/artifacts";
import type { ReadContext } from "@capstan/controller";
import { canonicalJson, type KubeObject } from "@capstan/kube";
import type { ArtifactGeneratorObject } from "../api/artifact-generator.js";
import { SOURCE_API_VERSION } from "../api/shared.js";

/** What each source offers, by alias. */
export type ObservedSources = ReadonlyMap<string, Artifact>;

/** A source that is not there, or offers nothing yet. */
export class SourceMissing extends Error {
  override readonly name = "SourceMissing";
}

type SourceObject = KubeObject & { status?: { artifact?: Artifact } | null };

/** Reads what the sources offer now. Throws `SourceMissing`. */
export async function observeSources(
  object: ArtifactGeneratorObject,
  context: ReadContext,
): Promise<ObservedSources> {
  const observed = new Map<string, Artifact>();
  for (const { alias, kind, name, namespace = object.metadata.namespace } of object.spec.sources) {
    const ref = {
      apiVersion: SOURCE_API_VERSION,
      kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
    };
    const source = await context.reader.tryGet<SourceObject>(ref, { signal: context.signal });
    if (source === undefined) {
      const plural = kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;
      throw new SourceMissing(`${plural.toLowerCase()}.source.toolkit.fluxcd.io "${name}" not found`);
    }
    const artifact = source.status?.artifact;
    if (artifact === undefined) throw new SourceMissing(`source '${kind}/${namespace}/${name}' is not ready`);
    observed.set(alias, artifact);
  }
  return observed;
}

const ORIGIN_REVISION = "org.opencontainers.image.revision";

/** What an artifact made of other things may say of where it comes from: its source's own word, or its revision. */
export function originRevisionOf({ metadata, revision }: Artifact): string {
  return metadata?.[ORIGIN_REVISION] ?? revision;
}

/** A digest of what the sources offer. */
export function digestOfSources(sources: ObservedSources): string {
  const facts = [...sources]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([alias, { digest, revision, url, metadata }]) => [
      alias,
      { digest, revision, url, originRevision: metadata?.[ORIGIN_REVISION] ?? "" },
    ]);
  return `sha256:${createHash("sha256").update(canonicalJson(facts)).digest("hex")}`;
}
