import { readFile } from "node:fs/promises";
import type { Answer, Json } from "./api.js";
import { answers, eventually, same, type Trial } from "./check.js";

/** Events in the order in which they were written. */
export type AuditEvents = readonly Json[];

/** All that an audit log holds by now; a line that is still being written is left out. */
export async function readAuditLog({ home }: Pick<Trial, "home">): Promise<AuditEvents> {
  if (home.auditLog === undefined) throw new Error("the server has no audit log that is known");
  const text = await readFile(home.auditLog, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** The events of answered requests, once each has this many; in the order of the answers. */
export async function eventsOf(trial: Trial, wanted: number, ...answered: Answer[]): Promise<AuditEvents> {
  let found: AuditEvents = [];
  await eventually(async () => {
    const all = await readAuditLog(trial);
    found = answered.flatMap(({ headers }) => {
      const own = all.filter(({ auditID }) => auditID === headers["audit-id"]);
      same(own.length, wanted, `the number of events of ${headers["audit-id"]}`);
      return own;
    });
  });
  return found;
}

/** The single event of a request. */
export async function eventOf(trial: Trial, answer: Answer): Promise<Json> {
  return (await eventsOf(trial, 1, answer))[0];
}

/** The path of a collection in one of the namespaces that the policy speaks of, which is made where there is none. */
export async function audited({ api }: Trial, namespace: string, resource = "configmaps"): Promise<string> {
  const name = `audited-${namespace}`;
  const made = await api.post("/api/v1/namespaces", { metadata: { name } });
  if (made.code !== 409) answers(made, 201);
  return `/api/v1/namespaces/${name}/${resource}`;
}
