/** Whether each UTF-16 unit of a text is one code point. */
export function isFlat(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text);
}

/** The number of code points. */
export function textSize(text: string): number {
  if (isFlat(text)) return text.length;
  let size = 0;
  for (const _ of text) size += 1;
  return size;
}

/** The code points of a text. */
export function codePoints(text: string): readonly string[] {
  return isFlat(text) ? text.split("") : [...text];
}
