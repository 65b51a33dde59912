import { formatTime, type ManagedFieldsEntry } from "@capstan/kube";
import type { FieldSet } from "./field-set.js";
import { formatFieldsV1, parseFieldsV1 } from "./fields-v1.js";
import { compareText, encodeJson } from "./path-step.js";

/** One manager of an object: who, how, at which version, and which fields. */
export interface Manager {
  readonly name: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339, or undefined where the entry carries no time. */
  readonly time: string | undefined;
  readonly set: FieldSet;
  /** The entry this was read from, as long as nothing about it changed. */
  readonly entry?: ManagedFieldsEntry;
}

/** Managers by identity. */
export type Managers = Map<string, Manager>;

/** `metadata.managedFields` that cannot be read. */
export class ManagedFieldsError extends Error {
  override readonly name = "ManagedFieldsError";
}

const decoded = new WeakMap<readonly unknown[], Managers>();

/**
 * Reads `metadata.managedFields`. The result is remembered by identity of the list and must not be
 * changed; copy it first. Throws `ManagedFieldsError` where an entry is not as the API writes it.
 */
export function decodeManagers(entries: unknown): ReadonlyMap<string, Manager> {
  if (entries === undefined || entries === null) return NONE;
  if (!Array.isArray(entries)) throw new ManagedFieldsError("managedFields is not a list");
  const known = decoded.get(entries);
  if (known) return known;
  const managers: Managers = new Map();
  for (const [index, entry] of entries.entries()) {
    const manager = decodeEntry(entry, index);
    managers.set(managerId(manager), manager);
  }
  decoded.set(entries, managers);
  return managers;
}

const NONE: ReadonlyMap<string, Manager> = new Map();

function decodeEntry(entry: unknown, index: number): Manager {
  if (typeof entry !== "object" || entry === null)
    throw new ManagedFieldsError(`entry ${index} is no object`);
  const { manager, operation, apiVersion, subresource, time, fieldsType, fieldsV1 } =
    entry as ManagedFieldsEntry;
  if (operation !== "Apply" && operation !== "Update") {
    throw new ManagedFieldsError("operation must be `Apply` or `Update`");
  }
  if (!apiVersion) throw new ManagedFieldsError("apiVersion must not be empty");
  if (!fieldsType) throw new ManagedFieldsError(`missing fieldsType in managed fields entry ${index}`);
  if (fieldsType !== "FieldsV1") {
    throw new ManagedFieldsError(
      `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`,
    );
  }
  return {
    name: manager ?? "",
    operation,
    apiVersion,
    subresource: subresource ?? "",
    time: time ?? undefined,
    set: decodeSet(fieldsV1),
    entry: entry as ManagedFieldsEntry,
  };
}

const EMPTY_FIELDS = {};

function decodeSet(fields: unknown): FieldSet {
  try {
    return parseFieldsV1((fields as object | undefined) ?? EMPTY_FIELDS);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ManagedFieldsError(`error decoding set: ${error.message}`, { cause: error });
  }
}

/**
 * What makes a manager the same one: its name, operation and subresource, and for updates the version
 * too. Also the order in which conflicts name managers.
 */
export function managerId(
  manager: Pick<Manager, "name" | "operation" | "apiVersion" | "subresource">,
): string {
  const { name, operation, apiVersion, subresource } = manager;
  const first = name === "" ? "" : `"manager":${encodeJson(name)},`;
  const version = operation === "Update" ? `,"apiVersion":${encodeJson(apiVersion)}` : "";
  const last = subresource === "" ? "" : `,"subresource":${encodeJson(subresource)}`;
  return `{${first}"operation":"${operation}"${version}${last}}`;
}

/** Writes managers in the order of the API; `undefined` where there are none. Unchanged entries stay as they were. */
export function encodeManagers(managers: ReadonlyMap<string, Manager>): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  const sorted = [...managers].sort(
    ([, a], [, b]) =>
      compareText(a.operation, b.operation) ||
      seconds(a.time) - seconds(b.time) ||
      compareText(a.name, b.name) ||
      compareText(a.apiVersion, b.apiVersion) ||
      compareText(a.subresource, b.subresource),
  );
  const entries: ManagedFieldsEntry[] = [];
  const byId: Managers = new Map();
  for (const [id, manager] of sorted) {
    const entry = manager.entry ?? encodeManager(manager);
    entries.push(entry);
    byId.set(id, manager.entry === entry ? manager : { ...manager, entry });
  }
  decoded.set(entries, byId);
  return entries;
}

function encodeManager(manager: Manager): ManagedFieldsEntry {
  const { name, operation, apiVersion, subresource, time, set } = manager;
  const entry: { -readonly [field in keyof ManagedFieldsEntry]: ManagedFieldsEntry[field] } = {};
  if (name !== "") entry.manager = name;
  entry.operation = operation;
  entry.apiVersion = apiVersion;
  if (time !== undefined) entry.time = time;
  entry.fieldsType = "FieldsV1";
  entry.fieldsV1 = formatFieldsV1(set);
  if (subresource !== "") entry.subresource = subresource;
  return entry;
}

/** Seconds of a manager's time since the epoch; managers without one come first. */
export function seconds(time: string | undefined): number {
  return time === undefined ? 0 : Math.floor(Date.parse(time) / 1000);
}

/** The manager with another set, time or version. */
export function changeManager(manager: Manager, change: Partial<Omit<Manager, "entry">>): Manager {
  const { entry: _, ...rest } = manager;
  return { ...rest, ...change };
}

/** `now` as managed fields carry it: whole seconds. */
export function managerTime(now: number): string {
  return formatTime(now);
}
