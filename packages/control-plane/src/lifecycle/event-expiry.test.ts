import type { KubeObject } from "@capstan/kube";
import { expect, test } from "vitest";
import { testControlPlane } from "../testing/test-control-plane.js";

test("an event is gone an hour after it was last seen, one seen since stays", async () => {
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
  await api.request({ method: "POST", path, body: event("old", "2030-01-01T00:00:00Z") });
  await api.request({ method: "POST", path, body: event("new", "2030-01-01T00:50:00Z") });
  now += 3_660_000;
  for (const timer of timers.filter(({ at }) => at <= now)) timer.callback();
  const names = async () => {
    const { body } = await api.request({ method: "GET", path });
    return (body as { items: KubeObject[] }).items.map((item) => item.metadata.name);
  };
  for (let i = 0; i < 100 && (await names()).length > 1; i++)
    await new Promise((resume) => setImmediate(resume));
  expect(await names()).toEqual(["new"]);
  await plane.close();
});
