import { EvalFailure, type Result, type Value } from "../value/value.js";

/** Thrown when an evaluation has used up its budget; ends it whatever `||` or `&&` surround it. */
export class CostExceeded extends Error {}

/** A variable as one program uses it: its name and how raw data becomes its value. */
export interface VariableSlot {
  readonly name: string;
  readonly read: (raw: unknown) => Value;
}

/** The state of one evaluation. */
export class Frame {
  cost = 0;
  /** Variables of comprehensions. */
  readonly slots: Result[] = [];
  private readonly limit: number;
  private readonly lookup: (name: string) => unknown;
  private readonly variables: readonly VariableSlot[];
  private readonly read: (Result | undefined)[] = [];

  constructor(variables: readonly VariableSlot[], lookup: (name: string) => unknown, limit: number) {
    this.variables = variables;
    this.lookup = lookup;
    this.limit = limit;
  }

  /** Adds to the cost. Throws CostExceeded beyond the limit. */
  charge(units: number): void {
    this.cost += units;
    if (this.cost > this.limit) throw new CostExceeded();
  }

  /** The value of a variable, read once per evaluation. Fails when it is not bound. */
  variable(index: number): Result {
    const known = this.read[index];
    if (known !== undefined) return known;
    const slot = this.variables[index];
    if (slot === undefined) return new EvalFailure("no such attribute");
    const raw = this.lookup(slot.name);
    const value = raw === undefined ? new EvalFailure(`no such attribute(s): ${slot.name}`) : slot.read(raw);
    this.read[index] = value;
    return value;
  }

  /** A variable by name, for expressions that were not checked; undefined when it is not bound. */
  named(name: string): unknown {
    return this.lookup(name);
  }
}

/** A compiled node. */
export type Eval = (frame: Frame) => Result;
