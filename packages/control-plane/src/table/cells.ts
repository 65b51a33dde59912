import type { KubeObject } from "@capstan/kube";
import { isMembers, listAt, type Members, membersAt, textAt } from "../kinds/members.js";
import type { Column } from "../registry/kind.js";
import { ageOf } from "./human-duration.js";

export type Cell = string | number | boolean | null;

/** The cells of one object's row, in the order of its columns. */
export type Row = (object: KubeObject & Members, now: number) => readonly Cell[];

const DESCRIPTION: Readonly<Record<string, string>> = {
  Name: "Name must be unique within a namespace",
  Age: "Time since the object was created",
  "Created At": "When the object was created",
};

/**
 * Columns out of a list of names: `*` after a name puts it into `-o wide` only, `:type` gives it another
 * type than string. `Name` gets the format `name`.
 */
export function columnsOf(names: string, row: Row): readonly Column[] {
  let lastObject: KubeObject | undefined;
  let lastNow = 0;
  let lastCells: readonly Cell[] = [];
  const cellsOf = (object: KubeObject, now: number) => {
    if (object === lastObject && now === lastNow) return lastCells;
    lastCells = row(object as KubeObject & Members, now);
    lastObject = object;
    lastNow = now;
    return lastCells;
  };
  return names.split(", ").map((text, index) => {
    const [label = "", type = "string"] = text.split(":");
    const name = label.replace(/[*!]$/, "");
    return {
      name,
      type: type as Column["type"],
      ...(name === "Name" && !label.endsWith("!") ? { format: "name" } : {}),
      description: DESCRIPTION[name] ?? `${name} of the object`,
      priority: label.endsWith("*") ? 1 : 0,
      cell: (object, now) => cellsOf(object, now)[index] ?? null,
    };
  });
}

export function age(object: KubeObject, now: number): string {
  return ageOf(object.metadata.creationTimestamp, now);
}

export function spec(object: Members): Members | undefined {
  return membersAt(object, "spec");
}

export function status(object: Members): Members | undefined {
  return membersAt(object, "status");
}

/** The number at `name`; 0 where there is none. */
export function count(value: Members | undefined, name: string): number {
  const member = value?.[name];
  return typeof member === "number" ? member : 0;
}

/** How many members or items are at `name`. */
export function sizeAt(value: Members | undefined, name: string): number {
  const member = value?.[name];
  if (Array.isArray(member)) return member.length;
  return isMembers(member) ? Object.keys(member).length : 0;
}

/** `k=v` pairs in order of their keys; `<none>` for no pairs. */
export function formatLabels(labels: Members | undefined): string {
  const pairs = Object.entries(labels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${String(value)}`);
  return pairs.length === 0 ? "<none>" : pairs.join(",");
}

/** A label selector object as text; empty where it selects by nothing. */
export function formatSelector(selector: Members | undefined): string {
  const terms: (readonly [string, string])[] = Object.entries(membersAt(selector, "matchLabels") ?? {}).map(
    ([key, value]) => [key, `${key}=${String(value)}`],
  );
  for (const expression of listAt(selector, "matchExpressions")) {
    const key = textAt(expression, "key");
    const values = Array.isArray(expression["values"]) ? [...expression["values"]].sort().join(",") : "";
    const forms: Readonly<Record<string, string>> = {
      In: `${key} in (${values})`,
      NotIn: `${key} notin (${values})`,
      Exists: key,
      DoesNotExist: `!${key}`,
    };
    terms.push([key, forms[textAt(expression, "operator")] ?? key]);
  }
  return terms
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, text]) => text)
    .join(",");
}

/** Names and images of the containers of a pod spec. */
export function containersOf(podSpec: Members | undefined): readonly [string, string] {
  const containers = listAt(podSpec, "containers");
  return [
    containers.map((container) => textAt(container, "name")).join(","),
    containers.map((container) => textAt(container, "image")).join(","),
  ];
}

/** The pod spec inside a holder of a template. */
export function templateSpec(holder: Members | undefined): Members | undefined {
  return membersAt(membersAt(holder, "template"), "spec");
}

/** The condition of that type. */
export function condition(object: Members, type: string): Members | undefined {
  return listAt(status(object), "conditions").find((candidate) => candidate["type"] === type);
}

/** At most `max` items, and how many more there are. */
export function shortList(items: readonly string[], max: number, separator = ","): string {
  const shown = items.slice(0, max).join(separator);
  return items.length > max ? `${shown} + ${items.length - max} more...` : shown;
}

/** The text at `name`, or `fallback` where there is none. */
export function textOr(value: Members | undefined, name: string, fallback: string): string {
  return textAt(value, name) || fallback;
}
