import { badRequest } from "./errors.js";

/** Where a paged list goes on: the state it shows and the first key of the next page. */
export interface ContinueToken {
  /** -1: the newest state. */
  readonly revision: number;
  /** Key below the kind's prefix, exclusive. */
  readonly after: string;
  /** How many objects the first page counted beyond itself; absent with selectors. */
  readonly remaining: number | undefined;
}

export function formatContinue(token: ContinueToken): string {
  const { revision, after, remaining } = token;
  const json = JSON.stringify({
    v: "meta.k8s.io/v1",
    rv: revision,
    start: `${after}\u0000`,
    ...(remaining === undefined ? {} : { left: remaining }),
  });
  return Buffer.from(json).toString("base64url");
}

/** Throws 400 for anything that `formatContinue` did not make. */
export function parseContinue(text: string): ContinueToken {
  const token = readJson(text);
  const { v, rv, start, left } = token;
  if (v !== "meta.k8s.io/v1" || typeof rv !== "number" || !Number.isSafeInteger(rv)) throw badToken();
  if (typeof start !== "string" || !start.endsWith("\u0000") || start.length < 2) throw badToken();
  if (start.startsWith("/") || start.split("/").some((part) => part === "." || part === ".."))
    throw badToken();
  return {
    revision: rv,
    after: start.slice(0, -1),
    remaining: typeof left === "number" ? left : undefined,
  };
}

function readJson(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    throw badToken();
  }
  if (typeof value !== "object" || value === null) throw badToken();
  return value as Record<string, unknown>;
}

function badToken() {
  return badRequest("invalid continue token: continue key is not valid");
}
