import { type ApplyType, deduce, type ListType, type MapType } from "./apply-type.js";
import { type FieldSet, insertPath, newFieldSet, recursiveDifference, type Step } from "./field-set.js";
import { isFields, itemSteps, member, sameValue } from "./typed-value.js";

/** What changed between two objects; no path is in more than one of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two values of one type; parts that are the same object are taken as equal. */
export function compareTyped(before: unknown, after: unknown, type: ApplyType): Comparison {
  const walk = new Walk();
  walk.compare(before, after, type);
  return walk;
}

/** The comparison without what is at or below a path of `ignored`. */
export function excludeFields(comparison: Comparison, ignored: FieldSet): Comparison {
  return {
    added: recursiveDifference(comparison.added, ignored),
    modified: recursiveDifference(comparison.modified, ignored),
    removed: recursiveDifference(comparison.removed, ignored),
  };
}

class Walk implements Comparison {
  readonly added = newFieldSet();
  readonly modified = newFieldSet();
  readonly removed = newFieldSet();
  private readonly path: Step[] = [];

  compare(before: unknown, after: unknown, type: ApplyType): void {
    if (before === after) return;
    const left = deduce(type, before);
    const right = deduce(type, after);
    let leaf: boolean;
    if (after === undefined) {
      leaf = this.visit(before, after, left);
    } else if (before === undefined || sameType(left, right)) {
      leaf = this.visit(before, after, right);
    } else {
      this.visit(before, after, left);
      leaf = this.visit(before, after, right);
    }
    if (leaf) return;
    if (before === undefined) insertPath(this.added, this.path);
    else if (after === undefined) insertPath(this.removed, this.path);
  }

  /** Whether the values were taken as one unit. */
  private visit(before: unknown, after: unknown, type: ApplyType): boolean {
    if (type.map) return this.visitMaps(before, after, type.map);
    if (type.scalar || !type.list) return this.leaf(before, after);
    return this.visitLists(before, after, type.list);
  }

  private leaf(before: unknown, after: unknown): true {
    if (before === undefined) insertPath(this.added, this.path);
    else if (after === undefined) insertPath(this.removed, this.path);
    else if (!sameValue(before, after)) insertPath(this.modified, this.path);
    return true;
  }

  private visitMaps(before: unknown, after: unknown, map: MapType): boolean {
    const left = isFields(before) ? before : {};
    const right = isFields(after) ? after : {};
    const names = Object.keys(left);
    const others = Object.keys(right);
    if (map.atomic || (names.length === 0 && others.length === 0)) return this.leaf(before, after);
    for (const name of names) this.visitMember(left[name], member(right, name), map, name);
    for (const name of others) {
      if (!Object.hasOwn(left, name)) this.visitMember(undefined, right[name], map, name);
    }
    return false;
  }

  private visitMember(before: unknown, after: unknown, map: MapType, name: string): void {
    if (before === after) return;
    const type = map.member(name);
    if (type) this.within(`f:${name}`, before, after, type);
  }

  private within(step: Step, before: unknown, after: unknown, type: ApplyType): void {
    this.path.push(step);
    this.compare(before, after, type);
    this.path.pop();
  }

  private visitLists(before: unknown, after: unknown, list: ListType): boolean {
    const left = Array.isArray(before) ? before : [];
    const right = Array.isArray(after) ? after : [];
    if (list.atomic || (left.length === 0 && right.length === 0)) return this.leaf(before, after);
    const leftItems = groupItems(left, list);
    const rightItems = groupItems(right, list);
    for (const [step, items] of leftItems) this.visitItem(step, items, rightItems.get(step) ?? [], list);
    for (const [step, items] of rightItems) if (!leftItems.has(step)) this.visitItem(step, [], items, list);
    return false;
  }

  /** Duplicates are compared as one unit, under the path of their item. */
  private visitItem(step: Step, before: readonly unknown[], after: readonly unknown[], list: ListType): void {
    if (before.length <= 1 && after.length <= 1) {
      this.within(step, before[0], after[0], list.element());
    } else if (before.length >= 2 && after.length >= 2) {
      if (!sameValue(before, after)) insertPath(this.modified, [...this.path, step]);
    } else if (before.length >= 2) {
      if (after.length > 0) this.within(step, undefined, after[0], list.element());
      insertPath(this.removed, [...this.path, step]);
    } else {
      if (before.length > 0) this.within(step, before[0], undefined, list.element());
      insertPath(this.added, [...this.path, step]);
    }
  }
}

function groupItems(items: readonly unknown[], list: ListType): Map<Step, unknown[]> {
  const groups = new Map<Step, unknown[]>();
  for (const [index, step] of itemSteps(list, items).entries()) {
    const group = groups.get(step);
    if (group) group.push(items[index]);
    else groups.set(step, [items[index]]);
  }
  return groups;
}

function sameType(a: ApplyType, b: ApplyType): boolean {
  return a === b || (a.map === b.map && a.list === b.list && a.scalar === b.scalar);
}
