import { EMPTY_CONFIG, mergeConfig, type TransformerConfig } from "../fieldspec/transformer-config.js";
import { ResMap } from "../resource/res-map.js";
import { type BoundVar, mergeVars } from "../transformers/vars.js";

/** What a level has gathered: resources, field specs and vars. */
export class Accumulator {
  readonly map = new ResMap();
  readonly vars = new Map<string, BoundVar>();
  config: TransformerConfig = EMPTY_CONFIG;

  mergeConfig(more: TransformerConfig): void {
    this.config = mergeConfig(this.config, more);
  }

  /** Takes over all that a base has gathered. */
  merge(other: Accumulator): void {
    this.map.appendAll(other.map.resources);
    this.mergeConfig(other.config);
    mergeVars(this.vars, other.vars.values());
  }
}
