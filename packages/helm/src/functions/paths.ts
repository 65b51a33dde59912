import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import { GoMap, type GoValue, typeName } from "../value/go-value.js";

/** Go's path.Clean. */
export function cleanPath(path: string): string {
  if (path === "") return ".";
  const rooted = path.startsWith("/");
  const out: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") out.push(part);
    else if (out.length > 0 && out.at(-1) !== "..") out.pop();
    else if (!rooted) out.push("..");
  }
  const joined = out.join("/");
  return rooted ? `/${joined}` : joined === "" ? "." : joined;
}

function base(path: string): string {
  if (path === "") return ".";
  const trimmed = path.replace(/\/+$/, "");
  return trimmed === "" ? "/" : (trimmed.split("/").at(-1) ?? "");
}

function dir(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf("/") + 1));
}

function ext(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot);
}

function decodePercent(text: string): string {
  return Buffer.from(
    text.replace(
      /%([0-9a-fA-F]{2})|([^%]+)/g,
      (_whole, hex: string | undefined, plain: string | undefined) =>
        hex ?? Buffer.from(plain ?? "").toString("hex"),
    ),
    "hex",
  ).toString("utf8");
}

function urlParse(text: string): GoMap {
  const bad = (problem: string) =>
    new FunctionError(`unable to parse url: parse ${JSON.stringify(text)}: ${problem}`);
  if (/[\x00-\x1f\x7f]/.test(text)) throw bad("net/url: invalid control character in URL");
  const [, beforeHash = "", fragment = ""] = /^([^#]*)(?:#([\s\S]*))?$/.exec(text) ?? [];
  const [, scheme = "", rest = ""] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?([\s\S]*)$/.exec(beforeHash) ?? [];
  if (beforeHash.startsWith(":")) throw bad("missing protocol scheme");
  const question = rest.indexOf("?");
  const body = question < 0 ? rest : rest.slice(0, question);
  const query = question < 0 ? "" : rest.slice(question + 1);
  const opaque = scheme !== "" && body !== "" && !body.startsWith("/");
  let authority = "";
  let path = opaque ? "" : body;
  if (!opaque && body.startsWith("//") && !body.startsWith("///")) {
    const slash = body.indexOf("/", 2);
    authority = slash < 0 ? body.slice(2) : body.slice(2, slash);
    path = slash < 0 ? "" : body.slice(slash);
  }
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  const wrong = /[ "<>\\^`{|}]/.exec(host)?.[0];
  if (wrong !== undefined) throw bad(`invalid character ${JSON.stringify(wrong)} in host name`);
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(path)?.[0];
  if (badEscape !== undefined) throw bad(`invalid URL escape ${JSON.stringify(badEscape)}`);
  return new GoMap([
    ["scheme", scheme.toLowerCase()],
    ["host", host],
    ["hostname", /^\[([^\]]*)\]/.exec(host)?.[1] ?? host.replace(/:\d*$/, "")],
    ["path", decodePercent(path)],
    ["query", query],
    ["opaque", opaque ? body : ""],
    ["fragment", decodePercent(fragment)],
    ["userinfo", at < 0 ? "" : authority.slice(0, at)],
  ]);
}

function urlJoin(parts: GoMap | null): string {
  const part = (key: string): string => {
    const value: GoValue = parts?.get(key) ?? "";
    if (typeof value !== "string")
      throw new FunctionError(
        `unable to parse ${key} key, must be of type string, but ${typeName(value)} found`,
      );
    return value;
  };
  const [scheme, host, path, query, opaque, fragment, userinfo] = [
    "scheme",
    "host",
    "path",
    "query",
    "opaque",
    "fragment",
    "userinfo",
  ].map(part);
  let out = scheme === "" ? "" : `${scheme}:`;
  if (opaque !== "") out += opaque;
  else {
    if (scheme !== "" || host !== "" || userinfo !== "") {
      if (host !== "" || userinfo !== "") out += "//";
      out += userinfo === "" ? "" : `${userinfo}@`;
      out += host;
    }
    const escaped = (path ?? "").replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/gu, (char) =>
      [...Buffer.from(char)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
    );
    if (escaped !== "" && !escaped.startsWith("/") && host !== "") out += "/";
    if (out === "" && (escaped.split("/", 1)[0] ?? "").includes(":")) out += "./";
    out += escaped;
  }
  if (query !== "") out += `?${query}`;
  return fragment === "" ? out : `${out}#${fragment}`;
}

const baseFn = fn("string", base);
const dirFn = fn("string", dir);
const extFn = fn("string", ext);
const cleanFn = fn("string", cleanPath);
const isAbs = fn("string", (path: string) => path.startsWith("/"));

/** Sprig's functions on paths and URLs. */
export const pathFunctions: Readonly<Record<string, TemplateFunction>> = {
  base: baseFn,
  dir: dirFn,
  ext: extFn,
  clean: cleanFn,
  isAbs,
  osBase: baseFn,
  osDir: dirFn,
  osExt: extFn,
  osClean: cleanFn,
  osIsAbs: isAbs,
  urlParse: fn("string", urlParse),
  urlJoin: fn("map", urlJoin),
};
