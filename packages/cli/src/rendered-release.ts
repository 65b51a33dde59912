import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactError, ArtifactReader } from "@capstan/artifacts";
import type { Client } from "@capstan/controller";
import {
  ChartProblem,
  type HelmRelease,
  ManifestError,
  NoChart,
  previewHelmRelease,
  type ReleasePreview,
  ValuesProblem,
} from "@capstan/delivery";
import { boundedRenderer } from "./bounded-renderer.js";
import { CommandError, exitCode } from "./exit-code.js";
import type { Io } from "./io.js";

/** What a HelmRelease would release now. Rejects with `CommandError` where that cannot be told. */
export async function previewRelease(client: Client, object: HelmRelease, io: Io): Promise<ReleasePreview> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-"));
  const renderer = boundedRenderer(io.clock);
  try {
    const { clock, random, signal } = io;
    const artifacts = new ArtifactReader({ directory: join(directory, "trees"), clock, random });
    return await previewHelmRelease(object, { client, artifacts, renderer, clock, random, signal });
  } catch (error) {
    const known = [ChartProblem, ManifestError, NoChart, ValuesProblem, ArtifactError];
    if (!(error instanceof Error) || !known.some((kind) => error instanceof kind)) throw error;
    throw new CommandError(error.message, exitCode.failure, { cause: error });
  } finally {
    await renderer.close();
    await rm(directory, { recursive: true, force: true });
  }
}
