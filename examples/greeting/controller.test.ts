import { openControlPlane, testControlPlane } from "@capstan/control-plane";
import { createClient, createManager, httpTransport, parseKubeconfig } from "@capstan/controller";
import type { Clock, KubeObject, Random, Transport } from "@capstan/kube";
import { afterEach, describe, expect, it } from "vitest";
import { Greeting, greetings } from "./controller.js";

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
const random: Random = {
  float: Math.random,
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function embedded(): Promise<Transport> {
  const plane = await testControlPlane();
  closing.push(() => plane.close());
  return plane.transport();
}

/** Another process's API as it is seen from here: TLS, client certificates, watches over HTTP. */
async function remote(): Promise<Transport> {
  const plane = await openControlPlane({ port: 0, clock, random });
  closing.push(() => plane.close());
  const transport = httpTransport(await parseKubeconfig(plane.kubeconfig), { clock });
  closing.push(() => transport.close());
  return transport;
}

async function until<T>(read: () => Promise<T>, enough: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await read();
    if (enough(value)) return value;
    if (Date.now() > deadline) throw new Error(`gave up waiting at ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe.each([
  ["in process", embedded],
  ["over HTTPS", remote],
])("the example controller, %s", (_, home) => {
  it("makes, repairs and gives up what it owns", { timeout: 30_000 }, async () => {
    const client = createClient(await home());
    await client.create(Greeting.definition());
    const manager = createManager({ client, clock, random });
    manager.add(greetings);
    const stop = new AbortController();
    const ended = manager.start(stop.signal);
    closing.push(async () => {
      stop.abort();
      await ended;
    });
    await manager.ready();

    const { apiVersion, kind } = Greeting;
    const ref = { apiVersion, kind, namespace: "default", name: "hello" };
    const metadata = { namespace: "default", name: "hello" };
    await client.create({ apiVersion, kind, metadata, spec: { text: "Hello", to: ["world"] } });
    const map = () => client.tryGet({ apiVersion: "v1", kind: "ConfigMap", ...metadata });
    const made = await until(map, (found) => found !== undefined);
    expect(made?.["data"]).toEqual({ world: "Hello, world!" });

    const status = async () =>
      (await client.get(ref))["status"] as { conditions?: { type: string; status: string }[] };
    const ready = await until(status, (found) => found?.conditions !== undefined);
    expect(ready.conditions).toMatchObject([{ type: "Ready", status: "True", reason: "Succeeded" }]);

    await client.delete({ apiVersion: "v1", kind: "ConfigMap", ...metadata });
    const other = (found: KubeObject | undefined) =>
      found !== undefined && found.metadata.uid !== made?.metadata.uid;
    expect((await until(map, other))?.["data"]).toEqual({ world: "Hello, world!" });

    await client.delete(ref);
    await until(map, (found) => found === undefined);
  });
});
