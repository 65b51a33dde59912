import { sha256Hex } from "@capstan/kube";
import type { HelmRelease } from "./resource.js";
import { latest } from "./snapshots.js";

const MAX_NAME = 53;
const HASH = 12;

/** A release name that Helm accepts: longer ones end in a hash of themselves. */
export function shortenName(name: string): string {
  if (name.length <= MAX_NAME) return name;
  return `${name.slice(0, MAX_NAME - HASH - 1)}-${sha256Hex(name).slice(0, HASH)}`;
}

/** The name of the release as it is declared, not shortened: `[<targetNamespace>-]<name>` by default. */
export function declaredReleaseName(object: HelmRelease): string {
  const { releaseName, targetNamespace } = object.spec;
  if (releaseName !== undefined && releaseName !== "") return releaseName;
  return targetNamespace === undefined ? object.metadata.name : `${targetNamespace}-${object.metadata.name}`;
}

/** The name of the release in storage. */
export function releaseNameOf(object: HelmRelease): string {
  return shortenName(declaredReleaseName(object));
}

/** The namespace that the chart is released to. */
export function releaseNamespaceOf(object: HelmRelease): string {
  return object.spec.targetNamespace ?? object.metadata.namespace ?? "";
}

/** The namespace that holds the release's records. */
export function storageNamespaceOf(object: HelmRelease): string {
  return object.spec.storageNamespace ?? object.metadata.namespace ?? "";
}

export type TargetChange = "storage namespace" | "release namespace" | "release name" | "chart name";

/** What of the release's identity differs from the one that is there; nothing before the first release. */
export function targetChange(object: HelmRelease, chartName: string): TargetChange | undefined {
  const { storageNamespace = "", history } = object.status ?? {};
  const current = latest(history ?? []);
  if (storageNamespace === "" || current === undefined) return undefined;
  if (storageNamespaceOf(object) !== storageNamespace) return "storage namespace";
  if (releaseNamespaceOf(object) !== current.namespace) return "release namespace";
  if (releaseNameOf(object) !== current.name) return "release name";
  return chartName === current.chartName ? undefined : "chart name";
}
