import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_AUDIT_POLICY } from "../audit/audit-policy.js";
import { type ControlPlane, openControlPlane } from "../control-plane.js";
import { systemClock, systemRandom } from "../testing/system-runtime.js";

const REQUESTS = 200;
const CONFIGS = "/api/v1/namespaces/default/configmaps";

const directory = mkdtempSync(join(tmpdir(), "capstan-fairness-"));
const log = join(directory, "audit.log");
let plane: ControlPlane;

beforeAll(async () => {
  const administrator = { groups: ["system:masters"] };
  const tokens = new Map([
    ["greedy", { ...administrator, name: "greedy" }],
    ["modest", { ...administrator, name: "modest" }],
  ]);
  const onFailure = (error: unknown) => expect.unreachable(String(error));
  const audit = { path: log, policy: DEFAULT_AUDIT_POLICY, maxBytes: 1e9, maxBackups: 1, onFailure };
  plane = await openControlPlane({ port: 0, clock: systemClock, random: systemRandom, tokens, audit });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function list(session: ClientHttp2Session, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":path": CONFIGS, authorization: `Bearer ${token}` });
    stream.on("error", reject).on("end", resolve).resume();
  });
}

/** The names of users in the order in which their lists were answered. */
function answered(): readonly string[] {
  return readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { verb: string; user: { username: string } })
    .filter(({ verb, user }) => verb === "list" && /greedy|modest/.test(user.username))
    .map(({ user }) => user.username);
}

test("a client that asks for a great deal does not keep others waiting", async () => {
  const transport = plane.transport();
  for (let i = 0; i < 200; i++) {
    const body = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: `crowd-${i}` },
      data: { text: "x".repeat(2_000) },
    };
    await transport.request({ method: "POST", path: CONFIGS, body });
  }
  const sessions = [
    connect(plane.url, { ca: plane.caPem }),
    connect(plane.url, { ca: plane.caPem }),
  ] as const;
  const [greedy, modest] = sessions;
  await Promise.all([list(greedy, "greedy"), list(modest, "modest")]);
  const lists = Array.from({ length: REQUESTS }, () => list(greedy, "greedy"));
  await Promise.all([...lists, list(modest, "modest")]);
  for (const session of sessions) session.close();
  await plane.close();
  const order = answered();
  expect(order).toHaveLength(REQUESTS + 3);
  expect(order.lastIndexOf("modest")).toBeLessThan(REQUESTS / 2);
});
