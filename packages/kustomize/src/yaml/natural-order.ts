const DIGIT_ZERO = 48;

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

const LETTER = /\p{L}/u;

function isLetter(c: number, text: string, at: number): boolean {
  if (c < 128) return (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
  return LETTER.test(String.fromCodePoint(text.codePointAt(at) ?? 0));
}

/**
 * The order in which Go's YAML 1.1 printer writes keys: digits by the number they form, punctuation
 * before digits before letters.
 */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const ca = a.charCodeAt(i);
    const cb = b.charCodeAt(i);
    if (ca === cb) continue;
    const letterA = isLetter(ca, a, i);
    const letterB = isLetter(cb, b, i);
    if (letterA && letterB) return (a.codePointAt(i) as number) - (b.codePointAt(i) as number);
    if (letterA || letterB) return letterA ? 1 : -1;
    return compareDigits(a, b, i);
  }
  return a.length - b.length;
}

function compareDigits(a: string, b: string, i: number): number {
  let numberA = 0;
  let numberB = 0;
  if (a.charCodeAt(i) === DIGIT_ZERO || b.charCodeAt(i) === DIGIT_ZERO) {
    for (let j = i - 1; j >= 0 && isDigit(a.charCodeAt(j)); j--) {
      if (a.charCodeAt(j) !== DIGIT_ZERO) {
        numberA = 1;
        numberB = 1;
        break;
      }
    }
  }
  let endA = i;
  while (isDigit(a.charCodeAt(endA))) numberA = numberA * 10 + a.charCodeAt(endA++) - DIGIT_ZERO;
  let endB = i;
  while (isDigit(b.charCodeAt(endB))) numberB = numberB * 10 + b.charCodeAt(endB++) - DIGIT_ZERO;
  if (numberA !== numberB) return numberA - numberB;
  if (endA !== endB) return endA - endB;
  return a.charCodeAt(i) - b.charCodeAt(i);
}
