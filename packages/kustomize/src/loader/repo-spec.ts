/** A base in a Git repository, as its URL names it. */
export interface RepoSpec {
  /** The URL as written. */
  readonly raw: string;
  /** What to clone: `https://github.com/org/repo`. */
  readonly cloneUrl: string;
  /** Directory within the repository, without a leading slash; empty for its root. */
  readonly path: string;
  /** Branch, tag or commit; empty for the default branch. */
  readonly ref: string;
  readonly submodules: boolean;
  readonly timeoutSeconds: number;
}

const DEFAULT_TIMEOUT = 27;
const SCHEMES = ["ssh://", "https://", "http://", "file://"];

/** Reads an entry as a Git URL; undefined for what can only be a local path. */
export function parseRepoSpec(raw: string): RepoSpec | undefined {
  if (raw.startsWith("/")) return undefined;
  const question = raw.indexOf("?");
  const query = new URLSearchParams(question < 0 ? "" : raw.slice(question + 1));
  const located = splitHost(question < 0 ? raw : raw.slice(0, question));
  if (located === undefined) return undefined;
  const parts = splitRepoPath(located.rest, located.host.startsWith("file://"));
  if (parts === undefined || parts.repo === "" || leavesRepo(parts.path)) return undefined;
  return {
    raw,
    cloneUrl: located.host + parts.repo,
    path: parts.path.replace(/^\//, ""),
    ref: query.get("ref") || query.get("version") || "",
    submodules: !["0", "f", "F", "false", "False", "FALSE"].includes(query.get("submodules") ?? ""),
    timeoutSeconds: parseTimeout(query.get("timeout") ?? ""),
  };
}

function parseTimeout(text: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  const match = /^(\d+)(s|m|h)$/.exec(text);
  const units = { s: 1, m: 60, h: 3600 } as const;
  const seconds = match === null ? 0 : Number(match[1]) * units[match[2] as "s" | "m" | "h"];
  return seconds > 0 ? seconds : DEFAULT_TIMEOUT;
}

function splitHost(text: string): { host: string; rest: string } | undefined {
  let rest = text.replace(/^git::/i, "");
  const lower = rest.toLowerCase();
  let scheme = SCHEMES.find((candidate) => lower.startsWith(candidate)) ?? "";
  rest = rest.slice(scheme.length);
  const user = /^([a-zA-Z][a-zA-Z0-9-]*)@/.exec(rest);
  let username = user === null ? "" : user[0];
  rest = rest.slice(username.length);
  const github = /^github\.com[/:]/i.test(rest);
  const scp = scheme === "" && (username !== "" || github);
  if (scheme === "" && !scp) return undefined;
  if (scheme === "file://") return { host: scheme, rest: username + rest };
  const separator = separatorIndex(rest, scp);
  let host = separator < 0 ? rest : rest.slice(0, separator + 1);
  const path = separator < 0 ? "" : rest.slice(separator + 1);
  if (github) {
    const ssh = scheme === "ssh://" || username !== "";
    host = ssh ? "github.com:" : "github.com/";
    if (!ssh) username = "";
    scheme = ssh ? "" : "https://";
  }
  return host === "" ? undefined : { host: scheme + username + host, rest: path };
}

function separatorIndex(text: string, scp: boolean): number {
  const slash = text.indexOf("/");
  const colon = scp ? text.indexOf(":") : -1;
  return slash < 0 || (colon > 0 && colon < slash) ? (colon >= 0 ? colon : slash) : slash;
}

function splitRepoPath(text: string, wholeIsRepo: boolean): { repo: string; path: string } | undefined {
  const marker = text.indexOf("_git/");
  if (marker >= 0) {
    const [name = "", ...rest] = text.slice(marker + 5).split("/");
    return { repo: text.slice(0, marker + 5) + name, path: rest.join("/") };
  }
  const slashes = text.indexOf("//");
  if (slashes >= 0) return { repo: text.slice(0, slashes), path: text.slice(slashes + 2) };
  const suffix = text.indexOf(".git");
  if (suffix >= 0) return { repo: text.slice(0, suffix + 4), path: text.slice(suffix + 4) };
  if (wholeIsRepo) return { repo: text, path: "" };
  const parts = text.split("/");
  if (parts.length < 2) return undefined;
  return { repo: parts.slice(0, 2).join("/"), path: parts.slice(2).join("/") };
}

function leavesRepo(path: string): boolean {
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}

/** Whether an entry is a file to be fetched over HTTP. */
export function isRemoteFile(path: string): boolean {
  return /^https?:/i.test(path);
}
