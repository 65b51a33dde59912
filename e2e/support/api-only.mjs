// The embedded API without any reconciler, in a process of its own: stands for a cluster.
import { randomBytes } from "node:crypto";
import { openControlPlane } from "@capstan/control-plane";

const clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
const random = { float: () => Math.random(), bytes: (length) => randomBytes(length) };
const plane = await openControlPlane({ dataDir: process.argv[2], port: 0, clock, random });
console.log(`serving ${plane.url}`);
process.on("SIGTERM", () => {
  void plane.close().then(() => process.exit(0));
});
