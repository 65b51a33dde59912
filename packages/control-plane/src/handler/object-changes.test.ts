import { expect, test } from "vitest";
import { openControlPlane } from "../control-plane.js";
import { systemClock, systemRandom } from "../testing/system-runtime.js";

const PODS = "/api/v1/namespaces/default/pods";

test("following a pod's log shows what becomes of the pod, and ends when it is gone", async () => {
  const plane = await openControlPlane({ port: 0, clock: systemClock, random: systemRandom });
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
    spec: { nodeName: "n", containers: [{ name: "c", image: "i" }], terminationGracePeriodSeconds: 0 },
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
