import type { GoValue } from "../value/go-value.js";

/** A variable of a template. */
export interface Variable {
  readonly name: string;
  value: GoValue;
  /** Held in an interface, as elements of lists are. */
  boxed: boolean;
}

/** The variables that are visible, innermost last. */
export class VariableStack {
  private readonly variables: Variable[] = [];

  /** Where a scope starts; `leave` takes it back there. */
  get mark(): number {
    return this.variables.length;
  }

  leave(mark: number): void {
    this.variables.length = mark;
  }

  declare(name: string, value: GoValue): void {
    this.variables.push({ name, value, boxed: false });
  }

  /** The innermost variable of a name. */
  find(name: string): Variable | undefined {
    for (let index = this.variables.length - 1; index >= 0; index -= 1) {
      const variable = this.variables[index];
      if (variable?.name === name) return variable;
    }
    return undefined;
  }

  /** Changes the variable at a place. */
  put(index: number, value: GoValue, boxed: boolean): void {
    const variable = this.variables[index];
    if (variable === undefined) return;
    variable.value = value;
    variable.boxed = boxed;
  }
}
