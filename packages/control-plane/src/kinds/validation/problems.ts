import type { FieldError } from "../../registry/kind.js";

export const NOT_NEGATIVE = "must be greater than or equal to 0";
export const IMMUTABLE = "field is immutable";
export const NOT_IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/** Collects why an object is refused, in Kubernetes' words. */
export class Problems {
  readonly list: FieldError[] = [];

  required(field: string, detail = ""): void {
    this.list.push({ type: "Required value", field, detail });
  }

  invalid(field: string, value: unknown, detail: string): void {
    this.list.push({ type: "Invalid value", field, detail, value });
  }

  forbidden(field: string, detail: string): void {
    this.list.push({ type: "Forbidden", field, detail });
  }

  duplicate(field: string, value: unknown): void {
    this.list.push({ type: "Duplicate value", field, detail: "", value });
  }

  notFound(field: string, value: unknown): void {
    this.list.push({ type: "Not found", field, detail: "", value });
  }

  tooLong(field: string, bytes: number): void {
    this.list.push({ type: "Too long", field, detail: `may not be more than ${bytes} bytes` });
  }

  tooMany(field: string, actual: number, most: number): void {
    this.list.push({ type: "Too many", field, detail: `must have at most ${most} items`, value: actual });
  }

  unsupported(field: string, value: unknown, supported: readonly string[]): void {
    const detail = `supported values: ${supported.map((item) => `"${item}"`).join(", ")}`;
    this.list.push({ type: "Unsupported value", field, detail, value });
  }

  /** One of `supported`, printed in the given order. */
  oneOf(field: string, value: unknown, supported: readonly string[]): void {
    if (!supported.includes(String(value))) this.unsupported(field, value, supported);
  }

  /** One of `supported`; `Required value` where it is empty. */
  requiredOneOf(field: string, value: unknown, supported: readonly string[], detail = ""): void {
    if (value === undefined || value === null || value === "") this.required(field, detail);
    else this.oneOf(field, value, supported);
  }

  /** Each message of a name check becomes an invalid value. */
  names(field: string, value: string, check: (text: string) => readonly string[]): void {
    for (const message of check(value)) this.invalid(field, value, message);
  }

  notNegative(field: string, value: unknown): void {
    if (typeof value === "number" && value < 0) this.invalid(field, value, NOT_NEGATIVE);
  }

  range(field: string, value: unknown, least: number, most: number): void {
    if (typeof value !== "number" || (value >= least && value <= most)) return;
    this.invalid(field, value, `must be between ${least} and ${most}, inclusive`);
  }

  port(field: string, value: unknown): void {
    this.range(field, value, 1, 65535);
  }

  unchanged(field: string, next: unknown, same: boolean): void {
    if (!same) this.invalid(field, next, IMMUTABLE);
  }
}

/** Messages for a port's name: at most 15 lower-case letters, digits and hyphens. */
export function portNameMessages(name: string): readonly string[] {
  const messages: string[] = [];
  if (name.length > 15) messages.push("must be no more than 15 characters");
  if (!/^[-a-z0-9]*$/.test(name)) {
    messages.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(name)) messages.push("must contain at least one letter (a-z)");
  if (name.includes("--")) messages.push("must not contain consecutive hyphens");
  if (name.startsWith("-") || name.endsWith("-")) messages.push("must not begin or end with a hyphen");
  return messages;
}

/** Messages for a key of a ConfigMap or Secret. */
export function configKeyMessages(key: string): readonly string[] {
  const messages: string[] = [];
  if (key.length > 253) messages.push("must be no more than 253 characters");
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    messages.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    );
  }
  if (key === ".") messages.push("must not be '.'");
  else if (key === "..") messages.push("must not be '..'");
  else if (key.startsWith("..")) messages.push("must not start with '..'");
  return messages;
}

/** Messages for a percentage as text. */
function percentMessages(text: string): readonly string[] {
  if (/^[0-9]+%$/.test(text)) return [];
  return [
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
  ];
}

/** An int-or-string that counts something or is a percentage of it. */
export function intOrPercent(problems: Problems, field: string, value: unknown): void {
  if (typeof value === "number") problems.notNegative(field, value);
  else if (typeof value === "string") problems.names(field, value, percentMessages);
}

/** The percentage that a text says; `undefined` for anything else. */
export function percentOf(value: unknown): number | undefined {
  return typeof value === "string" && /^[0-9]+%$/.test(value) ? Number(value.slice(0, -1)) : undefined;
}
