import type { CelType } from "../types.js";
import { equal } from "../value/compare.js";
import { ArrayList, type CelList, CelMap, CelObject } from "../value/container.js";
import { TypedList } from "../value/typed.js";
import type { Value } from "../value/value.js";

/** A `set` list: equal to one with the same elements in any order; joining drops what is already there. */
export class SetList extends TypedList {
  equalTo(other: CelList): boolean {
    return containsEach(this, other) && containsEach(other, this);
  }

  concat(other: CelList): CelList {
    const items = [...this];
    for (const item of other) if (!items.some((known) => equal(known, item))) items.push(item);
    return new ArrayList(items);
  }
}

/** A `map` list: elements are known by their keys; joining replaces elements in place and appends new ones. */
export class MapKeyList extends TypedList {
  private readonly keys: readonly string[];

  constructor(raw: readonly unknown[], type: CelType, keys: readonly string[]) {
    super(raw, type);
    this.keys = keys;
  }

  private keyOf(item: Value): string {
    return JSON.stringify(this.keys.map((key) => plain(fieldOf(item, key))));
  }

  private byKey(list: CelList): Map<string, Value> {
    return new Map([...list].map((item) => [this.keyOf(item), item]));
  }

  equalTo(other: CelList): boolean {
    const theirs = this.byKey(other);
    return [...this].every((item) => {
      const match = theirs.get(this.keyOf(item));
      return match !== undefined && equal(item, match);
    });
  }

  concat(other: CelList): CelList {
    const joined = this.byKey(this);
    for (const [key, item] of this.byKey(other)) joined.set(key, item);
    return new ArrayList([...joined.values()]);
  }
}

function containsEach(list: CelList, wanted: CelList): boolean {
  for (const item of wanted) {
    let found = false;
    for (const known of list) found ||= equal(known, item);
    if (!found) return false;
  }
  return true;
}

function fieldOf(item: Value, key: string): Value | undefined {
  if (item instanceof CelObject) return item.get(key);
  return item instanceof CelMap ? item.find(key) : undefined;
}

function plain(value: Value | undefined): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
