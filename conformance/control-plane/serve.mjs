// The embedded API with simulated workloads, in a process of its own: what the checks speak to.
import { randomBytes } from "node:crypto";
import { openControlPlane } from "@capstan/control-plane";
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
const plane = await openControlPlane({
  dataDir: process.argv[2],
  port: 0,
  clock,
  random,
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
const running = manager.start(stop.signal);
console.log(`serving ${plane.url}`);
process.on("SIGTERM", async () => {
  stop.abort();
  await running.catch(() => undefined);
  await manager.drain();
  await plane.close();
  process.exit(0);
});
