import { Kustomization } from "@capstan/delivery";
import type { Clock, KubeObject, Random } from "@capstan/kube";
import { DeclaredObjects } from "./declared-objects.js";
import type { Entry } from "./entries.js";
import { type RenderContext, renderUnit } from "./render-kustomization.js";
import { renderRelease } from "./render-release.js";
import { isFields } from "./scan.js";
import { type SourceOptions, Sources } from "./sources.js";
import { directoryOf, shownPath, treePath } from "./tree-path.js";
import { type Delivered, Unit } from "./unit.js";
import { missingVariables } from "./variables.js";

const MAX_UNITS = 10_000;
const SYNC = "flux-system";

export interface RehearsalOptions extends SourceOptions {
  readonly strict: boolean;
  /** Whether kustomize roots may only load files below themselves. */
  readonly loadRestrictions: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Told before each unit is built. */
  readonly onUnit: (name: string) => void;
}

/** The Kustomization and HelmReleases of one entry, built in the order in which Flux would come to them. */
export class ClusterRehearsal {
  readonly root: Unit;
  readonly declared = new DeclaredObjects();
  readonly #entry: Entry;
  readonly #options: RehearsalOptions;
  readonly #sources: Sources;
  readonly #context: RenderContext;
  readonly #units = new Map<string, Unit>();
  readonly #done = new Set<Unit>();

  constructor(entry: Entry, options: RehearsalOptions) {
    this.#entry = entry;
    this.#options = options;
    this.#sources = new Sources(options, this.declared);
    const { strict, signal, loadRestrictions } = options;
    const rootOnly = entry.kind === "root" && loadRestrictions;
    this.#context = { declared: this.declared, strict, rootOnly, signal };
    this.root = new Unit(rootObject(entry), shownPath(entry.path));
    this.root.source = shownPath(entry.path);
  }

  /** Builds everything; afterwards `units` hold what they deliver and what was found. */
  async run(): Promise<readonly Unit[]> {
    await this.#build(this.root);
    for (let next = this.#next(); next !== undefined; next = this.#next()) await this.#build(next);
    return [...new Set([this.root, ...this.#units.values()])];
  }

  /** The unit to build now; HelmReleases come last, for nothing waits for what is in them. */
  #next(): Unit | undefined {
    this.#options.signal.throwIfAborted();
    const waiting = [...this.#units.values()].filter((unit) => !this.#done.has(unit));
    const kustomizations = waiting.filter(({ object }) => object.kind === Kustomization.kind);
    const free = kustomizations.filter((unit) => this.#dependencies(unit).every((id) => this.#isDone(id)));
    const complete = (unit: Unit) =>
      missingVariables(unit.object as Kustomization, this.declared).length === 0;
    return free.find(complete) ?? free[0] ?? this.#stuck(kustomizations) ?? waiting[0];
  }

  #isDone(id: string): boolean {
    const unit = this.#units.get(id);
    return unit !== undefined && this.#done.has(unit);
  }

  /** Of units that wait for what does not come the first, with the reason told. */
  #stuck(waiting: readonly Unit[]): Unit | undefined {
    const [first] = waiting;
    if (first === undefined) return undefined;
    const unknown = waiting.find((unit) => this.#dependencies(unit).some((id) => !this.#units.has(id)));
    const unit = unknown ?? this.#inCycle(first);
    for (const id of this.#dependencies(unit)) {
      if (!this.#units.has(id)) unit.find("failure", `depends on ${id}, which is not in the repository`);
    }
    if (unknown === undefined) {
      unit.find("failure", `depends on itself by way of ${this.#dependencies(unit).join(", ")}`);
    }
    return unit;
  }

  /** A unit of the circle that `start` waits for. */
  #inCycle(start: Unit): Unit {
    const seen = new Set<Unit>();
    let unit = start;
    while (!seen.has(unit)) {
      seen.add(unit);
      const next = this.#dependencies(unit).find((id) => !this.#isDone(id));
      const found = next === undefined ? undefined : this.#units.get(next);
      if (found === undefined) return unit;
      unit = found;
    }
    return unit;
  }

  #dependencies({ object }: Unit): readonly string[] {
    const spec = object["spec"];
    const listed =
      isFields(spec) && Array.isArray(spec["dependsOn"]) ? spec["dependsOn"].filter(isFields) : [];
    return listed.map((each) => {
      const namespace = String(each["namespace"] ?? object.metadata.namespace ?? "");
      return `${object.kind}/${namespace}/${String(each["name"])}`;
    });
  }

  async #build(unit: Unit): Promise<void> {
    this.#done.add(unit);
    this.#options.onUnit(unit.name);
    if (unit.object.kind === Kustomization.kind) await this.#buildKustomization(unit);
    else if (unit.object.kind === "HelmRelease") {
      const { clock, random } = this.#options;
      await renderRelease(unit, { sources: this.#sources, declared: this.declared, clock, random });
    }
    for (const delivered of unit.delivered) this.declared.add(delivered.object);
    if (unit === this.root) await this.#buildAsDeclared();
    await this.#adopt(unit);
  }

  /** Builds the entry once more by the Kustomization in it that synchronises it, where there is one. */
  async #buildAsDeclared(): Promise<void> {
    let own: Delivered | undefined;
    for (const one of this.root.delivered) {
      if (own === undefined && isUnitKind(one.object) && (await this.#isRoot(one.object))) own = one;
    }
    if (own === undefined) return;
    this.root.object = own.object;
    this.root.findings.length = 0;
    await this.#buildKustomization(this.root);
    for (const { object } of this.root.delivered) this.declared.add(object);
  }

  async #buildKustomization(unit: Unit): Promise<void> {
    const object = unit.object as Kustomization;
    const path = treePath(object.spec.path);
    unit.source = shownPath(path);
    if (object.spec.suspend === true) unit.find("note", "it is suspended");
    const source =
      unit === this.root
        ? { tree: this.#options.repository, repositoryPath: (file: string) => file }
        : await this.#sources.find(object.spec.sourceRef, object.metadata.namespace ?? "");
    if (!("tree" in source)) {
      unit.without(source);
      return;
    }
    if (source.tree !== this.#options.repository)
      unit.source = `${object.spec.sourceRef.name}: ${unit.source}`;
    // Any name will do: what counts is where the files of the directory come from.
    unit.directory = directoryOf(source.repositoryPath(treePath("kustomization.yaml", path)));
    await renderUnit(unit, object, source, this.#context);
  }

  /** Makes units of the Kustomizations and HelmReleases that a unit delivers. */
  async #adopt(unit: Unit): Promise<void> {
    for (const delivered of unit.delivered) {
      const { object } = delivered;
      if (!isUnitKind(object)) continue;
      const name = `${object.kind}/${object.metadata.namespace ?? ""}/${object.metadata.name}`;
      if (await this.#isRoot(object)) {
        this.#units.set(name, this.root);
        continue;
      }
      if (this.#units.has(name)) continue;
      if (this.#units.size >= MAX_UNITS) throw new Error(`more than ${MAX_UNITS} Kustomizations`);
      this.#units.set(name, new Unit(object, name, { by: unit, place: delivered }));
    }
  }

  /** Whether this is the Kustomization that synchronises the entry itself. */
  async #isRoot(object: KubeObject): Promise<boolean> {
    const spec = object["spec"];
    if (object.kind !== Kustomization.kind || !isFields(spec) || typeof spec["path"] !== "string")
      return false;
    if (treePath(spec["path"]) !== this.#entry.path) return false;
    const source = await this.#sources.find(spec["sourceRef"], object.metadata.namespace ?? "");
    return "tree" in source && source.tree === this.#options.repository;
  }
}

function isUnitKind({ apiVersion, kind }: Delivered["object"]): boolean {
  return (
    (kind === "Kustomization" && apiVersion.startsWith("kustomize.toolkit.fluxcd.io/")) ||
    (kind === "HelmRelease" && apiVersion.startsWith("helm.toolkit.fluxcd.io/"))
  );
}

/** The Kustomization that would apply an entry. */
function rootObject({ path }: Entry): Kustomization {
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: SYNC, namespace: SYNC },
    spec: {
      path,
      prune: true,
      force: false,
      interval: "10m0s",
      sourceRef: { kind: "GitRepository", name: SYNC },
    },
  };
}
