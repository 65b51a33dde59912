/**
 * Whether one path segment matches a shell pattern as Go's `path.Match` reads it: `*` any run, `?` one
 * character, `[a-z]` and `[^a-z]` classes, `\` takes the next character literally. A malformed pattern
 * matches nothing. Time is bounded by the product of both lengths.
 */
export function matchSegment(pattern: readonly GlobToken[] | undefined, name: string): boolean {
  if (pattern === undefined) return false;
  const characters = Array.from(name);
  let token = 0;
  let position = 0;
  let starToken = -1;
  let starPosition = 0;
  while (position < characters.length) {
    const current = pattern[token];
    const character = characters[position] ?? "";
    if (current?.kind === "star") {
      starToken = token++;
      starPosition = position;
    } else if (current !== undefined && matchesOne(current, character)) {
      token++;
      position++;
    } else if (starToken >= 0) {
      token = starToken + 1;
      position = ++starPosition;
    } else {
      return false;
    }
  }
  while (pattern[token]?.kind === "star") token++;
  return token === pattern.length;
}

/** One element of a compiled pattern. */
export type GlobToken =
  | { readonly kind: "star" }
  | { readonly kind: "any" }
  | { readonly kind: "literal"; readonly character: string }
  | {
      readonly kind: "class";
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

/** Compiles a segment pattern; `undefined` for one that Go calls malformed. */
export function compileSegment(pattern: string): readonly GlobToken[] | undefined {
  const tokens: GlobToken[] = [];
  const characters = Array.from(pattern);
  let position = 0;
  while (position < characters.length) {
    const character = characters[position] ?? "";
    if (character === "*") {
      if (tokens.at(-1)?.kind !== "star") tokens.push({ kind: "star" });
      position++;
    } else if (character === "?") {
      tokens.push({ kind: "any" });
      position++;
    } else if (character === "[") {
      const parsed = compileClass(characters, position + 1);
      if (parsed === undefined) return undefined;
      tokens.push(parsed.token);
      position = parsed.next;
    } else if (character === "\\") {
      const escaped = characters[position + 1];
      if (escaped === undefined) return undefined;
      tokens.push({ kind: "literal", character: escaped });
      position += 2;
    } else {
      tokens.push({ kind: "literal", character });
      position++;
    }
  }
  return tokens;
}

function compileClass(
  characters: readonly string[],
  start: number,
): { token: GlobToken; next: number } | undefined {
  let position = start;
  const negated = characters[position] === "^";
  if (negated) position++;
  const ranges: (readonly [string, string])[] = [];
  for (;;) {
    if (characters[position] === "]" && ranges.length > 0) {
      return { token: { kind: "class", negated, ranges }, next: position + 1 };
    }
    const low = classCharacter(characters, position);
    if (low === undefined) return undefined;
    position = low.next;
    let high = low.character;
    if (characters[position] === "-") {
      const end = classCharacter(characters, position + 1);
      if (end === undefined) return undefined;
      high = end.character;
      position = end.next;
    }
    ranges.push([low.character, high]);
  }
}

function classCharacter(
  characters: readonly string[],
  position: number,
): { character: string; next: number } | undefined {
  const character = characters[position];
  if (character === undefined || character === "-" || character === "]") return undefined;
  if (character !== "\\") return { character, next: position + 1 };
  const escaped = characters[position + 1];
  return escaped === undefined ? undefined : { character: escaped, next: position + 2 };
}

function matchesOne(token: GlobToken, character: string): boolean {
  switch (token.kind) {
    case "star":
      return false;
    case "any":
      return true;
    case "literal":
      return token.character === character;
    case "class": {
      const code = character.codePointAt(0) ?? 0;
      const inside = token.ranges.some(
        ([low, high]) => (low.codePointAt(0) ?? 0) <= code && code <= (high.codePointAt(0) ?? 0),
      );
      return inside !== token.negated;
    }
  }
}
