/** How serious something is: a failure fails the test, a warning and a note do not. */
export type Severity = "failure" | "warning" | "note";

/** Something that was found, with the place to mend. */
export interface Finding {
  readonly severity: Severity;
  readonly message: string;
  /** Path in the repository. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
}

/** An object that a unit delivers. */
export interface ObjectResult {
  /** `Kind/namespace/name`. */
  readonly object: string;
  readonly apiVersion: string;
  readonly file?: string;
  readonly line?: number;
  /** `unchecked`: no schema of its kind is known here. */
  readonly outcome: "passed" | "failed" | "unchecked";
  readonly findings: readonly Finding[];
}

/** A Kustomization, a HelmRelease or a plain kustomize root. */
export interface UnitResult {
  /** `Kustomization/flux-system/apps`; the path for a kustomize root. */
  readonly name: string;
  /** What it builds: a path in the repository or a chart. */
  readonly source: string;
  readonly file?: string;
  readonly line?: number;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Of the unit as a whole; for a skipped one, why. */
  readonly findings: readonly Finding[];
  readonly objects: readonly ObjectResult[];
  /** Units that are among its objects. */
  readonly children: readonly UnitResult[];
}

/** What delivers on its own: a cluster's directory, or a kustomize root. */
export interface EntryResult {
  readonly path: string;
  readonly kind: "cluster" | "root";
  readonly unit: UnitResult;
}

export interface Summary {
  readonly kustomizations: number;
  readonly helmReleases: number;
  readonly roots: number;
  readonly objects: number;
  /** Units and objects that failed. */
  readonly failed: number;
  readonly skipped: number;
  readonly warnings: number;
  /** Objects of kinds that no schema is known of. */
  readonly unchecked: number;
}

/** What a rehearsal of a repository came to. */
export interface Report {
  readonly repository: string;
  readonly entries: readonly EntryResult[];
  readonly summary: Summary;
}

/** Every unit of an entry, parents first. */
export function unitsOf(unit: UnitResult): readonly UnitResult[] {
  return [unit, ...unit.children.flatMap(unitsOf)];
}

export function summarise(entries: readonly EntryResult[]): Summary {
  const units = entries.flatMap(({ unit }) => unitsOf(unit));
  const objects = units.flatMap((unit) => unit.objects);
  const findings = [...units, ...objects].flatMap((one) => one.findings);
  const named = (kind: string) => units.filter(({ name }) => name.startsWith(`${kind}/`)).length;
  return {
    kustomizations: named("Kustomization"),
    helmReleases: named("HelmRelease"),
    roots: entries.length,
    objects: objects.length,
    failed:
      units.filter(({ findings }) => findings.some(({ severity }) => severity === "failure")).length +
      objects.filter(({ outcome }) => outcome === "failed").length,
    skipped: units.filter(({ outcome }) => outcome === "skipped").length,
    warnings: findings.filter(({ severity }) => severity === "warning").length,
    unchecked: objects.filter(({ outcome }) => outcome === "unchecked").length,
  };
}
