import { wellFormed } from "../value/bytes.js";

type WordKind = "none" | "number" | "upper" | "alphabet" | "connector" | "punctuation" | "other";

interface Word {
  readonly kind: WordKind;
  readonly text: string;
}

const isUpper = (char: string): boolean => /\p{Lu}/u.test(char);
const isNumber = (char: string): boolean => /\p{N}/u.test(char);
const isPunctuation = (char: string): boolean => /\p{P}/u.test(char);
const isConnector = (char: string): boolean =>
  char === "_" ||
  char === "-" ||
  /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(char);
const isLetter = (char: string): boolean =>
  /\p{L}/u.test(char) && !/[\u3034-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f]/.test(char);

/** Go's unicode.ToUpper: one code point to one. */
export function upperRune(char: string): string {
  const upper = char.toUpperCase();
  return [...upper].length === 1 ? upper : char;
}

/** Go's unicode.ToLower. */
export function lowerRune(char: string): string {
  const lower = char.toLowerCase();
  return [...lower].length === 1 ? lower : ([...lower][0] ?? char);
}

/** Go's strings.ToUpper. */
export function toUpper(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text.toUpperCase() : [...text].map(upperRune).join("");
}

/** Go's strings.ToLower. */
export function toLower(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text.toLowerCase() : [...text].map(lowerRune).join("");
}

function nextWord(points: readonly string[], start: number): Word {
  const first = points[start];
  if (first === undefined) return { kind: "none", text: "" };
  const until = (stays: (char: string) => boolean, from = start + 1): number => {
    let end = from;
    while (end < points.length && stays(points[end] ?? "")) end += 1;
    return end;
  };
  const word = (kind: WordKind, end: number): Word => ({ kind, text: points.slice(start, end).join("") });
  if (isConnector(first)) return word("connector", until(isConnector));
  if (isPunctuation(first)) return word("punctuation", until(isPunctuation));
  if (isUpper(first)) {
    const second = points[start + 1];
    if (second === undefined || !isLetter(second)) return word("upper", start + 1);
    if (!isUpper(second))
      return word(
        "upper",
        until((char) => isLetter(char) && !isUpper(char)),
      );
    const end = until(isUpper);
    const after = points[end];
    return word("upper", after !== undefined && isLetter(after) ? end - 1 : end);
  }
  if (isLetter(first))
    return word(
      "alphabet",
      until((char) => isLetter(char) && !isUpper(char)),
    );
  if (isNumber(first)) return word("number", until(isNumber));
  return word(
    "other",
    until((char) => !isConnector(char) && !isLetter(char) && !isNumber(char) && !isPunctuation(char)),
  );
}

/** `FirstName` as `first_name`, by the word rules of Go's xstrings. */
export function snakeCase(text: string): string {
  return new WordJoiner(text, "_").run();
}

/** `FirstName` as `first-name`. */
export function kebabCase(text: string): string {
  return new WordJoiner(text, "-").run();
}

const nextKind = (word: Word): WordKind => word.kind;

/** Joins words in lower case; a number belongs to the word before it unless small letters follow. */
class WordJoiner {
  private readonly points: readonly string[];
  private readonly connector: string;
  private at = 0;
  private out = "";
  private word: Word = { kind: "none", text: "" };

  constructor(text: string, connector: string) {
    this.points = [...text];
    this.connector = connector;
  }

  run(): string {
    this.advance();
    while (this.at < this.points.length) {
      const last = this.word;
      if (last.kind !== "connector") this.write(last);
      this.advance();
      if (last.kind === "number") {
        this.writeTail();
        if (!["none", "punctuation", "connector"].includes(this.word.kind)) this.out += this.connector;
      } else if (last.kind === "connector") this.write(last);
      else if (last.kind !== "punctuation") this.afterWord();
    }
    this.write(this.word);
    return this.out;
  }

  private advance(): void {
    this.word = nextWord(this.points, this.at);
    this.at += [...this.word.text].length;
  }

  private write({ kind, text }: Word): void {
    if (kind !== "upper" && kind !== "connector") this.out += text;
    else for (const char of text) this.out += isConnector(char) ? this.connector : lowerRune(char);
  }

  private writeTail(): void {
    for (let { word } = this; word.kind === "alphabet" || word.kind === "number"; word = this.word) {
      this.write(word);
      this.advance();
    }
  }

  private connectUnless(kinds: readonly WordKind[]): void {
    if (!kinds.includes(this.word.kind)) this.out += this.connector;
  }

  private afterWord(): void {
    if (this.word.kind !== "number") {
      this.connectUnless(["connector", "punctuation"]);
      return;
    }
    if (this.at >= this.points.length) return;
    const number = this.word;
    this.advance();
    if (nextKind(this.word) !== "alphabet") {
      this.write(number);
      this.connectUnless(["connector", "punctuation"]);
      return;
    }
    this.out += this.connector;
    this.write(number);
    this.writeTail();
    this.connectUnless(["none", "connector", "punctuation"]);
  }
}

/** `http_server` as `HttpServer`; leading and doubled connectors stay. */
export function camelCase(text: string): string {
  const points = [...text];
  let out = "";
  let index = 0;
  while (index < points.length && isConnector(points[index] ?? "")) {
    out += points[index];
    index += 1;
  }
  if (index >= points.length) return points.length === 0 ? "" : out + (points.at(-1) ?? "");
  let lowering = isUpper(points[index] ?? "");
  let current = upperRune(points[index] ?? "");
  for (index += 1; index < points.length; index += 1) {
    const previous = current;
    current = points[index] ?? "";
    if (isConnector(current) && isConnector(previous)) {
      out += previous;
      continue;
    }
    if (isConnector(previous)) {
      lowering = isUpper(current);
      current = upperRune(current);
      continue;
    }
    if (lowering) {
      if (isUpper(current)) current = lowerRune(current);
      else lowering = false;
    }
    out += previous;
  }
  return out + current;
}

/** Upper case becomes lower and the other way round; the first letter of a word is no exception. */
export function swapCase(text: string): string {
  return [...wellFormed(text)].map((char) => (isUpper(char) ? lowerRune(char) : upperRune(char))).join("");
}
