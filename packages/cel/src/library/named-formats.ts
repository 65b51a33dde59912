import {
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isLabelValue,
  isQualifiedName,
} from "@capstan/kube";
import type { Library } from "../environment.js";
import { listType, opaqueType, optionalType, stringType } from "../types.js";
import { ArrayList } from "../value/container.js";
import { parseTimestamp } from "../value/time.js";
import { EvalFailure, noSuchOverload, Opaque, Optional } from "../value/value.js";
import { declare, method, overload } from "./declare.js";
import { parseRequestUrl } from "./go-url.js";

const formatType = opaqueType("kubernetes.NamedFormat");

/** A named format; `validate` gives what is wrong with a text, nothing when it fits. */
class FormatValue extends Opaque {
  readonly type = formatType;
  readonly name: string;
  /** Length of the format's expression, which its cost depends on. */
  readonly maxRegexSize: number;
  readonly validate: (text: string) => readonly string[];

  constructor(name: string, maxRegexSize: number, validate: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.maxRegexSize = maxRegexSize;
    this.validate = validate;
  }

  equals(other: Opaque): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}

/** A name that generateName completes: a dash at its end is replaced before the check. */
function prefixOf(validate: (text: string) => string[]): (text: string) => string[] {
  return (text) => validate(text.length > 1 && text.endsWith("-") ? `${text.slice(0, -2)}a` : text);
}

function matching(pattern: RegExp, message: string): (text: string) => string[] {
  return (text) => (pattern.test(text) ? [] : [message]);
}

const uuid = /^(?:[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})$/i;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !(parseTimestamp(`${text}T00:00:00Z`) instanceof EvalFailure);
}

const formats = new Map(
  [
    new FormatValue("dns1123Label", 30, isDns1123Label),
    new FormatValue("dns1123Subdomain", 60, isDns1123Subdomain),
    new FormatValue("dns1035Label", 30, isDns1035Label),
    new FormatValue("qualifiedName", 60, isQualifiedName),
    new FormatValue("dns1123LabelPrefix", 30, prefixOf(isDns1123Label)),
    new FormatValue("dns1123SubdomainPrefix", 60, prefixOf(isDns1123Subdomain)),
    new FormatValue("dns1035LabelPrefix", 30, prefixOf(isDns1035Label)),
    new FormatValue("labelValue", 40, isLabelValue),
    new FormatValue("uri", 1103, (text) =>
      parseRequestUrl(text) === undefined ? [`parse ${JSON.stringify(text)}: invalid URI for request`] : [],
    ),
    new FormatValue("uuid", 99, matching(uuid, "does not match the UUID format")),
    new FormatValue("byte", 84, matching(base64, "invalid base64")),
    new FormatValue("date", 107, (text) => (isDate(text) ? [] : ["invalid date"])),
    new FormatValue("datetime", 107, (text) =>
      parseTimestamp(text) instanceof EvalFailure ? ["invalid datetime"] : [],
    ),
  ].map((format) => [format.name, format]),
);

/** Kubernetes' named formats: `format.dns1123Label().validate(text)`, `format.named(name)`. */
export const namedFormatsLibrary: Library = {
  types: [formatType],
  functions: [
    ...[...formats].map(([name, format]) =>
      declare(
        `format.${name}`,
        overload(`format.${name}`, [], formatType, () => format),
      ),
    ),
    declare(
      "format.named",
      overload("format-named", [stringType], optionalType(formatType), (name = null) => {
        if (typeof name !== "string") return noSuchOverload();
        const format = formats.get(name);
        return format === undefined ? Optional.none : new Optional(format);
      }),
    ),
    declare(
      "validate",
      method(
        "format-validate",
        [formatType, stringType],
        optionalType(listType(stringType)),
        (format = null, text = null) => {
          if (!(format instanceof FormatValue) || typeof text !== "string") return noSuchOverload();
          const problems = format.validate(text);
          return problems.length === 0 ? Optional.none : new Optional(new ArrayList([...problems]));
        },
      ),
    ),
  ],
};
