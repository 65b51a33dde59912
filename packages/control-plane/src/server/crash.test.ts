import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { bundle, type Child, start } from "../testing/child.js";

const PROGRAM = `
import { randomBytes } from "node:crypto";
import { openControlPlane } from "./control-plane.js";
const clock = {
  now: () => Date.now(),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
const random = { float: () => Math.random(), bytes: (length: number) => randomBytes(length) };
const admin = { name: "admin", groups: ["system:masters"] };
const tokens = new Map([["secret", admin]]);
try {
  const plane = await openControlPlane({ dataDir: process.argv[2] ?? "", port: 0, clock, random, tokens });
  console.log(JSON.stringify({ url: plane.url }));
} catch (error) {
  console.log(JSON.stringify({ error: (error as { code?: string }).code, message: (error as Error).message }));
  process.exit(1);
}
`;

let program: string;
let directory: string;
const children: Child[] = [];

beforeAll(async () => {
  program = await bundle("crash", PROGRAM);
  directory = mkdtempSync(join(tmpdir(), "capstan-crash-"));
});
afterAll(async () => {
  for (const child of children) await child.kill();
  rmSync(directory, { recursive: true, force: true });
  rmSync(program, { force: true });
});

async function open(): Promise<{ child: Child; url: string }> {
  const child = start(program, [directory]);
  children.push(child);
  const answer = (await child.next()) as { url?: string; message?: string };
  if (answer.url === undefined) throw new Error(answer.message);
  return { child, url: answer.url };
}

interface Reply {
  readonly status: number;
  readonly body: {
    metadata: { resourceVersion: string };
    items: { metadata: { name: string }; data: { v: string } }[];
  };
}

function call(agent: Agent, method: string, url: string, body?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: "Bearer secret", "content-type": "application/json" };
    const sent = request(url, { method, agent, headers }, async (response) => {
      let text = "";
      try {
        for await (const chunk of response) text += chunk;
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
      } catch (error) {
        reject(error);
      }
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const PATH = "/api/v1/namespaces/default/configmaps";

test("every acknowledged write survives a killed process, and versions go on rising", async () => {
  const acknowledged = new Map<string, string>();
  let lastVersion = 0;
  for (let round = 0; round < 3; round++) {
    const { child, url } = await open();
    const agent = new Agent({ keepAlive: true, ca: readFileSync(join(directory, "ca.crt")) });
    let ended = false;
    const writer = async (id: number) => {
      for (let i = 0; !ended; i++) {
        const name = `w-${round}-${id}-${i}`;
        const value = `${round}/${id}/${i}`;
        try {
          const { status } = await call(agent, "POST", url + PATH, {
            metadata: { name },
            data: { v: value },
          });
          if (status === 201) acknowledged.set(name, value);
        } catch {
          // The process died with this request on its way: nobody was promised anything.
          return;
        }
      }
    };
    const writers = Array.from({ length: 8 }, (_, id) => writer(id));
    const enough = acknowledged.size + 10 + Math.floor(Math.random() * 40);
    await vi.waitFor(() => expect(acknowledged.size).toBeGreaterThan(enough), {
      timeout: 15_000,
      interval: 5,
    });
    const gone = once(child.process, "exit");
    child.process.kill("SIGKILL");
    await gone;
    ended = true;
    await Promise.all(writers);
    agent.destroy();
    const restarted = await open();
    const reader = new Agent({ ca: readFileSync(join(directory, "ca.crt")) });
    const list = await call(reader, "GET", restarted.url + PATH);
    const stored = new Map(list.body.items.map((item) => [item.metadata.name, item.data.v]));
    for (const [name, value] of acknowledged) expect(stored.get(name)).toBe(value);
    expect(Number(list.body.metadata.resourceVersion)).toBeGreaterThan(lastVersion);
    lastVersion = Number(list.body.metadata.resourceVersion);
    reader.destroy();
    await restarted.child.kill();
  }
  expect(acknowledged.size).toBeGreaterThan(20);
}, 60_000);

test("a second process on the same data directory is told who holds it", async () => {
  const { child } = await open();
  const second = start(program, [directory]);
  children.push(second);
  const answer = (await second.next()) as { error: string; message: string };
  expect(answer.error).toBe("locked");
  expect(answer.message).toContain(`process ${child.process.pid}`);
  await child.kill();
}, 30_000);
