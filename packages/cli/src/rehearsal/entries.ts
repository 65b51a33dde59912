import { isFromOwn, type OwnSources, pathOf } from "./own-sources.js";
import type { Scan } from "./scan.js";
import { directoryOf, isUnder } from "./tree-path.js";

/** Where something starts that a repository delivers. */
export interface Entry {
  /** `cluster`: a directory with Kustomizations of Flux; `root`: a kustomize root that nothing refers to. */
  readonly kind: "cluster" | "root";
  readonly path: string;
}

interface Declared {
  readonly file: string;
  /** The directory of the repository that it applies, where it applies one. */
  readonly path: string | undefined;
}

/**
 * Where to start: every directory that synchronises itself (`clusters/production`), or whose Kustomizations
 * no other Kustomization applies; then the kustomize roots that belong to none of these. Under `startAt` only.
 */
export function findEntries(scan: Scan, sources: OwnSources, startAt = "/"): readonly Entry[] {
  const declared = scan.kustomizations.map(
    (raw): Declared => ({ file: raw.file, path: isFromOwn(raw, sources) ? pathOf(raw) : undefined }),
  );
  const clusters = topmost([...syncRoots(scan, declared), ...unreached(scan, declared)]);
  const inside = clusters.filter((path) => isUnder(path, startAt));
  const roots = plainRoots(scan, clusters, declared).filter((path) => isUnder(path, startAt));
  if (startAt !== "/" && inside.length === 0 && !roots.includes(startAt)) {
    const delivers = declared.some(({ file }) => isUnder(file, startAt));
    return [{ kind: delivers ? "cluster" : "root", path: startAt }];
  }
  return [
    ...inside.map((path): Entry => ({ kind: "cluster", path })),
    ...roots.map((path): Entry => ({ kind: "root", path })),
  ];
}

function syncRoots(scan: Scan, declared: readonly Declared[]): string[] {
  const own = declared.flatMap(({ file, path }) => (path !== undefined && isUnder(file, path) ? [path] : []));
  return [...own, ...scan.synced];
}

/** Directories of Kustomizations that no other one applies. */
function unreached(scan: Scan, declared: readonly Declared[]): string[] {
  return declared.flatMap((one) => {
    const builds = buildsOf(scan, directoryOf(one.file));
    const places = [one.file, ...builds];
    const applied = (path: string | undefined) =>
      path !== undefined && places.some((place) => isUnder(place, path));
    const reached =
      scan.synced.some(applied) || declared.some((other) => other.file !== one.file && applied(other.path));
    return reached ? [] : builds.filter((build) => buildsOf(scan, build).length === 1);
  });
}

/** The directories whose builds take `directory` in, over as many steps as there are, itself among them. */
function buildsOf(scan: Scan, directory: string): readonly string[] {
  const found = new Set([directory]);
  for (const taken of found) {
    for (const [parent, { references }] of scan.buildFiles) {
      if (found.has(parent) || isUnder(parent, taken)) continue;
      if (references.some((reference) => isUnder(reference, taken))) found.add(parent);
    }
  }
  return [...found];
}

/** Of nested directories the outer ones. */
function topmost(paths: readonly string[]): readonly string[] {
  const unique = [...new Set(paths)].sort();
  return unique.filter((path) => !unique.some((other) => other !== path && isUnder(path, other)));
}

/** Directories with a build file that nothing takes in: no other build, no Kustomization. */
function plainRoots(
  scan: Scan,
  clusters: readonly string[],
  declared: readonly Declared[],
): readonly string[] {
  const taken = new Set([...scan.buildFiles.values()].flatMap(({ references }) => references));
  const applied = [...clusters, ...declared.flatMap(({ path }) => path ?? [])];
  return [...scan.buildFiles]
    .filter(([directory, { component }]) => {
      if (component || taken.has(directory) || directory.includes("/.")) return false;
      return !applied.some((path) => isUnder(directory, path));
    })
    .map(([directory]) => directory)
    .sort();
}
