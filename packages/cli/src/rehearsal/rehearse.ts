import type { Clock, KubeObject, Random } from "@capstan/kube";
import type { FileTree } from "@capstan/kustomize";
import { checkObjects } from "./check-objects.js";
import { type Entry, findEntries } from "./entries.js";
import { findOwnSources, type OwnSources } from "./own-sources.js";
import { ClusterRehearsal } from "./rehearse-cluster.js";
import { RepositoryTree } from "./repository-tree.js";
import { type EntryResult, type ObjectResult, type Report, summarise, type UnitResult } from "./result.js";
import { isPolicy, type Scan, scanRepository } from "./scan.js";
import { isUnder, shownPath } from "./tree-path.js";
import type { Unit } from "./unit.js";

export interface RehearseOptions {
  /** Root of the repository. */
  readonly directory: string;
  /** Where in it to start; everything where left out. */
  readonly startAt?: string;
  readonly remotes: readonly string[];
  /** Trees that stand for sources outside of the repository, by `Kind/namespace/name`. */
  readonly local: ReadonlyMap<string, FileTree>;
  /** Definitions that every cluster has. */
  readonly definitions: readonly KubeObject[];
  /** Whether variables that nothing sets fail. */
  readonly strict: boolean;
  /** Whether kustomize roots may only load files below themselves, as `kubectl kustomize` has it. */
  readonly loadRestrictions: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  readonly onProgress: (entry: string, what: string) => void;
}

/**
 * Builds and checks everything that a repository delivers, without a cluster and without the network.
 * Nothing is written. Rejects only for a repository that cannot be read, and with the signal's reason.
 */
export async function rehearse(options: RehearseOptions): Promise<Report> {
  const repository = new RepositoryTree(options.directory);
  const scan = scanRepository(repository);
  const ownSources = findOwnSources(scan, options.remotes);
  const entries: EntryResult[] = [];
  const built: string[] = [];
  for (const entry of findEntries(scan, ownSources, options.startAt)) {
    options.signal.throwIfAborted();
    // Artifacts may be put together from directories that no Kustomization names.
    if (entry.kind === "root" && built.some((directory) => isUnder(entry.path, directory))) continue;
    const { result, units } = await rehearseEntry(entry, { repository, scan, ownSources }, options);
    entries.push(result);
    if (entry.kind === "cluster") built.push(...units.flatMap(({ directory }) => directory ?? []));
  }
  return { repository: options.directory, entries, summary: summarise(entries) };
}

/** What a look through the repository found. */
interface Looked {
  readonly repository: RepositoryTree;
  readonly scan: Scan;
  readonly ownSources: OwnSources;
}

async function rehearseEntry(
  entry: Entry,
  { repository, scan, ownSources }: Looked,
  options: RehearseOptions,
): Promise<{ readonly result: EntryResult; readonly units: readonly Unit[] }> {
  const path = shownPath(entry.path);
  const { local, strict, loadRestrictions, clock, random, signal } = options;
  const onUnit = (name: string) => options.onProgress(path, name);
  const rehearsal = new ClusterRehearsal(entry, {
    ...{ repository, ownSources, local, strict, loadRestrictions, clock, random, signal, onUnit },
  });
  const units = await rehearsal.run();
  const plain = entry.kind === "root";
  const results = await checkObjects(units, {
    definitions: options.definitions,
    scan,
    defaultNamespace: plain ? "default" : undefined,
    // Roots stand beside the policies of their repository; a cluster has those that it delivers.
    policies: plain ? policiesBeside(scan, units) : [],
    ...{ clock, random, signal },
    textOf: (file) => textOf(repository, file),
    onObject: (name) => options.onProgress(path, name),
  });
  return { result: { path, kind: entry.kind, unit: resultOf(rehearsal.root, results) }, units };
}

function textOf(repository: RepositoryTree, file: string): string | undefined {
  const path = `/${file}`;
  if (repository.stat(path)?.kind !== "file") return undefined;
  return new TextDecoder().decode(repository.readFile(path));
}

function policiesBeside(scan: Scan, units: readonly Unit[]): readonly KubeObject[] {
  const own = new Set(
    units
      .flatMap(({ delivered }) => delivered)
      .filter(({ object }) => isPolicy(object))
      .map(({ object }) => `${object.kind}/${object.metadata.name}`),
  );
  return scan.policies
    .map(({ object }) => object)
    .filter(({ kind, metadata }) => !own.has(`${kind}/${metadata.name}`));
}

function resultOf(unit: Unit, results: ReadonlyMap<Unit, readonly ObjectResult[]>): UnitResult {
  const objects = results.get(unit) ?? [];
  const failed =
    unit.findings.some(({ severity }) => severity === "failure") ||
    objects.some(({ outcome }) => outcome === "failed");
  return {
    name: unit.name,
    source: unit.source,
    ...(unit.file === undefined ? {} : { file: unit.file }),
    ...(unit.line === undefined ? {} : { line: unit.line }),
    outcome: failed ? "failed" : unit.skipped ? "skipped" : "passed",
    findings: unit.findings,
    objects,
    children: unit.children.map((child) => resultOf(child, results)),
  };
}
