import type { RunContext } from "@capstan/controller";
import type { HelmRelease, Snapshot } from "./resource.js";
import { GROUP } from "./settings.js";

/** The release that an event is about. */
export interface EventRelease {
  readonly chartVersion: string;
  readonly configDigest: string;
  readonly appVersion?: string | undefined;
  readonly ociDigest?: string | undefined;
}

/** Tells what became of a release; notifications carry its version on. */
export function tellRelease(
  object: HelmRelease,
  note: { readonly type: "Normal" | "Warning"; readonly reason: string; readonly message: string },
  release: EventRelease | Snapshot,
  context: RunContext,
): void {
  const { chartVersion, configDigest, appVersion = "", ociDigest = "" } = release;
  const metadata = {
    revision: chartVersion,
    token: configDigest,
    "app-version": appVersion,
    "oci-digest": ociDigest,
  };
  const keyed = Object.entries(metadata)
    .filter(([, value]) => value !== "")
    .map(([key, value]) => [`${GROUP}/${key}`, value]);
  context.events.record(object, { ...note, metadata: Object.fromEntries(keyed) });
}
