/** How soon a ready item is taken: what somebody waits for goes before routine work. */
export type Priority = "high" | "normal" | "low";

const ORDER: readonly Priority[] = ["high", "normal", "low"];
/** Of this many items taken, one comes from a lower priority, so that nothing starves. */
const YIELD_EVERY = 16;

/**
 * Ready keys by priority; within one priority the groups (namespaces) take turns, and within a group
 * the order is first in, first out. One tenant with ten thousand objects delays another by one turn.
 */
export class ReadyList {
  readonly #levels = new Map<Priority, Map<string, Set<string>>>();
  readonly #placed = new Map<string, { readonly priority: Priority; readonly group: string }>();
  #taken = 0;

  get size(): number {
    return this.#placed.size;
  }

  has(key: string): boolean {
    return this.#placed.has(key);
  }

  /** Adds a key, or raises the priority of one that waits already. */
  add(key: string, group: string, priority: Priority): void {
    const placed = this.#placed.get(key);
    if (placed !== undefined) {
      if (ORDER.indexOf(placed.priority) <= ORDER.indexOf(priority)) return;
      this.remove(key);
    }
    this.#placed.set(key, { priority, group });
    let level = this.#levels.get(priority);
    if (level === undefined) {
      level = new Map();
      this.#levels.set(priority, level);
    }
    const keys = level.get(group);
    if (keys === undefined) level.set(group, new Set([key]));
    else keys.add(key);
  }

  remove(key: string): boolean {
    const placed = this.#placed.get(key);
    if (placed === undefined) return false;
    this.#placed.delete(key);
    const level = this.#levels.get(placed.priority);
    const keys = level?.get(placed.group);
    keys?.delete(key);
    if (keys?.size === 0) level?.delete(placed.group);
    return true;
  }

  /** Takes the next key. */
  take(): string | undefined {
    if (this.#placed.size === 0) return undefined;
    this.#taken += 1;
    const order = this.#taken % YIELD_EVERY === 0 ? [...ORDER].reverse() : ORDER;
    for (const priority of order) {
      const level = this.#levels.get(priority);
      const first = level?.entries().next();
      if (level === undefined || first === undefined || first.done === true) continue;
      const [group, keys] = first.value;
      const key = keys.values().next().value;
      if (key === undefined) continue;
      this.remove(key);
      if (level.delete(group)) level.set(group, keys);
      return key;
    }
    return undefined;
  }
}
