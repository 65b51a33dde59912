import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { GitError } from "./error.js";

/** How a repository is reached. */
export type GitProtocol = "http" | "https" | "ssh" | "file";

/** A repository's address, taken apart; it never holds a password. */
export interface GitUrl {
  readonly protocol: GitProtocol;
  /** As handed to git. */
  readonly text: string;
  /** Empty for local repositories. */
  readonly host: string;
  readonly user: string | undefined;
  /** Absolute path in the file system, for local repositories only. */
  readonly localPath: string | undefined;
}

export interface GitUrlOptions {
  /** Whether `file://` URLs and absolute paths are taken; off where left out. */
  readonly allowLocal?: boolean;
}

/**
 * Reads a repository's address: `http://`, `https://`, `ssh://`, and, where allowed, `file://` or an
 * absolute path. A password in the URL is refused, as it would show in process lists and messages.
 * Throws `GitError` `invalid-url` or `protocol-not-allowed`.
 */
export function parseGitUrl(text: string, options: GitUrlOptions = {}): GitUrl {
  if (/[\0-\x20\x7f]/.test(text) && !isAbsolute(text)) {
    throw new GitError("invalid-url", `the URL "${redactUrl(text)}" contains blanks or control characters`);
  }
  if (isAbsolute(text)) return localUrl(text, text, options);
  if (!URL.canParse(text)) throw new GitError("invalid-url", `"${redactUrl(text)}" is not a URL`);
  const url = new URL(text);
  switch (url.protocol) {
    case "http:":
    case "https:":
    case "ssh:":
      return networkUrl(url, text);
    case "file:":
      return localUrl(text, filePath(url), options);
    default:
      throw new GitError("protocol-not-allowed", `repositories are not reached over ${url.protocol}//`);
  }
}

function networkUrl(url: URL, text: string): GitUrl {
  const shown = redactUrl(text);
  if (url.host === "") throw new GitError("invalid-url", `the URL "${shown}" has no host`);
  if (url.hostname.startsWith("-"))
    throw new GitError("invalid-url", `the URL "${shown}" has a malformed host`);
  if (url.password !== "") {
    throw new GitError("invalid-url", `the URL "${shown}" contains a password; put it into a secret instead`);
  }
  const user = url.username === "" ? undefined : decodeURIComponent(url.username);
  if (user?.startsWith("-") === true)
    throw new GitError("invalid-url", `the URL "${shown}" has a malformed user`);
  return {
    protocol: url.protocol.slice(0, -1) as GitProtocol,
    text,
    host: url.host,
    user,
    localPath: undefined,
  };
}

function filePath(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new GitError("invalid-url", `"${url.href}" does not name a file of this machine`, { cause: error });
  }
}

function localUrl(text: string, localPath: string, options: GitUrlOptions): GitUrl {
  if (options.allowLocal !== true) {
    throw new GitError("protocol-not-allowed", "repositories of the local file system are not allowed here");
  }
  if (localPath.includes("\0")) throw new GitError("invalid-url", "the path contains a NUL character");
  return { protocol: "file", text, host: "", user: undefined, localPath };
}

/** The text with the credentials of every URL in it taken out. */
export function redactUrl(text: string): string {
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@"']*@/gi, "$1");
}

/**
 * A submodule's address as its superproject means it: `./` and `../` are relative to the superproject's
 * own address, anything else stands for itself. Throws `GitError` as `parseGitUrl` does.
 */
export function resolveSubmoduleUrl(parent: GitUrl, text: string, options: GitUrlOptions = {}): GitUrl {
  if (!text.startsWith("./") && !text.startsWith("../")) return parseGitUrl(text, options);
  const segments = parent.text.replace(/\/+$/, "").split("/");
  const floor = parent.protocol === "file" && !parent.text.startsWith("file:") ? 1 : 3;
  for (const segment of text.split("/")) {
    if (segment === "." || segment === "") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.length > floor) segments.pop();
    else throw new GitError("invalid-url", `the submodule URL "${text}" leads above its server's root`);
  }
  return parseGitUrl(segments.join("/"), options);
}
