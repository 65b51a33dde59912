import type { Answer, Query } from "../call.js";

/** One thing that has to be right: undefined when it is, else what is wrong. */
export type HealthCheck = () => string | undefined;

const TEXT = "text/plain; charset=utf-8";
const NOSNIFF = { "x-content-type-options": "nosniff" };

/** `/livez`, `/readyz`, `/healthz` and the single checks below them, as the API server words them. */
export function health(
  path: string,
  query: Query,
  checks: ReadonlyMap<string, HealthCheck>,
): Answer | undefined {
  const [, endpoint = "", ...rest] = path.split("/");
  if (endpoint !== "livez" && endpoint !== "readyz" && endpoint !== "healthz") return undefined;
  const single = rest.join("/");
  if (single !== "") {
    const check = checks.get(single);
    if (check === undefined) return undefined;
    const wrong = check();
    return wrong === undefined ? reply(200, "ok") : reply(500, `internal server error: ${wrong}\n`);
  }
  const excluded = new Set((query.get("exclude") ?? "").split(",").filter((name) => name !== ""));
  const lines: string[] = [];
  let failed = false;
  for (const [name, check] of checks) {
    if (excluded.delete(name)) lines.push(`[+]${name} excluded: ok`);
    else if (check() === undefined) lines.push(`[+]${name} ok`);
    else {
      failed = true;
      lines.push(`[-]${name} failed: reason withheld`);
    }
  }
  if (excluded.size > 0) {
    const names = [...excluded].map((name) => JSON.stringify(name)).join(",");
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
  }
  if (failed) return reply(500, `${lines.join("\n")}\n${endpoint} check failed\n`);
  return reply(200, query.has("verbose") ? `${lines.join("\n")}\n${endpoint} check passed\n` : "ok");
}

function reply(status: number, bytes: string): Answer {
  return { type: "bytes", status, contentType: TEXT, bytes, headers: NOSNIFF };
}
