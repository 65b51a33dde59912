import type { IntOrString } from "../model/workload.js";

/**
 * A number, or a percentage of `total` rounded as told. A text that is no percentage counts as 0: the API
 * refuses it before it gets here.
 */
export function scaled(value: IntOrString, total: number, rounding: "up" | "down"): number {
  if (typeof value === "number") return value;
  const match = /^(\d+)%$/.exec(value);
  if (match === null) return 0;
  const exact = (total * Number(match[1])) / 100;
  return rounding === "up" ? Math.ceil(exact) : Math.floor(exact);
}
