import { RE2JS, RE2JSException } from "re2js";
import type { ChartFile } from "../chart/chart.js";
import { toYaml } from "../functions/encoding.js";
import { FunctionError } from "../template/error.js";
import { MethodMap } from "../template/method-map.js";
import { textOfBytes } from "../value/bytes.js";
import { GoMap, type GoMethod, type GoValue, typedSlice } from "../value/go-value.js";

/** `.Files`: a chart's other files by path. */
export class FilesValue extends MethodMap {
  constructor(files: readonly ChartFile[]) {
    super(
      files.map((file) => [file.name, file.data] as const),
      "engine.files",
    );
  }

  private bytes(name: GoValue): Uint8Array {
    const data = this.get(String(name));
    return data instanceof Uint8Array ? data : new Uint8Array();
  }

  private textOf(name: GoValue): string {
    return textOfBytes(this.bytes(name));
  }

  method(name: string): GoMethod | undefined {
    switch (name) {
      case "Get":
        return { params: ["string"], run: (file) => this.textOf(file) };
      case "GetBytes":
        return { params: ["string"], run: (file) => this.bytes(file) };
      case "Glob":
        return { params: ["string"], run: (pattern) => this.glob(String(pattern)) };
      case "Lines":
        return { params: ["string"], run: (file) => this.lines(String(file)) };
      case "AsConfig":
        return { params: [], run: () => this.asMap((data) => textOfBytes(data)) };
      case "AsSecrets":
        return { params: [], run: () => this.asMap((data) => Buffer.from(data).toString("base64")) };
      default:
        return undefined;
    }
  }

  private lines(name: string): GoValue {
    if (!this.has(name)) return typedSlice([], "[]string");
    const text = this.textOf(name);
    if (text === "") throw new FunctionError("runtime error: index out of range [-1]");
    return typedSlice((text.endsWith("\n") ? text.slice(0, -1) : text).split("\n"), "[]string");
  }

  private glob(pattern: string): GoValue {
    const matches = globPattern(pattern);
    const found: ChartFile[] = [];
    for (const [name, data] of this) {
      if (data instanceof Uint8Array && (matches === undefined || matches.test(name)))
        found.push({ name, data });
    }
    return new FilesValue(found);
  }

  private asMap(read: (data: Uint8Array) => string): string {
    const map = new GoMap();
    for (const [name, data] of this) {
      if (data instanceof Uint8Array) map.set(name.slice(name.lastIndexOf("/") + 1), read(data));
    }
    return this.size === 0 ? "{}" : toYaml(map);
  }
}

/** A glob of Helm: `*` stops at `/`, `**` does not; undefined when malformed, which matches all. */
export function globPattern(pattern: string): { test(path: string): boolean } | undefined {
  let source = "";
  let depth = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at] ?? "";
    if (char === "*") {
      const double = pattern[at + 1] === "*";
      if (double) at += 1;
      source += double ? "(?s:.*)" : "[^/]*";
    } else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const end = pattern.indexOf("]", at);
      if (end < 0) return undefined;
      source += `[${pattern
        .slice(at + 1, end)
        .replace(/^!/, "^")
        .replaceAll("\\", "\\\\")
        .replaceAll("[", "\\[")}]`;
      at = end;
    } else if (char === "{") {
      depth += 1;
      source += "(?:";
    } else if (char === "}" && depth > 0) {
      depth -= 1;
      source += ")";
    } else if (char === "," && depth > 0) source += "|";
    else if (char === "\\") {
      at += 1;
      source += (pattern[at] ?? "\\").replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    } else source += char.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  }
  return depth === 0 ? compiled(source) : undefined;
}

/** By RE2, which does not backtrack. */
function compiled(source: string): { test(path: string): boolean } | undefined {
  try {
    const expression = RE2JS.compile(`^(?:${source})$`);
    return { test: (path) => expression.matcher(path).find() };
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}
