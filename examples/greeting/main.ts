import { randomBytes } from "node:crypto";
import { createClient, createManager, httpTransport, loadKubeconfig } from "@capstan/controller";
import { Greeting, greetings } from "./controller.js";

// Run it with KUBECONFIG set: the one that `capstan up` writes, or that of any cluster.
const clock = {
  now: () => Date.now(),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
const random = { float: () => Math.random(), bytes: (length: number) => randomBytes(length) };
const config = await loadKubeconfig(process.env["KUBECONFIG"] ?? `${process.env["HOME"]}/.kube/config`);
const client = createClient(httpTransport(config, { clock, userAgent: "greetings" }));
await client.apply(Greeting.definition(), { fieldManager: "greetings", force: true });

const manager = createManager({ client, clock, random });
manager.add(greetings);
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
await manager.start(stop.signal);
await client.close();
