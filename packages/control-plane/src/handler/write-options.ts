import type { FieldError } from "../registry/kind.js";
import type { Query } from "./call.js";
import { invalid } from "./errors.js";

export type FieldValidation = "Ignore" | "Warn" | "Strict";

/** Query parameters of create, update and patch. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string | undefined;
  readonly fieldValidation: FieldValidation;
  readonly force: boolean | undefined;
}

const MAX_MANAGER = 128;

/** Reads and checks write options; throws 422 naming `optionsKind`, e.g. `CreateOptions`. */
export function readWriteOptions(query: Query, optionsKind: string): WriteOptions {
  const errors: FieldError[] = [];
  const dryRun = readDryRun(query, errors);
  const fieldManager = query.get("fieldManager") || undefined;
  if (fieldManager !== undefined) checkManager(fieldManager, errors);
  const fieldValidation = query.get("fieldValidation") || "Warn";
  if (fieldValidation !== "Ignore" && fieldValidation !== "Warn" && fieldValidation !== "Strict") {
    errors.push({
      type: "Unsupported value",
      field: "fieldValidation",
      value: fieldValidation,
      detail: 'supported values: "", "Ignore", "Strict", "Warn"',
    });
  }
  const force = query.get("force");
  throwIfAny(errors, optionsKind);
  return {
    dryRun,
    fieldManager,
    fieldValidation: fieldValidation as FieldValidation,
    force: force === undefined || force === "" ? undefined : force === "true" || force === "1",
  };
}

/** Whether `dryRun=All` was asked for; anything else is an error. */
export function readDryRun(query: Query, errors: FieldError[]): boolean {
  const dryRun = query.get("dryRun");
  if (dryRun === undefined || dryRun === "") return false;
  if (dryRun !== "All") {
    errors.push({
      type: "Unsupported value",
      field: "dryRun",
      value: [dryRun],
      detail: 'supported values: "All"',
    });
  }
  return true;
}

export function throwIfAny(errors: readonly FieldError[], optionsKind: string): void {
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: optionsKind }, "", errors);
}

function checkManager(manager: string, errors: FieldError[]): void {
  if (Buffer.byteLength(manager) > MAX_MANAGER) {
    errors.push({
      type: "Too long",
      field: "fieldManager",
      value: manager,
      detail: `may not be more than ${MAX_MANAGER} bytes`,
    });
  }
  let position = 0;
  for (const char of manager) {
    if (!isPrintable(char)) {
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      errors.push({
        type: "Invalid value",
        field: "fieldManager",
        value: manager,
        detail: `invalid character U+${code} (at position ${position})`,
      });
      return;
    }
    position++;
  }
}

function isPrintable(char: string): boolean {
  return char === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(char);
}

/** The managers of user agents that were seen; most requests come from the same few. */
const managers = new Map<string, string>();
const MAX_KNOWN = 256;

/** The manager of a request that names none: its user agent up to the first slash. */
export function defaultManager(userAgent: string | undefined): string {
  const head = (userAgent ?? "").split("/", 1)[0] ?? "";
  const known = managers.get(head);
  if (known !== undefined) return known;
  const manager = printableManager(head);
  if (managers.size >= MAX_KNOWN) managers.clear();
  if (head.length <= MAX_MANAGER) managers.set(head, manager);
  return manager;
}

function printableManager(head: string): string {
  const printable = [...head].filter(isPrintable).join("");
  const manager = Buffer.from(printable).subarray(0, MAX_MANAGER).toString("utf8");
  return manager === "" ? "unknown" : manager;
}
