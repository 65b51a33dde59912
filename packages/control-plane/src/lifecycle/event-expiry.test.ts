import type { KubeObject } from "@capstan/kube";
import { expect, test } from "vitest";
import { testControlPlane } from "../testing/test-control-plane.js";

async function setUp() {
  let now = Date.parse("2030-01-01T00:00:00Z");
  const timers: { at: number; callback: () => void }[] = [];
  const clock = {
    now: () => now,
    after: (ms: number, callback: () => void) => {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  };
  const plane = await testControlPlane({ clock });
  const api = plane.transport();
  const path = "/api/v1/namespaces/default/events";
  const event = (name: string, lastTimestamp: string) => ({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name },
    involvedObject: { kind: "Pod", name: "p", namespace: "default" },
    reason: "R",
    message: "m",
    type: "Normal",
    lastTimestamp,
  });
  const write = (name: string, lastTimestamp: string) =>
    api.request({ method: "POST", path, body: event(name, lastTimestamp) });
  const names = async () => {
    const { body } = await api.request({ method: "GET", path });
    return (body as { items: KubeObject[] }).items.map((item) => item.metadata.name);
  };
  return {
    write,
    names,
    rewrite: (name: string, lastTimestamp: string) =>
      api.request({
        method: "PATCH",
        path: `${path}/${name}`,
        contentType: "application/merge-patch+json",
        body: { lastTimestamp },
      }),
    remove: (name: string) => api.request({ method: "DELETE", path: `${path}/${name}` }),
    /** Lets time pass and waits until `expected` are left, or for as long as that could take. */
    async pass(ms: number, expected: readonly string[]) {
      now += ms;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.callback();
      }
      for (let i = 0; i < 100 && (await names()).length > expected.length; i++)
        await new Promise((resume) => setImmediate(resume));
      expect(await names()).toEqual(expected);
    },
    close: () => plane.close(),
  };
}

test("an event is gone an hour after it was last seen, one seen since stays", async () => {
  const home = await setUp();
  await home.write("old", "2030-01-01T00:00:00Z");
  await home.write("new", "2030-01-01T00:50:00Z");
  await home.pass(3_660_000, ["new"]);
  await home.close();
});

test("an event that is written again between sweeps stays for another hour", async () => {
  const home = await setUp();
  await home.write("a", "2030-01-01T00:00:00Z");
  await home.write("b", "2030-01-01T00:00:00Z");
  await home.write("c", "2030-01-01T00:00:00Z");
  await home.pass(60_000, ["a", "b", "c"]);
  await home.rewrite("b", "2030-01-01T00:30:00Z");
  await home.remove("c");
  await home.pass(3_600_000, ["b"]);
  await home.pass(1_800_000, []);
  await home.close();
});
