import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import { bytesOf, textOfBytes } from "../value/bytes.js";
import { GoMap, type GoValue, kindName } from "../value/go-value.js";
import { quote } from "../value/quote.js";

/** Where in a URL a piece of text stands: other characters are escaped in each place. */
type Place = "host" | "user" | "path" | "fragment";

class UrlError extends Error {}

const plainIn: Readonly<Record<Place, string>> = {
  host: "!$&'()*+,;=:[]<>\"",
  user: "$&+,;=",
  path: "$&+,/:;=@",
  fragment: "$&+,/:;=?@!()*",
};

function escaped(text: string, place: Place): string {
  let out = "";
  for (const byte of bytesOf(text)) {
    const char = String.fromCharCode(byte);
    const isPlain = /[A-Za-z0-9\-_.~]/.test(char) || plainIn[place].includes(char);
    out += isPlain ? char : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}

function unescaped(text: string, place: Place): string {
  const bytes: number[] = [];
  const source = bytesOf(text);
  for (let at = 0; at < source.length; at += 1) {
    const char = String.fromCharCode(source[at] ?? 0);
    if (char === "%") {
      const piece = source.subarray(at, at + 3).toString("latin1");
      const isHex = /^%[0-9a-fA-F]{2}$/.test(piece);
      const code = Number.parseInt(piece.slice(1), 16);
      if (!isHex || (place === "host" && code < 0x80 && piece !== "%25"))
        throw new UrlError(`invalid URL escape ${quote(piece)}`);
      bytes.push(code);
      at += 2;
      continue;
    }
    if (place === "host" && char < "\x80" && !/[A-Za-z0-9\-_.~]/.test(char) && !plainIn.host.includes(char))
      throw new UrlError(`invalid character ${quote(char)} in host name`);
    bytes.push(source[at] ?? 0);
  }
  return textOfBytes(Uint8Array.from(bytes));
}

interface Url {
  readonly scheme: string;
  readonly opaque: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
  /** As it is written again: escaped, with a colon when there is a password. */
  readonly userinfo: string;
}

/** RFC 3986 as Go's net/url reads it. Throws UrlError. */
function parseUrl(text: string): Url {
  const hash = text.indexOf("#");
  const whole = hash < 0 ? text : text.slice(0, hash);
  const fragment = hash < 0 ? "" : text.slice(hash + 1);
  const named = (shown: string, run: () => Url): Url => {
    try {
      return run();
    } catch (error) {
      if (error instanceof UrlError) throw new UrlError(`parse ${quote(shown)}: ${error.message}`);
      throw error;
    }
  };
  const url = named(whole, () => parseWhole(whole));
  return fragment === "" ? url : named(text, () => ({ ...url, fragment: unescaped(fragment, "fragment") }));
}

function parseWhole(text: string): Url {
  const nothing: Url = { scheme: "", opaque: "", host: "", path: "", query: "", fragment: "", userinfo: "" };
  if (/[\x00-\x1f\x7f]/.test(text)) throw new UrlError("net/url: invalid control character in URL");
  if (text === "*") return { ...nothing, path: "*" };
  if (text.startsWith(":")) throw new UrlError("missing protocol scheme");
  const [, named = "", tail = ""] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?([\s\S]*)$/.exec(text) ?? [];
  const scheme = named.toLowerCase();
  const question = tail.indexOf("?");
  const query = question < 0 ? "" : tail.slice(question + 1);
  const rest = question < 0 ? tail : tail.slice(0, question);
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { ...nothing, scheme, query, opaque: rest };
    if ((rest.split("/", 1)[0] ?? "").includes(":"))
      throw new UrlError("first path segment in URL cannot contain colon");
  }
  const hasAuthority = rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"));
  if (!hasAuthority) return { ...nothing, scheme, query, path: unescaped(rest, "path") };
  const slash = rest.indexOf("/", 2);
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
  const { host, userinfo } = parseAuthority(authority);
  return {
    ...nothing,
    scheme,
    query,
    host,
    userinfo,
    path: unescaped(slash < 0 ? "" : rest.slice(slash), "path"),
  };
}

function parseAuthority(authority: string): { host: string; userinfo: string } {
  const at = authority.lastIndexOf("@");
  const host = parseHost(authority.slice(at + 1));
  if (at < 0) return { host, userinfo: "" };
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) throw new UrlError("net/url: invalid userinfo");
  const colon = user.indexOf(":");
  const again = (part: string): string => escaped(unescaped(part, "user"), "user");
  return {
    host,
    userinfo: colon < 0 ? again(user) : `${again(user.slice(0, colon))}:${again(user.slice(colon + 1))}`,
  };
}

function parseHost(host: string): string {
  let port: string | undefined;
  if (host.startsWith("[")) {
    const end = host.lastIndexOf("]");
    if (end < 0) throw new UrlError("missing ']' in host");
    port = host.slice(end + 1);
  } else if (host.includes(":")) port = host.slice(host.lastIndexOf(":"));
  if (port !== undefined && port !== "" && !/^:\d*$/.test(port))
    throw new UrlError(`invalid port ${quote(port)} after host`);
  return unescaped(host, "host");
}

function urlParse(text: string): GoMap {
  try {
    const { scheme, host, path, query, opaque, fragment, userinfo } = parseUrl(text);
    const hostname = /^\[([^\]]*)\]/.exec(host)?.[1] ?? host.replace(/:[\s\S]*$/, "");
    return new GoMap(Object.entries({ scheme, host, hostname, path, query, opaque, fragment, userinfo }));
  } catch (error) {
    if (error instanceof UrlError) throw new FunctionError(`unable to parse url: ${error.message}`);
    throw error;
  }
}

function stringPart(parts: GoMap | null, key: string): string {
  const value: GoValue = parts?.has(key) === true ? parts.get(key) : "";
  if (typeof value === "string") return value;
  if (value === null || value === undefined)
    throw new FunctionError("runtime error: invalid memory address or nil pointer dereference");
  throw new FunctionError(`unable to parse ${key} key, must be of type string, but ${kindName(value)} found`);
}

function userinfoOf(text: string): string {
  if (text === "") return "";
  try {
    return `${parseUrl(`proto://${text}@host`).userinfo}@`;
  } catch (error) {
    if (error instanceof UrlError)
      throw new FunctionError(`unable to parse userinfo in dict: ${error.message}`);
    throw error;
  }
}

function urlJoin(parts: GoMap | null): string {
  const part = (key: string): string => stringPart(parts, key);
  const [scheme, host, path, query] = [part("scheme"), part("host"), part("path"), part("query")];
  const [opaque, fragment] = [part("opaque"), part("fragment")];
  const user = userinfoOf(part("userinfo"));
  let out = scheme === "" ? "" : `${scheme}:`;
  if (opaque !== "") out += opaque;
  else {
    const hasAuthority = scheme !== "" || host !== "" || user !== "";
    if (hasAuthority && (host !== "" || path !== "" || user !== "")) out += "//";
    out += user + escaped(host, "host");
    const written = path === "*" ? "*" : escaped(path, "path");
    if (written !== "" && !written.startsWith("/") && host !== "") out += "/";
    if (out === "" && (written.split("/", 1)[0] ?? "").includes(":")) out += "./";
    out += written;
  }
  if (query !== "") out += `?${query}`;
  return fragment === "" ? out : `${out}#${escaped(fragment, "fragment")}`;
}

/** Sprig's functions on URLs. */
export const urlFunctions: Readonly<Record<string, TemplateFunction>> = {
  urlParse: fn("string", urlParse),
  urlJoin: fn("map", urlJoin),
};
