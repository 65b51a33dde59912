import type { FieldError } from "../registry/kind.js";
import type { Query } from "./call.js";
import { badRequest } from "./errors.js";
import { throwIfAny } from "./write-options.js";

type VersionMatch = "Exact" | "NotOlderThan";

/** Query parameters of list, watch and deletecollection. */
export interface ListOptions {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  /** 0: no limit. */
  readonly limit: number;
  readonly continue: string;
  /** `undefined` where absent. */
  readonly resourceVersion: number | undefined;
  readonly match: VersionMatch | undefined;
  readonly sendInitialEvents: boolean | undefined;
  readonly allowBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** Reads and checks list options; `watching` decides which combinations are allowed (422). */
export function readListOptions(query: Query, watching: boolean): ListOptions {
  const options: ListOptions = {
    labelSelector: query.get("labelSelector") ?? "",
    fieldSelector: query.get("fieldSelector") ?? "",
    limit: Math.max(0, integer(query, "limit") ?? 0),
    continue: query.get("continue") ?? "",
    resourceVersion: readVersion(query.get("resourceVersion")),
    match: (query.get("resourceVersionMatch") || undefined) as VersionMatch | undefined,
    sendInitialEvents: boolean(query, "sendInitialEvents"),
    allowBookmarks: boolean(query, "allowWatchBookmarks") ?? false,
    timeoutSeconds: integer(query, "timeoutSeconds"),
  };
  const errors: FieldError[] = [];
  if (watching) checkWatch(options, errors);
  else checkList(options, errors);
  throwIfAny(errors, "ListOptions");
  return options;
}

function checkList(options: ListOptions, errors: FieldError[]): void {
  if (options.sendInitialEvents !== undefined) {
    errors.push(refused("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  if (options.match === undefined) return;
  if (options.resourceVersion === undefined) {
    errors.push(refused(MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
  }
  if (options.continue !== "") {
    errors.push(refused(MATCH, "resourceVersionMatch is forbidden when continue is provided"));
  }
  if (options.match !== "Exact" && options.match !== "NotOlderThan") {
    errors.push(unsupported(options.match, '"Exact", "NotOlderThan", ""'));
  }
  if (options.match === "Exact" && options.resourceVersion === 0) {
    errors.push(refused(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
}

function checkWatch(options: ListOptions, errors: FieldError[]): void {
  if (options.sendInitialEvents !== undefined && options.match !== "NotOlderThan") {
    errors.push(refused(MATCH, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  }
  if (options.match === undefined) return;
  if (options.sendInitialEvents === undefined) {
    errors.push(
      refused(MATCH, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"),
    );
  }
  if (options.match !== "NotOlderThan") errors.push(unsupported(options.match, '"NotOlderThan"'));
  if (options.continue !== "") {
    errors.push(refused(MATCH, "resourceVersionMatch is forbidden when continue is provided"));
  }
}

const MATCH = "resourceVersionMatch";

function refused(field: string, detail: string): FieldError {
  return { type: "Forbidden", field, detail };
}

function unsupported(value: string, supported: string): FieldError {
  return { type: "Unsupported value", field: MATCH, value, detail: `supported values: ${supported}` };
}

/** A resourceVersion of a list or watch: `undefined` where absent. Throws 400 for anything but digits. */
function readVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^\d{1,19}$/.test(text)) {
    throw badRequest(`invalid resource version: ${invalidVersion(text)}`);
  }
  return Number(text);
}

/** How Go words a resourceVersion that is not a number. */
export function invalidVersion(text: string): string {
  const quoted = JSON.stringify(text);
  const why = /^\d+$/.test(text) ? "value out of range" : "invalid syntax";
  return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`;
}

function integer(query: Query, name: string): number | undefined {
  const text = query.get(name);
  if (text === undefined || text === "") return undefined;
  if (!/^[+-]?\d{1,15}$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

function boolean(query: Query, name: string): boolean | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  return text !== "false" && text !== "0";
}
