import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { openControlPlane } from "../control-plane.js";

const clock = {
  now: () => Date.now(),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
const random = { float: () => Math.random(), bytes: (length: number) => randomBytes(length) };
const PODS = "/api/v1/namespaces/default/pods";

test("following a pod's log shows what becomes of the pod, and ends when it is gone", async () => {
  const plane = await openControlPlane({ port: 0, clock, random });
  const api = plane.transport();
  plane.setPodRuntime({
    async *logs(_pod, _query, _signal, changes) {
      for await (const pod of changes()) {
        yield Buffer.from(`${pod.metadata.labels?.["state"] ?? "new"}\n`);
      }
      yield Buffer.from("gone\n");
    },
  });
  const body = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "p" },
    spec: { containers: [{ name: "c", image: "i" }], terminationGracePeriodSeconds: 0 },
  };
  await api.request({ method: "POST", path: PODS, body });
  const lines: string[] = [];
  const next = { method: "PATCH", path: `${PODS}/p`, contentType: "application/merge-patch+json" } as const;
  for await (const chunk of await api.stream({
    method: "GET",
    path: `${PODS}/p/log`,
    query: { follow: "true" },
  })) {
    lines.push(Buffer.from(chunk).toString().trim());
    if (lines.length === 1) await api.request({ ...next, body: { metadata: { labels: { state: "seen" } } } });
    if (lines.length === 2) await api.request({ method: "DELETE", path: `${PODS}/p`, body: {} });
  }
  expect(lines).toEqual(["new", "seen", "gone"]);
  await plane.close();
});
