import { afterEach, beforeEach, expect, it } from "vitest";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

let plane: TestControlPlane;
beforeEach(async () => {
  plane = await testControlPlane();
});
afterEach(() => plane.close());

it.each(["application/merge-patch+json", "application/strategic-merge-patch+json"])(
  "a patch (%s) of stringData changes data that it does not name",
  async (contentType) => {
    const api = plane.transport();
    const path = "/api/v1/namespaces/default/secrets";
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      data: { a: "eA==", c: "eQ==" },
    };
    await api.request({ method: "POST", path, body: secret });
    const body = { stringData: { a: "new", b: "more" } };
    const patched = await api.request({ method: "PATCH", path: `${path}/s`, contentType, body });
    expect(patched.body).toMatchObject({ data: { a: "bmV3", b: "bW9yZQ==", c: "eQ==" } });
    expect(patched.body).not.toHaveProperty("stringData");
  },
);

it("warns of what a refused request was warned of before", async () => {
  const body = { apiVersion: "v1", kind: "Secret", metadata: { name: "A_" }, bogus: 1 };
  const path = "/api/v1/namespaces/default/secrets";
  const refused = await plane.transport().request({ method: "POST", path, body });
  expect(refused.status).toBe(422);
  expect(refused.warnings).toEqual(['unknown field "bogus"']);
});
