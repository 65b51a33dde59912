/**
 * The two ways in which Go programs of the Kubernetes world read YAML.
 *
 * `helm` is `sigs.k8s.io/yaml` (also kubectl, Flux and every controller): YAML 1.1 booleans (`on`, `y`),
 * the last of duplicate keys wins, dates stay strings. `kustomize` is kyaml's reader of resources: only
 * `true` and `false` are booleans, duplicate keys are errors, dates become RFC 3339 timestamps.
 */
export type YamlDialect = "helm" | "kustomize";

/** What a scalar becomes; integers past 2^53 that fit 64 bits are bigints at this stage. */
export type YamlScalar = null | boolean | number | bigint | string;

const maxUint64 = 2n ** 64n - 1n;
const minInt64 = -(2n ** 63n);

const nulls = new Set(["", "~", "null", "Null", "NULL"]);
const core = new Map<string, boolean>(
  ["true", "True", "TRUE"]
    .map((word): [string, boolean] => [word, true])
    .concat(["false", "False", "FALSE"].map((word) => [word, false])),
);
const yaml11 = new Map<string, boolean>([
  ...core,
  ...["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"].map((word): [string, boolean] => [word, true]),
  ...["n", "N", "no", "No", "NO", "off", "Off", "OFF"].map((word): [string, boolean] => [word, false]),
]);

const integerPattern = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const floatPattern = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const specialFloat = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/**
 * The value of a plain scalar without a tag. `.inf` and `.nan` become the floats of that name, which JSON
 * cannot carry: callers refuse them.
 */
export function resolvePlainScalar(text: string, dialect: YamlDialect): YamlScalar {
  const first = text.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) return resolveNumber(text, dialect);
  switch (text[0]) {
    case undefined:
    case "~":
      return nulls.has(text) ? null : text;
    case "-":
    case "+":
    case ".":
      return specialFloat.test(text) ? resolveSpecialFloat(text) : resolveNumber(text, dialect);
    case "n":
    case "N":
      if (nulls.has(text)) return null;
      return dialect === "helm" ? (yaml11.get(text) ?? text) : text;
    case "y":
    case "Y":
    case "o":
    case "O":
      return dialect === "helm" ? (yaml11.get(text) ?? text) : text;
    case "t":
    case "T":
    case "f":
    case "F":
      return core.get(text) ?? text;
    default:
      return text;
  }
}

/** Whether a YAML 1.1 reader takes the plain `text` for a string, old base-60 numbers and dates included. */
export function readsAsString(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) {
    return (
      typeof resolveNumber(text, "helm") === "string" &&
      !isBase60(text) &&
      parseYamlTimestamp(text) === undefined
    );
  }
  if (first === 0x2b || first === 0x2d) {
    return typeof resolvePlainScalar(text, "helm") === "string" && !isBase60(text);
  }
  return typeof resolvePlainScalar(text, "helm") === "string";
}

function isBase60(text: string): boolean {
  return /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text);
}

function resolveNumber(text: string, dialect: YamlDialect): YamlScalar {
  const plain = text.includes("_") && !text.startsWith(".") ? text.replaceAll("_", "") : text;
  const integer = parseGoInteger(plain);
  if (integer !== undefined) return integer;
  if (floatPattern.test(plain)) {
    const float = Number(plain);
    if (Number.isFinite(float)) return float;
  }
  if (dialect === "kustomize") return parseYamlTimestamp(text) ?? text;
  return text;
}

/**
 * Reads an integer as Go's `ParseInt(text, 0, 64)` and `ParseUint` do: `0x`, `0o`, `0b` and a leading zero
 * choose the base. `undefined` where the text is no integer of 64 bits.
 */
function parseGoInteger(text: string): number | bigint | undefined {
  const match = integerPattern.exec(text);
  if (match === null) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  if (decimal !== undefined && decimal.length <= 15) {
    const value = Number(decimal);
    return sign === "-" && value !== 0 ? -value : value;
  }
  const magnitude = BigInt(
    decimal ?? (hex !== undefined ? `0x${hex}` : binary !== undefined ? `0b${binary}` : `0o${octal}`),
  );
  const value = sign === "-" ? -magnitude : magnitude;
  if (value > maxUint64 || value < minInt64) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function resolveSpecialFloat(text: string): number {
  if (text.toLowerCase() === ".nan") return Number.NaN;
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const timestampPattern =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?(Z|[-+]\d{2}:\d{2}))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?))?$/;

/** A YAML timestamp as Go prints it (RFC 3339, trailing zeros of the fraction dropped), else `undefined`. */
function parseYamlTimestamp(text: string): string | undefined {
  const match = timestampPattern.exec(text);
  if (match === null) return undefined;
  const [, year = "", month = "", day = ""] = match;
  const [hour, minute, second] = [
    match[4] ?? match[9] ?? "0",
    match[5] ?? match[10] ?? "0",
    match[6] ?? match[11] ?? "0",
  ];
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const valid =
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(day) >= 1 &&
    Number(day) <= days &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60;
  if (!valid) return undefined;
  const fraction = (match[7] ?? match[12] ?? "").replace(/0+$/, "");
  const zone = match[8] === undefined || match[8] === "+00:00" ? "Z" : match[8];
  const pad = (part: string) => part.padStart(2, "0");
  const time = `${pad(hour)}:${pad(minute)}:${pad(second)}${fraction === "" ? "" : `.${fraction}`}`;
  return `${year}-${pad(month)}-${pad(day)}T${time}${zone}`;
}

/**
 * The value of a scalar with an explicit tag; tags that are not YAML's own leave a string.
 * `undefined` where the text does not fit the tag.
 */
export function resolveTaggedScalar(
  tag: string,
  text: string,
  plain: boolean,
  dialect: YamlDialect,
): YamlScalar | undefined {
  switch (tag) {
    case "null":
      return nulls.has(text) ? null : undefined;
    case "bool": {
      const value = yaml11.get(text);
      return dialect === "kustomize" && !plain ? (core.get(text) ?? value) : value;
    }
    case "int": {
      const value = resolvePlainScalar(text, dialect);
      return typeof value === "bigint" || Number.isInteger(value) ? value : undefined;
    }
    case "float": {
      const value = resolvePlainScalar(text, dialect);
      return typeof value === "bigint" ? Number(value) : typeof value === "number" ? value : undefined;
    }
    case "binary":
      return /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)
        ? Buffer.from(text, "base64").toString("utf8")
        : undefined;
    case "timestamp":
      return dialect === "kustomize" ? parseYamlTimestamp(text) : text;
    default:
      return text;
  }
}
