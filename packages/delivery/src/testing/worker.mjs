import { parentPort } from "node:worker_threads";

/** Stands in for the builder: the path says how to behave. */
parentPort.on("message", ({ path }) => {
  if (path === "hang") for (;;);
  if (path === "explode") {
    const hoard = [];
    for (;;) hoard.push(new Array(1e6).fill({}));
  }
  if (path === "exit") process.exit(3);
  if (path === "bad") parentPort.postMessage({ ok: false, reason: "BuildFailed", message: "bad" });
  else parentPort.postMessage({ ok: true, rendered: { objects: [], digest: path } });
});
