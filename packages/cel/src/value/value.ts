import type { CelType } from "../types.js";
import type { CelList, CelMap, CelObject } from "./container.js";
import type { CelDouble, CelUint } from "./number.js";
import type { Duration, Timestamp } from "./time.js";

/** A value during evaluation. An int is a number or a bigint, see `number.ts`. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | CelDouble
  | CelUint
  | Uint8Array
  | Timestamp
  | Duration
  | CelList
  | CelMap
  | CelObject
  | CelType
  | Optional
  | Opaque;

/** An evaluation that failed; a value, because `||` and `&&` may ignore it. */
export class EvalFailure {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export type Result = Value | EvalFailure;

/** What runs when a function is called; arguments are never errors. */
export type Implementation = (...args: Value[]) => Result;

/** The value of `optional.of(x)`, or of `optional.none()` when `value` is undefined. */
export class Optional {
  static readonly none = new Optional(undefined);
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

/** A value that only functions look into, such as an IP address. */
export abstract class Opaque {
  abstract readonly type: CelType;
  abstract equals(other: Opaque): boolean;
}

/** The error of a call whose arguments fit no overload. */
export function noSuchOverload(): EvalFailure {
  return new EvalFailure("no such overload");
}
