import { SelectorError } from "./label-selector.js";

/** One term of a field selector. */
export interface FieldRequirement {
  /** As `metadata.name` or `status.phase`. */
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/**
 * Reads the `fieldSelector` query parameter: terms `field=value`, `field==value` or `field!=value` joined by
 * commas, `\` escaping comma, equals sign and itself in values. The empty text gives no terms.
 *
 * @throws {SelectorError} in Kubernetes' words
 */
export function parseFieldSelector(text: string): FieldRequirement[] {
  return splitTerms(text)
    .filter((term) => term !== "")
    .map(parseTerm);
}

function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === ",") {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function parseTerm(term: string): FieldRequirement {
  for (let at = 0; at < term.length; at++) {
    if (term[at] === "\\") {
      at++;
      continue;
    }
    for (const operator of ["!=", "==", "="] as const) {
      if (!term.startsWith(operator, at)) continue;
      const value = unescapeValue(term.slice(at + operator.length));
      return { field: term.slice(0, at), operator: operator === "!=" ? "!=" : "=", value };
    }
  }
  throw new SelectorError(`invalid selector: '${term}'; can't understand '${term}'`);
}

function unescapeValue(text: string): string {
  let value = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === "\\") {
      const next = text[++at];
      if (next === undefined)
        throw new SelectorError(`invalid field selector: escape character at the end of '${text}'`);
      if (next !== "\\" && next !== "," && next !== "=") {
        throw new SelectorError(`invalid field selector: invalid escape sequence '\\${next}' in '${text}'`);
      }
      value += next;
    } else if (char === "," || char === "=") {
      throw new SelectorError(`invalid field selector: unescaped character '${char}' in '${text}'`);
    } else value += char;
  }
  return value;
}

/** The text of field requirements, values escaped. */
export function formatFieldSelector(requirements: readonly FieldRequirement[]): string {
  return requirements
    .map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, "\\$&")}`)
    .join(",");
}
