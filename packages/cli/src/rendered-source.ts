import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Artifact, ArtifactError, ArtifactReader } from "@capstan/artifacts";
import type { Client } from "@capstan/controller";
import { type Kustomization, RenderError, type Rendered, renderKustomization } from "@capstan/delivery";
import type { KubeObject } from "@capstan/kube";
import { boundedRenderer } from "./bounded-renderer.js";
import { CommandError, exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { reconciledKinds } from "./kinds.js";
import { field } from "./output/reconciled-columns.js";

/** A Kustomization's source, with the artifact it has now. */
export interface Source {
  readonly object: KubeObject;
  readonly artifact: Artifact;
}

/** The source that a Kustomization names. Rejects with `CommandError` while it has no artifact. */
export async function sourceOf(
  client: Client,
  kustomization: KubeObject,
  signal: AbortSignal,
): Promise<Source> {
  const reference = field(kustomization, "spec", "sourceRef");
  const kind = reconciledKinds.find((each) => each.kind === field(reference, "kind"));
  const name = String(field(reference, "name") ?? "");
  if (kind === undefined)
    throw new CommandError(`${kustomization.metadata.name} names a source of an unknown kind`);
  const namespace = String(field(reference, "namespace") ?? kustomization.metadata.namespace ?? "");
  const object = await client.get({ ...kind, name, namespace }, { signal });
  const artifact = field(object, "status", "artifact");
  if (artifact === undefined) throw new CommandError(`${kind.word}/${name} has no artifact yet`);
  return { object, artifact: artifact as Artifact };
}

/**
 * What a Kustomization would apply from its source's artifact, built with bounds on time and memory. Rejects with
 * `CommandError` where the artifact cannot be had or does not build.
 */
export async function renderSource(
  client: Client,
  kustomization: KubeObject,
  source: Source,
  io: Io,
): Promise<Rendered> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-"));
  const renderer = boundedRenderer(io.clock);
  try {
    const reader = new ArtifactReader({
      directory: join(directory, "trees"),
      clock: io.clock,
      random: io.random,
    });
    const opened = await reader.open(source.artifact, io.signal);
    return await renderKustomization(kustomization as Kustomization, {
      directory: opened.directory,
      reader: client,
      renderer,
      signal: io.signal,
    });
  } catch (error) {
    if (error instanceof RenderError || error instanceof ArtifactError)
      throw new CommandError(error.message, exitCode.failure, { cause: error });
    throw error;
  } finally {
    await renderer.close();
    await rm(directory, { recursive: true, force: true });
  }
}
