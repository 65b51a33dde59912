import type { Condition, KubeObject } from "@capstan/kube";
import type { ReconciledKind } from "../kinds.js";
import { formatAge } from "./age.js";
import type { ViewColumn } from "./view.js";

/** The columns of `capstan get`, named and filled as `flux get` does. */
export function reconciledColumns(options: {
  readonly kind: ReconciledKind;
  readonly withNamespace: boolean;
  readonly withKind: boolean;
  readonly now: number;
}): readonly ViewColumn[] {
  const { kind, withNamespace, withKind, now } = options;
  return [
    ...(withNamespace
      ? [{ header: "NAMESPACE", cell: (object: KubeObject) => object.metadata.namespace ?? "" }]
      : []),
    {
      header: "NAME",
      cell: (object) => (withKind ? `${kind.word}/${object.metadata.name}` : object.metadata.name),
    },
    { header: "REVISION", cell: (object) => shortenHashes(revisionOf(object)) },
    { header: "SUSPENDED", cell: (object) => (field(object, "spec", "suspend") === true ? "True" : "False") },
    { header: "READY", cell: (object) => shownCondition(object)?.status ?? "False" },
    {
      header: "AGE",
      wide: true,
      cell: (object) => formatAge(now - Date.parse(object.metadata.creationTimestamp ?? "")),
    },
    {
      header: "MESSAGE",
      cell: (object) => shortenHashes(shownCondition(object)?.message ?? "waiting to be reconciled"),
    },
  ];
}

/** Whether nobody reconciles an object, because there is nothing of it to be looked at. */
export function isStatic(object: KubeObject): boolean {
  return (
    (object.kind === "HelmRepository" && field(object, "spec", "type") === "oci") ||
    object.kind === "ExternalArtifact"
  );
}

/** What is shown as ready: a repository that is only an address is so from the start. */
function shownCondition(object: KubeObject): Pick<Condition, "status" | "message"> | undefined {
  return object.kind === "HelmRepository" && isStatic(object)
    ? { status: "True", message: "Helm repository is Ready" }
    : readyCondition(object);
}

export function readyCondition(object: KubeObject): Condition | undefined {
  const conditions = field(object, "status", "conditions");
  if (!Array.isArray(conditions)) return undefined;
  return (conditions as Condition[]).find((condition) => condition.type === "Ready");
}

/** The revision that an object has fetched or applied; empty before the first. */
export function revisionOf(object: KubeObject): string {
  const revision =
    field(object, "status", "artifact", "revision") ??
    field(object, "status", "lastAppliedRevision") ??
    field(object, "status", "history", "0", "chartVersion");
  return typeof revision === "string" ? revision : "";
}

/** Shortens full hexadecimal hashes to eight characters, as `flux get` prints them. */
export function shortenHashes(text: string): string {
  return text.replace(/(sha1|sha256|sha384|sha512):([0-9a-f]{8})[0-9a-f]{32,}/g, "$1:$2");
}

/** A value deep in an object; `undefined` where the path ends early. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}
