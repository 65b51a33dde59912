/** Text without white space at its ends, as Go has it: NEL is some, a byte order mark is none. */
export function trim(text: string): string {
  return trimStart(text).replace(/\p{White_Space}+$/u, "");
}

/** Text without white space at its start. */
export function trimStart(text: string): string {
  return text.replace(/^\p{White_Space}+/u, "");
}
