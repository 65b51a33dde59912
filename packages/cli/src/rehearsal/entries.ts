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
  const takers = takersOf(scan);
  return declared.flatMap((one) => {
    const builds = buildsOf(takers, directoryOf(one.file));
    const places = [one.file, ...builds];
    const applied = (path: string | undefined) =>
      path !== undefined && places.some((place) => isUnder(place, path));
    const reached =
      scan.synced.some(applied) || declared.some((other) => other.file !== one.file && applied(other.path));
    return reached ? [] : builds.filter((build) => buildsOf(takers, build).length === 1);
  });
}

/** The directories whose builds take `directory` in, over as many steps as there are, itself among them. */
function buildsOf(takers: Takers, directory: string): readonly string[] {
  const found = new Set([directory]);
  for (const taken of found) for (const taker of takers.get(taken) ?? []) found.add(taker);
  return [...found];
}

/** By directory, those whose build files name it or something in it. */
type Takers = ReadonlyMap<string, ReadonlySet<string>>;

function takersOf(scan: Scan): Takers {
  const takers = new Map<string, Set<string>>();
  for (const [taker, { references }] of scan.buildFiles) {
    for (const reference of references) {
      for (let path = reference; path !== "/"; path = directoryOf(path)) {
        // What is named is below the build itself from here on.
        if (isUnder(taker, path)) break;
        const known = takers.get(path);
        if (known === undefined) takers.set(path, new Set([taker]));
        else known.add(taker);
      }
    }
  }
  return takers;
}

/** Of nested directories the outer ones. */
function topmost(paths: readonly string[]): readonly string[] {
  const unique = [...new Set(paths)].sort();
  return unique.filter((path) => !unique.some((other) => other !== path && isUnder(path, other)));
}

/**
 * Directories with a build file that nothing takes in: no other build, no Kustomization. Where builds only take in
 * one another, in a circle, the first of them.
 */
function plainRoots(
  scan: Scan,
  clusters: readonly string[],
  declared: readonly Declared[],
): readonly string[] {
  const applied = [...clusters, ...declared.flatMap(({ path }) => path ?? [])];
  const taken = new Set([...scan.buildFiles.values()].flatMap(({ references }) => references));
  const candidates = [...scan.buildFiles]
    .filter(([directory, { component }]) => !component && !directory.includes("/."))
    .map(([directory]) => directory)
    .sort();
  const roots = candidates.filter((directory) => !taken.has(directory));
  const reached = new Set<string>();
  const reach = (directories: readonly string[]) => {
    const waiting = [...directories];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      waiting.push(...(scan.buildFiles.get(next)?.references ?? []));
    }
  };
  reach([...scan.buildFiles.keys()].filter((directory) => !taken.has(directory)));
  for (const directory of candidates) {
    if (reached.has(directory)) continue;
    roots.push(directory);
    reach([directory]);
  }
  return roots.filter((directory) => !applied.some((path) => isUnder(directory, path))).sort();
}
