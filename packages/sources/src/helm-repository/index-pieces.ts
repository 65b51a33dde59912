import { IndexError } from "./index-error.js";

/** A block-style index cut into documents of bounded size. */
export interface IndexPieces {
  /** Everything but the entries; the entries are an empty map in it. */
  readonly frame: string;
  /** Documents that each hold some versions of some charts, a chart once at most in each. */
  readonly pieces: Iterable<string>;
}

const PIECE = 256 * 1024;
const MAX_VERSION = 1024 * 1024;

/**
 * Cuts an index that is written as `helm repo index` does, a line for each field: `undefined` for one in another
 * form. Nothing is parsed, so that a piece may turn out not to be what it looks like. The pieces throw `IndexError`
 * for a version that is described at more length than any is.
 */
export function cutIndex(text: string): IndexPieces | undefined {
  const begin = /(?:^|\n)entries:[ \t]*\r?\n/.exec(text);
  if (begin === null) return undefined;
  const from = begin.index + begin[0].length;
  const to = endOfEntries(text, from);
  const frame = `${text.slice(0, from - begin[0].length)}\nentries: {}\n${text.slice(to)}`;
  const indent = firstIndent(text, from, to);
  return indent === undefined ? undefined : { frame, pieces: cut(text, from, to, indent) };
}

/** Where the next field beside `entries` begins; a list may stand as far left as its key. */
function endOfEntries(text: string, from: number): number {
  for (let at = from; at < text.length; at = lineEnd(text, at)) {
    const char = text[at];
    if (char !== " " && char !== "#" && char !== "\n" && char !== "\r") return at;
  }
  return text.length;
}

function firstIndent(text: string, from: number, to: number): number | undefined {
  for (let at = from; at < to; at = lineEnd(text, at)) {
    const indent = indentAt(text, at);
    if (!isBlank(text, at + indent)) return indent > 0 && text[at + indent] !== "-" ? indent : undefined;
  }
  return undefined;
}

/** Gathers whole versions until a piece is large enough; a piece that begins inside of a chart repeats its name. */
function* cut(text: string, from: number, to: number, indent: number): Generator<string> {
  let piece = "";
  let name = "";
  let version = "";
  /** Where the versions of the current chart begin; lists inside of them stand further right. */
  let dash: number | undefined;
  const flush = function* (): Generator<string> {
    if (piece !== "") yield piece;
    piece = "";
  };
  const add = (part: string) => {
    if (piece === "" && part !== name) piece = name;
    piece += part;
  };
  for (let at = from; at < to; ) {
    const end = Math.min(lineEnd(text, at), to);
    const line = text.slice(at, end);
    const column = indentAt(text, at);
    const isName = column === indent && text[at + column] !== "-" && !isBlank(text, at + column);
    if (isName) dash = undefined;
    else if (text[at + column] === "-") dash ??= column;
    const isVersion = column === dash && text[at + column] === "-";
    if (isName || isVersion) {
      if (version !== "") add(version);
      version = isVersion ? line : "";
      if (piece.length > PIECE) yield* flush();
      if (isName) {
        name = line;
        add(line);
      }
    } else if (version === "") add(line);
    else version += line;
    if (version.length > MAX_VERSION || piece.length > PIECE + 2 * MAX_VERSION) {
      throw new IndexError(`${name.trim().slice(0, 100)} an entry is longer than ${MAX_VERSION} characters`);
    }
    at = end;
  }
  if (version !== "") add(version);
  yield* flush();
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

function indentAt(text: string, at: number): number {
  let column = 0;
  while (text[at + column] === " ") column++;
  return column;
}

/** Whether nothing but a comment or a line's end is left. */
function isBlank(text: string, at: number): boolean {
  const char = text[at];
  return char === "#" || char === "\n" || char === "\r" || char === undefined;
}
