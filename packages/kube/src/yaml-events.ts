import { type Event, parseEvents, YAMLException } from "js-yaml";
import { YamlError } from "./yaml-error.js";

/** A text as it was parsed, and what the parser said of it; offsets of events are in this text. */
export interface ParsedYaml {
  readonly text: string;
  readonly events: readonly Event[];
}

interface Bounds {
  readonly file: string | undefined;
  readonly maxLength: number;
  readonly maxDepth: number;
}

/** What YAML 1.1 lets no text hold. */
const controls = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** How many characters may be parsed again, in all, because lines had to be indented. */
const repairBudget = 64 * 1024 * 1024;

/**
 * The parser's events for `text`. Go's parsers do not ask the lines of quoted scalars and of flow
 * collections to be indented, as YAML does; such lines are indented here, which changes no value and no
 * line number, only columns within these lines.
 *
 * @throws {YamlError} naming file, line and column
 */
export function parseYamlEvents(text: string, bounds: Bounds): ParsedYaml {
  const { file, maxLength, maxDepth } = bounds;
  if (text.length > maxLength) {
    throw new YamlError(`the text is ${text.length} characters long, at most ${maxLength} are read`, {
      file,
    });
  }
  if (controls.test(text)) throw new YamlError("control characters are not allowed", { file });
  let repaired = text;
  let spent = 0;
  let line = -1;
  let indent = 0;
  for (;;) {
    try {
      return { text: repaired, events: parseEvents(repaired, { maxDepth }) };
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error;
      const { mark, reason } = error;
      spent += repaired.length;
      if (mark === undefined || reason !== "deficient indentation" || spent > repairBudget) {
        const place = mark === undefined ? {} : { line: mark.line + 1, column: mark.column + 1 };
        throw new YamlError(reason, { file, ...place });
      }
      const start = repaired.lastIndexOf("\n", mark.position - 1) + 1;
      indent = mark.line === line ? indent * 2 : indentBefore(repaired, start) + 1;
      line = mark.line;
      repaired = `${repaired.slice(0, start)}${" ".repeat(indent)}${repaired.slice(start)}`;
    }
  }
}

/** The column at which the last line before `start` that is not blank has its first key or item. */
function indentBefore(text: string, start: number): number {
  let end = start;
  while (end > 0) {
    const from = text.lastIndexOf("\n", end - 2) + 1;
    const column = text.slice(from, end).search(/[^\s?-]/);
    if (column >= 0) return column;
    end = from;
  }
  return 0;
}
