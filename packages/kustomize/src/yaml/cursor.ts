import { YamlSyntaxError } from "./error.js";

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;
const NEL = 0x85;
const LS = 0x2028;
const PS = 0x2029;

/** What ends a line in YAML 1.1. */
export function isBreak(c: number): boolean {
  return c === LF || c === CR || c === NEL || c === LS || c === PS;
}

/** A break, or the end of the text (`NaN` from `charCodeAt`). */
export function isBreakOrEnd(c: number): boolean {
  return c === LF || !(c >= 0) || c === CR || c === NEL || c === LS || c === PS;
}

/** A space or a tab. */
export function isBlank(c: number): boolean {
  return c === SPACE || c === TAB;
}

/** A blank, a break, or the end of the text. */
export function isBlankOrEnd(c: number): boolean {
  return c === SPACE || c === TAB || isBreakOrEnd(c);
}

/** A position in a text that knows its line and column, both from 0. */
export class Cursor {
  readonly text: string;
  pos = 0;
  line = 0;
  /** Where the current line begins, so that a column is a subtraction. */
  lineStart = 0;

  constructor(text: string) {
    this.text = text;
    if (text.charCodeAt(0) === 0xfeff) {
      this.pos = 1;
      this.lineStart = 1;
    }
  }

  get column(): number {
    return this.pos - this.lineStart;
  }

  peek(ahead = 0): number {
    return this.text.charCodeAt(this.pos + ahead);
  }

  /** Steps over one line break; returns it as the YAML text it stands for. */
  takeBreak(): string {
    const c = this.text.charCodeAt(this.pos);
    this.pos += c === CR && this.text.charCodeAt(this.pos + 1) === LF ? 2 : 1;
    this.line++;
    this.lineStart = this.pos;
    return c === LS || c === PS ? String.fromCharCode(c) : "\n";
  }

  /** Whether `---` or `...` stands here at the start of a line. */
  atDocumentMark(mark: number): boolean {
    const { text, pos } = this;
    return (
      pos === this.lineStart &&
      text.charCodeAt(pos) === mark &&
      text.charCodeAt(pos + 1) === mark &&
      text.charCodeAt(pos + 2) === mark &&
      isBlankOrEnd(text.charCodeAt(pos + 3))
    );
  }
}

/** A scanner's complaint, worded as Go's YAML library words it. */
export function scanError(problem: string, contextLine: number, line: number): YamlSyntaxError {
  const shown = contextLine > 0 ? contextLine + 1 : line > 0 ? line + 1 : 0;
  return new YamlSyntaxError(`yaml: ${shown > 0 ? `line ${shown}: ` : ""}${problem}`, line + 1);
}

/** A parser's complaint: the same, but its lines are counted from 0. */
export function parseError(problem: string, contextLine: number, line: number): YamlSyntaxError {
  const shown = contextLine > 0 ? contextLine : line;
  return new YamlSyntaxError(`yaml: ${shown > 0 ? `line ${shown}: ` : ""}${problem}`, line + 1);
}

const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0080-\u0084\u0086-\u009f\ufffe\uffff]/;

/** Refuses the characters that YAML does not allow anywhere. */
export function checkPrintable(text: string): void {
  const at = text.search(CONTROL);
  if (at < 0) return;
  const line = text.slice(0, at).split("\n").length;
  throw new YamlSyntaxError("yaml: control characters are not allowed", line);
}
