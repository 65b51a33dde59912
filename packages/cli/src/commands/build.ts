import type { Io } from "../io.js";
import { type PlainBuildOptions, plainBuild } from "./plain-build.js";

export interface BuildOptions extends PlainBuildOptions {
  /** Render `helmCharts` that are in the tree. */
  readonly enableHelm?: boolean;
  /** Clone bases and fetch files from elsewhere. */
  readonly allowRemote?: boolean;
}

/** `capstan build PATH`: prints what `kubectl kustomize PATH` prints. */
export async function build(path: string, options: BuildOptions, io: Io): Promise<void> {
  // The network and Helm are loaded where they were asked for.
  const remote =
    options.allowRemote === true ? (await import("../remote-bases.js")).remoteBases(io) : undefined;
  const inflateHelmChart =
    options.enableHelm === true ? (await import("../chart-inflator.js")).chartInflator(io) : undefined;
  try {
    await plainBuild(path, options, io, {
      ...(remote === undefined ? {} : { remote }),
      ...(inflateHelmChart === undefined ? {} : { inflateHelmChart }),
    });
  } finally {
    await remote?.close();
  }
}
