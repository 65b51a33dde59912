/** Why a quoted text is malformed. */
export interface EscapeProblem {
  readonly problem: string;
}

const simple = new Map([
  ["a", 0x07],
  ["b", 0x08],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
  ["\\", 0x5c],
  ["?", 0x3f],
  ["'", 0x27],
  ['"', 0x22],
  ["`", 0x60],
]);

const escapePattern =
  /\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))/gsu;

interface Piece {
  readonly text?: string;
  readonly code?: number;
  /** Written with `\u` or `\U`, which bytes literals do not have. */
  readonly unicode?: boolean;
}

function pieces(body: string): Piece[] | EscapeProblem {
  const found: Piece[] = [];
  let last = 0;
  for (const match of body.matchAll(escapePattern)) {
    if (match.index > last) found.push({ text: body.slice(last, match.index) });
    last = match.index + match[0].length;
    const [, hex, upperHex, short, long, octal, char] = match;
    const digits = hex ?? upperHex ?? short ?? long;
    if (digits !== undefined) {
      found.push({ code: Number.parseInt(digits, 16), unicode: (short ?? long) !== undefined });
    } else if (octal !== undefined) {
      found.push({ code: Number.parseInt(octal, 8) });
    } else {
      const code = simple.get(char ?? "");
      if (code === undefined) return { problem: "unable to unescape string" };
      found.push({ code });
    }
  }
  const rest = body.slice(last);
  if (rest.includes("\\")) return { problem: "unable to unescape string" };
  if (rest !== "") found.push({ text: rest });
  return found;
}

/** The text of a string literal's body; `raw` bodies have no escapes. */
export function unescapeText(body: string, raw: boolean): string | EscapeProblem {
  if (raw || !body.includes("\\")) return body;
  const parts = pieces(body);
  if ("problem" in parts) return parts;
  let text = "";
  for (const part of parts) {
    const code = part.code;
    if (code === undefined) {
      text += part.text ?? "";
    } else if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      return { problem: "invalid unicode code point" };
    } else {
      text += String.fromCodePoint(code);
    }
  }
  return text;
}

/** The bytes of a bytes literal's body: text is UTF-8, `\x` and octal escapes are single bytes. */
export function unescapeBytes(body: string, raw: boolean): Uint8Array | EscapeProblem {
  const encoder = new TextEncoder();
  if (raw || !body.includes("\\")) return encoder.encode(body);
  const parts = pieces(body);
  if ("problem" in parts) return parts;
  const bytes: number[] = [];
  for (const part of parts) {
    if (part.code === undefined) bytes.push(...encoder.encode(part.text ?? ""));
    else if (part.unicode === true) return { problem: "unable to unescape string" };
    else bytes.push(part.code);
  }
  return Uint8Array.from(bytes);
}
