/**
 * Whether a shell pattern (`*`, `?`, `[a-z]`, `[^a]`, `\x`) matches a whole text, where `*` does not
 * cross a slash. `undefined` for a pattern that is malformed. Takes time in proportion to the product
 * of both lengths.
 */
export function matchGlob(pattern: string, text: string): boolean | undefined {
  const tokens = tokenize(pattern);
  if (tokens === undefined) return undefined;
  const chars = [...text];
  let reachable = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    for (const at of reachable) {
      if (token.kind === "star") {
        let end = at;
        next.add(end);
        while (end < chars.length && chars[end] !== "/") next.add(++end);
      } else if (at < chars.length && accepts(token, chars[at] ?? "")) next.add(at + 1);
    }
    reachable = next;
    if (reachable.size === 0) return false;
  }
  return reachable.has(chars.length);
}

type Token =
  | { readonly kind: "star" }
  | { readonly kind: "any" }
  | { readonly kind: "char"; readonly char: string }
  | {
      readonly kind: "class";
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

function accepts(token: Exclude<Token, { kind: "star" }>, char: string): boolean {
  switch (token.kind) {
    case "any":
      return char !== "/";
    case "char":
      return char === token.char;
    case "class":
      return token.ranges.some(([low, high]) => low <= char && char <= high) !== token.negated;
  }
}

function tokenize(pattern: string): readonly Token[] | undefined {
  const chars = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? "";
    if (char === "*") {
      if (tokens.at(-1)?.kind !== "star") tokens.push({ kind: "star" });
    } else if (char === "?") tokens.push({ kind: "any" });
    else if (char === "\\") {
      const escaped = chars[++at];
      if (escaped === undefined) return undefined;
      tokens.push({ kind: "char", char: escaped });
    } else if (char === "[") {
      const read = readClass(chars, at + 1);
      if (read === undefined) return undefined;
      tokens.push(read.token);
      at = read.end;
    } else tokens.push({ kind: "char", char });
  }
  return tokens;
}

function readClass(chars: readonly string[], start: number): { token: Token; end: number } | undefined {
  let at = start;
  const negated = chars[at] === "^";
  if (negated) at += 1;
  const ranges: (readonly [string, string])[] = [];
  for (;;) {
    if (chars[at] === "]" && ranges.length > 0) return { token: { kind: "class", negated, ranges }, end: at };
    const low = readChar(chars, at);
    if (low === undefined) return undefined;
    at = low.end;
    let high = low;
    if (chars[at] === "-") {
      const read = readChar(chars, at + 1);
      if (read === undefined) return undefined;
      high = read;
      at = read.end;
    }
    ranges.push([low.char, high.char]);
  }
}

function readChar(chars: readonly string[], at: number): { char: string; end: number } | undefined {
  const char = chars[at];
  if (char === undefined || char === "-" || char === "]") return undefined;
  if (char !== "\\") return { char, end: at + 1 };
  const escaped = chars[at + 1];
  return escaped === undefined ? undefined : { char: escaped, end: at + 2 };
}
