// The embedded API with simulated workloads, in a process of its own: what the checks speak to.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openControlPlane, parseAuditPolicy } from "@capstan/control-plane";
import { createClient, createManager } from "@capstan/controller";
import { registerWorkloads, simulatedLogs, simulatedRuntime } from "@capstan/workloads";

const clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
const random = { float: () => Math.random(), bytes: (length) => randomBytes(length) };
const policyFile = fileURLToPath(new URL("./audit-policy.yaml", import.meta.url));
const audit = {
  path: process.argv[3],
  policy: parseAuditPolicy(readFileSync(policyFile, "utf8"), policyFile),
  maxBytes: 1e9,
  maxBackups: 1,
  onFailure: (error) => console.error("audit log:", error),
};
const plane = await openControlPlane({
  dataDir: process.argv[2],
  port: 0,
  clock,
  random,
  audit,
  history: { maxAgeMs: 10_000 },
});
const stop = new AbortController();
const manager = createManager({
  client: createClient(plane.transport()),
  clock,
  random,
  instance: "conformance",
});
registerWorkloads(manager, { runtime: simulatedRuntime() });
plane.setPodRuntime(simulatedLogs());
let starting = "the controllers of workloads are starting";
plane.setWorkloadCheck(() => starting);
const running = manager.start(stop.signal);
void manager.ready().then(() => {
  starting = undefined;
});
console.log(`serving ${plane.url}`);
process.on("SIGTERM", async () => {
  stop.abort();
  await running.catch(() => undefined);
  await manager.drain();
  await plane.close();
  process.exit(0);
});
