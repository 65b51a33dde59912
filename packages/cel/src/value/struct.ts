import type { CelType } from "../types.js";
import { equal } from "./compare.js";
import { CelObject } from "./container.js";
import type { Value } from "./value.js";

/** An object built by an expression, `Type{field: value}`. */
export class StructValue extends CelObject {
  readonly type: CelType;
  private readonly values: ReadonlyMap<string, Value>;

  constructor(type: CelType, values: ReadonlyMap<string, Value>) {
    super();
    this.type = type;
    this.values = values;
  }

  has(field: string): boolean {
    return this.values.has(field);
  }

  get(field: string): Value | undefined {
    return this.values.get(field);
  }

  fieldNames(): Iterable<string> {
    return this.values.keys();
  }

  equals(other: CelObject): boolean {
    return other.type.name === this.type.name && equalFields(this, other);
  }
}

/** Whether two objects have the same fields set to equal values. */
export function equalFields(a: CelObject, b: CelObject): boolean {
  const names = [...a.fieldNames()];
  if (names.length !== [...b.fieldNames()].length) return false;
  return names.every((name) => {
    const left = a.get(name);
    const right = b.get(name);
    return left !== undefined && right !== undefined && equal(left, right);
  });
}
