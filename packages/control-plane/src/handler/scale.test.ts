import type { ApiRequest, KubeObject } from "@capstan/kube";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

const SCALE = "/apis/apps/v1/namespaces/default/deployments/web/scale";
const APPLY = "application/apply-patch+yaml";

let plane: TestControlPlane;
beforeEach(async () => {
  plane = await testControlPlane();
  const template = { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } };
  const spec = { replicas: 2, selector: { matchLabels: { a: "b" } }, template };
  const body = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec };
  await plane.transport().request({ method: "POST", path: SCALE.replace("/web/scale", ""), body });
});
afterEach(() => plane.close());

async function patch(contentType: string, replicas: unknown, query: ApiRequest["query"] = {}) {
  const body = { apiVersion: "autoscaling/v1", kind: "Scale", spec: { replicas } };
  const request = { method: "PATCH", path: SCALE, contentType, body, query } as const;
  const { status, body: answer } = await plane.transport().request(request);
  return { status, body: answer as KubeObject & { message?: string; spec?: { replicas: number } } };
}

it("keeps replicas for who scaled before, unless they are taken by force", async () => {
  await patch("application/merge-patch+json", 3, { fieldManager: "first" });
  const refused = await patch(APPLY, 4, { fieldManager: "second" });
  expect(refused.status).toBe(409);
  expect(refused.body.message).toContain('"first" with subresource "scale" using autoscaling/v1');
  const forced = await patch(APPLY, 4, { fieldManager: "second", force: "true" });
  expect(forced.body.spec?.replicas).toBe(4);
});

it("wants to know who applies, and how many", async () => {
  expect((await patch(APPLY, 4)).body.message).toContain("fieldManager: Required value");
  const negative = await patch(APPLY, -1, { fieldManager: "x", force: "true" });
  expect(negative.body.message).toContain("must be greater than or equal to 0");
});
