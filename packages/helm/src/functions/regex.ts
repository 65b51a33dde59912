import { RE2JS, RE2JSException } from "re2js";
import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import { type GoInt, type GoValue, nilSlice, typedSlice } from "../value/go-value.js";

const cache = new Map<string, RE2JS>();

function compile(pattern: string, panics: boolean): RE2JS {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  try {
    const compiled = RE2JS.compile(pattern);
    if (cache.size > 500) cache.clear();
    cache.set(pattern, compiled);
    return compiled;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const detail = error.message.replace(/: `([\s\S]*)`$/, ": `$1`");
    throw new FunctionError(panics ? `regexp: Compile(\`${pattern}\`): ${detail}` : detail);
  }
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | null)[];
}

function findAll(regex: RE2JS, text: string, limit: number): Found[] {
  const matcher = regex.matcher(text);
  const found: Found[] = [];
  let previousEnd = -1;
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    const start = matcher.start();
    const end = matcher.end();
    // Go leaves out an empty match right after the match before it.
    if (start === end && start === previousEnd) continue;
    found.push({
      start,
      end,
      groups: Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group)),
    });
    previousEnd = end;
  }
  return found;
}

function expand(template: string, found: Found, names: Readonly<Record<string, number>>): string {
  return template.replace(
    /\$(?:\$|\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g,
    (whole, braced: string | undefined, plain: string | undefined) => {
      if (whole === "$$") return "$";
      const name = braced ?? plain ?? "";
      const group = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : undefined;
      return group === undefined ? "" : (found.groups[group] ?? "");
    },
  );
}

function replace(regex: RE2JS, text: string, replacement: (found: Found) => string): string {
  let out = "";
  let at = 0;
  for (const found of findAll(regex, text, -1)) {
    out += text.slice(at, found.start) + replacement(found);
    at = found.end;
  }
  return out + text.slice(at);
}

function split(regex: RE2JS, text: string, count: number): GoValue {
  if (count === 0) return nilSlice("[]string");
  if (text === "") return typedSlice([""], "[]string");
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of findAll(regex, text, count)) {
    if (count > 0 && parts.length === count - 1) break;
    if (end === 0) continue;
    parts.push(text.slice(at, start));
    at = end;
  }
  if (at !== text.length || parts.length === 0 || !endsWithEmpty(regex, text)) parts.push(text.slice(at));
  return typedSlice(parts, "[]string");
}

function endsWithEmpty(regex: RE2JS, text: string): boolean {
  const last = findAll(regex, text, -1).at(-1);
  return last !== undefined && last.start === last.end && last.end === text.length;
}

function all(regex: RE2JS, text: string, limit: bigint): GoValue {
  const found = findAll(regex, text, Number(limit)).map(({ groups }) => groups[0] ?? "");
  return found.length === 0 ? nilSlice("[]string") : typedSlice(found, "[]string");
}

function variants(panics: boolean): Record<string, TemplateFunction> {
  const regex = (pattern: string): RE2JS => compile(pattern, panics);
  return {
    Find: fn(
      "string string",
      (pattern: string, text: string) => findAll(regex(pattern), text, 1)[0]?.groups[0] ?? "",
    ),
    FindAll: fn("string string int", (pattern: string, text: string, n: GoInt) =>
      all(regex(pattern), text, n.value),
    ),
    ReplaceAll: fn("string string string", (pattern: string, text: string, to: string) => {
      const compiled = regex(pattern);
      const names = compiled.namedGroups();
      return replace(compiled, text, (found) => expand(to, found, names));
    }),
    ReplaceAllLiteral: fn("string string string", (pattern: string, text: string, to: string) =>
      replace(regex(pattern), text, () => to),
    ),
    Split: fn("string string int", (pattern: string, text: string, n: GoInt) =>
      split(regex(pattern), text, Number(n.value)),
    ),
  };
}

function isMatch(pattern: string, text: string): boolean {
  try {
    return compile(pattern, false).matcher(text).find();
  } catch (error) {
    // regexMatch takes a malformed pattern for one that does not match.
    if (error instanceof FunctionError) return false;
    throw error;
  }
}

const named = (prefix: string, table: Record<string, TemplateFunction>): [string, TemplateFunction][] =>
  Object.entries(table).map(([name, run]) => [prefix + name, run]);

/** Sprig's functions on regular expressions, with RE2's rules. */
export const regexFunctions: Readonly<Record<string, TemplateFunction>> = {
  ...Object.fromEntries([...named("regex", variants(true)), ...named("mustRegex", variants(false))]),
  regexMatch: fn("string string", isMatch),
  mustRegexMatch: fn("string string", (pattern: string, text: string) =>
    compile(pattern, false).matcher(text).find(),
  ),
  regexQuoteMeta: fn("string", (text: string) => text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&")),
};
