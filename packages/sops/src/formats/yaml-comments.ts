import { EVENT_ID, type Event, SCALAR_STYLE } from "js-yaml";

/** A comment of a YAML text. */
export interface SourceComment {
  readonly offset: number;
  /** Its text without the sign. */
  readonly value: string;
  readonly column: number;
  /** Behind something else, on its line. */
  readonly trailing: boolean;
}

/** The comments of a text that the parser skipped, in order; `#` inside of scalars is none. */
export function commentsOf(source: string, events: readonly Event[]): readonly SourceComment[] {
  if (!source.includes("#")) return [];
  const comments: SourceComment[] = [];
  let from = 0;
  for (const event of events) {
    if (event.type !== EVENT_ID.SCALAR || event.valueStart < 0) continue;
    const start = event.style === SCALAR_STYLE.PLAIN ? event.valueStart : quoteBefore(source, event);
    gap(source, from, Math.max(from, start), comments);
    from = Math.max(from, event.valueEnd);
  }
  gap(source, from, source.length, comments);
  return comments;
}

function quoteBefore(source: string, event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>): number {
  const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
  return quoted && /["']/.test(source[event.valueStart - 1] ?? "") ? event.valueStart - 1 : event.valueStart;
}

function gap(source: string, from: number, to: number, comments: SourceComment[]): void {
  for (let at = source.indexOf("#", from); at >= 0 && at < to; at = source.indexOf("#", at)) {
    if (at > 0 && !/\s/.test(source[at - 1] ?? "")) {
      at += 1;
      continue;
    }
    const lineStart = source.lastIndexOf("\n", at - 1) + 1;
    const newline = source.indexOf("\n", at);
    const end = newline < 0 ? source.length : newline;
    const trailing = source.slice(lineStart, at).trim() !== "";
    const value = source.slice(at + 1, end).replace(/\r$/, "");
    comments.push({ offset: at, value, column: at - lineStart, trailing });
    at = end;
    if (at >= to) break;
  }
}
