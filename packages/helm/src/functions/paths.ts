import { fn, type TemplateFunction } from "../template/function.js";

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
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end -= 1;
  return end === 0 ? "/" : path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}

function dir(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf("/") + 1));
}

function ext(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot);
}

const baseFn = fn("string", base);
const dirFn = fn("string", dir);
const extFn = fn("string", ext);
const cleanFn = fn("string", cleanPath);
const isAbs = fn("string", (path: string) => path.startsWith("/"));

/** Sprig's functions on paths. */
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
};
