import type { Library } from "../environment.js";
import { boolType, listType, typeParam } from "../types.js";
import { CelList } from "../value/container.js";
import { includes } from "../value/typed.js";
import { noSuchOverload, type Result, type Value } from "../value/value.js";
import { declare, overload } from "./declare.js";

const T = typeParam("T");
const listT = listType(T);

function relation(name: string, test: (a: CelList, b: CelList) => boolean) {
  return declare(
    `sets.${name}`,
    overload(
      `list_sets_${name}_list`,
      [listT, listT],
      boolType,
      (a: Value = null, b: Value = null): Result =>
        a instanceof CelList && b instanceof CelList ? test(a, b) : noSuchOverload(),
    ),
  );
}

function containsAll(a: CelList, b: CelList): boolean {
  for (const item of b) if (!includes(a, item)) return false;
  return true;
}

function intersects(a: CelList, b: CelList): boolean {
  for (const item of b) if (includes(a, item)) return true;
  return false;
}

/** `sets.contains`, `sets.equivalent`, `sets.intersects` on lists. */
export const setsLibrary: Library = {
  functions: [
    relation("contains", containsAll),
    relation("equivalent", (a, b) => containsAll(a, b) && containsAll(b, a)),
    relation("intersects", intersects),
  ],
};
