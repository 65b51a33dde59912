const isUpper = (char: string): boolean => char !== char.toLowerCase() && char === char.toUpperCase();
const isDigit = (char: string): boolean => /\p{Nd}/u.test(char);
const isConnector = (char: string): boolean => char === "_" || char === "-" || /\s/u.test(char);

/** `FirstName` as `first_name`, by the word rules of Go's xstrings. */
export function snakeCase(text: string): string {
  return connectWords(text, "_");
}

/** `FirstName` as `first-name`. */
export function kebabCase(text: string): string {
  return connectWords(text, "-");
}

/** Words end before an upper-case run that starts a word, and before digits that follow letters of lower case. */
function connectWords(text: string, connector: string): string {
  const points = [...text];
  let out = "";
  let index = 0;
  while (index < points.length) {
    const char = points[index] ?? "";
    if (isConnector(char)) {
      out += connector;
      index += 1;
      continue;
    }
    const end = wordEnd(points, index);
    if (
      index > 0 &&
      !isConnector(points[index - 1] ?? "") &&
      /[\p{L}\p{Nd}]/u.test(points[index - 1] ?? "") &&
      /[\p{L}\p{Nd}]/u.test(char)
    )
      out += connector;
    out += points.slice(index, end).join("").toLowerCase();
    index = end;
  }
  return out;
}

function wordEnd(points: readonly string[], start: number): number {
  const at = (index: number): string => points[index] ?? "";
  const first = at(start);
  let end = start + 1;
  if (isDigit(first)) {
    while (end < points.length && isDigit(at(end))) end += 1;
    // Digits take the lower-case letters after them along, `1beta`, but not an upper-case run.
    while (end < points.length && /\p{Ll}/u.test(at(end)) && start > 0) end += 1;
    return end;
  }
  if (isUpper(first)) {
    while (end < points.length && isUpper(at(end))) end += 1;
    if (end - start > 1) {
      if (end < points.length && /\p{Ll}/u.test(at(end))) return end - 1;
      while (end < points.length && isDigit(at(end))) end += 1;
      return end;
    }
  }
  while (end < points.length && !isUpper(at(end)) && !isDigit(at(end)) && !isConnector(at(end))) end += 1;
  while (isUpper(first) && end < points.length && isDigit(at(end))) end += 1;
  return end;
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
  if (index >= points.length) return out;
  let current = (points[index] ?? "").toUpperCase();
  for (index += 1; index < points.length; index += 1) {
    const previous = current;
    current = points[index] ?? "";
    if (isConnector(previous)) {
      if (isConnector(current)) out += previous;
      else current = current.toUpperCase();
      continue;
    }
    out += previous;
    current = current.toLowerCase();
  }
  return out + current;
}

/** Upper case becomes lower and the other way round. */
export function swapCase(text: string): string {
  return [...text].map((char) => (isUpper(char) ? char.toLowerCase() : char.toUpperCase())).join("");
}
