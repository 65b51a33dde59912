import type { KustomizeError } from "../errors.js";
import type { InflateHelmChart } from "../generators/helm-chart.js";
import type { Budget } from "../loader/limits.js";
import { builtinSchema } from "../schema/builtin.js";
import type { SchemaLookup } from "../schema/merge-schema.js";
import { Scopes } from "../schema/scopes.js";

/** What all levels of one build share. */
export class BuildContext {
  readonly scopes = new Scopes();
  readonly budget: Budget;
  readonly inflateHelmChart: InflateHelmChart | undefined;
  readonly warnings: string[] = [];
  /** Failures of single files, where they are collected; undefined where the first ends the build. */
  readonly collected: KustomizeError[] | undefined;
  #usedSchemas = false;
  /** Set once: the first kustomization that names a schema decides for the whole build. */
  #lookup: SchemaLookup | undefined;

  constructor(budget: Budget, inflate: InflateHelmChart | undefined, collect: boolean) {
    this.budget = budget;
    this.inflateHelmChart = inflate;
    this.collected = collect ? [] : undefined;
  }

  get hasSchemas(): boolean {
    return this.#lookup !== undefined;
  }

  setSchemas(lookup: SchemaLookup): void {
    this.#lookup = lookup;
  }

  /** Finds a schema at the time of the merge, so that one that was set late counts. */
  readonly lookup: SchemaLookup = (apiVersion, kind) => {
    this.#usedSchemas = true;
    return (this.#lookup ?? builtinSchema)(apiVersion, kind);
  };

  /** Whether the built-in schemas were needed before: then they stay beside those of a kustomization. */
  get builtinInUse(): boolean {
    return this.#usedSchemas || this.scopes.sawUnknown;
  }
}
