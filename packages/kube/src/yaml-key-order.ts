const letter = /\p{L}/u;

/**
 * How Go's YAML printers order mapping keys: digit runs by value, letters by code point and after
 * everything else, a prefix first. Not a total order for keys that mix digit runs with leading zeros.
 */
export function compareYamlKeys(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a);
  const right = Array.from(b);
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    const x = left[at] as string;
    const y = right[at] as string;
    if (x === y) continue;
    const xIsLetter = isLetter(x);
    const yIsLetter = isLetter(y);
    if (xIsLetter !== yIsLetter) return xIsLetter ? 1 : -1;
    return (xIsLetter ? 0 : compareDigitRuns(left, right, at)) || codePoint(x) - codePoint(y);
  }
  return left.length - right.length;
}

function compareDigitRuns(left: readonly string[], right: readonly string[], at: number): number {
  const lead = (left[at] === "0" || right[at] === "0") && followsNonZeroDigits(left, at) ? "1" : "";
  const x = digitRun(left, at);
  const y = digitRun(right, at);
  const xValue = (lead + x).replace(/^0+/, "");
  const yValue = (lead + y).replace(/^0+/, "");
  if (xValue.length !== yValue.length) return xValue.length - yValue.length;
  if (xValue !== yValue) return xValue < yValue ? -1 : 1;
  return x.length - y.length;
}

function followsNonZeroDigits(text: readonly string[], at: number): boolean {
  for (let before = at - 1; before >= 0 && isDigit(text[before]); before--) {
    if (text[before] !== "0") return true;
  }
  return false;
}

function digitRun(text: readonly string[], from: number): string {
  let run = "";
  for (let at = from; isDigit(text[at]); at++) run += text[at];
  return run;
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9" && char.length === 1;
}

function isLetter(char: string): boolean {
  const code = char.charCodeAt(0);
  if (code < 0x80) return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return letter.test(char);
}

function codePoint(char: string): number {
  return char.codePointAt(0) ?? 0;
}
