/** Absolute path in a tree for what a spec says (`./apps/`, `apps`, `/apps`); `..` stops at the root. */
export function treePath(path: string | undefined, from = "/"): string {
  const parts = path?.startsWith("/") === true ? [] : from.split("/").filter((part) => part !== "");
  for (const part of (path ?? "").split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Whether `path` is `directory` or lies under it. */
export function isUnder(path: string, directory: string): boolean {
  return directory === "/" || path === directory || path.startsWith(`${directory}/`);
}

export function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** A path as people write it in a repository: without the leading slash, `.` for the root. */
export function shownPath(path: string): string {
  return path === "/" ? "." : path.replace(/^\/+/, "");
}
