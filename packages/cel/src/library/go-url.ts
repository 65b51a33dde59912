/** A URL as Go's `net/url` takes it apart. */
export interface GoUrl {
  readonly scheme: string;
  /** With the port, without user information; brackets around IPv6 stay. */
  readonly host: string;
  /** As written, with what must be escaped escaped. */
  readonly escapedPath: string;
  readonly rawQuery: string;
  readonly text: string;
}

const validEscapes = (text: string): boolean => !/%(?![0-9a-fA-F]{2})/.test(text);

/**
 * Reads a URL as Go's `url.ParseRequestURI`: absolute, or a path that starts with `/`; a fragment is
 * part of the path. Undefined when malformed.
 */
export function parseRequestUrl(text: string): GoUrl | undefined {
  if (text === "" || /[\x00-\x1f\x7f]/.test(text)) return undefined;
  const [, scheme = "", rest = ""] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(.*)$/s.exec(text) ?? [];
  if (/^:/.test(text)) return undefined;
  const question = rest.indexOf("?");
  const body = question < 0 ? rest : rest.slice(0, question);
  const rawQuery = question < 0 ? "" : rest.slice(question + 1);
  if (!body.startsWith("/")) {
    return scheme === "" || body === ""
      ? undefined
      : { scheme: scheme.toLowerCase(), host: "", escapedPath: "", rawQuery, text };
  }
  const [, authority, path = ""] =
    scheme === "" && !body.startsWith("//") ? [body, undefined, body] : splitAuthority(body);
  const host = authority === undefined ? "" : hostOf(authority);
  if (host === undefined || !validEscapes(path)) return undefined;
  return { scheme: scheme.toLowerCase(), host, escapedPath: escapePath(path), rawQuery, text };
}

function splitAuthority(body: string): readonly [string, string | undefined, string] {
  if (!body.startsWith("//") || body.startsWith("///")) return [body, undefined, body];
  const slash = body.indexOf("/", 2);
  return slash < 0 ? [body, body.slice(2), ""] : [body, body.slice(2, slash), body.slice(slash)];
}

function hostOf(authority: string): string | undefined {
  const at = authority.lastIndexOf("@");
  const userInfo = at < 0 ? "" : authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userInfo) || !validEscapes(userInfo)) return undefined;
  const host = authority.slice(at + 1);
  if (host.startsWith("[")) return /^\[[^\]]*\](?::\d*)?$/.test(host) ? host : undefined;
  const colon = host.indexOf(":");
  if (colon >= 0 && !/^:\d*$/.test(host.slice(colon))) return undefined;
  const invalid =
    /[\s"<>\\^`{|}]|%(?![0-9a-fA-F]{2})/.test(host) || /[^\x21-\x7e\u0080-\u{10ffff}]/u.test(host);
  return invalid ? undefined : host;
}

function escapePath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%[\]]/gu, (char) => percentEncode(char));
}

/** The host without port and brackets. */
export function hostnameOf(url: GoUrl): string {
  return /^\[([^\]]*)\]/.exec(url.host)?.[1] ?? url.host.replace(/:\d*$/, "");
}

/** The port's digits; empty when there is none. */
export function portOf(url: GoUrl): string {
  return /:(\d*)$/.exec(url.host.replace(/^\[[^\]]*\]/, ""))?.[1] ?? "";
}

/** The query's values by name; pairs that are malformed are left out. */
export function queryOf(url: GoUrl): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const pair of url.rawQuery.split("&")) {
    if (pair === "" || pair.includes(";")) continue;
    const equals = pair.indexOf("=");
    const key = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? "" : pair.slice(equals + 1));
    if (key === undefined || value === undefined) continue;
    values.set(key, [...(values.get(key) ?? []), value]);
  }
  return values;
}

function decode(text: string): string | undefined {
  if (!validEscapes(text)) return undefined;
  const spaced = text.replaceAll("+", " ");
  const bytes = Buffer.from(
    spaced.replace(
      /%([0-9a-fA-F]{2})|([^%]+)/g,
      (_match, hex: string | undefined, plain: string | undefined) =>
        hex ?? Buffer.from(plain ?? "").toString("hex"),
    ),
    "hex",
  );
  return bytes.toString("utf8");
}

function percentEncode(char: string): string {
  return [...Buffer.from(char)]
    .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
    .join("");
}
