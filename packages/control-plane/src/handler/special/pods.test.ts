import type { ApiRequest, Status } from "@capstan/kube";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type TestControlPlane, testControlPlane } from "../../testing/test-control-plane.js";

const POD = "/api/v1/namespaces/default/pods/p";

let plane: TestControlPlane;
beforeEach(async () => {
  plane = await testControlPlane();
  const spec = { containers: [{ name: "main", image: "app:1" }], automountServiceAccountToken: false };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec };
  const path = "/api/v1/namespaces/default/pods";
  await plane.transport().request({ method: "POST", path, body: pod });
});
afterEach(() => plane.close());

async function call(method: ApiRequest["method"], path: string, rest: Partial<ApiRequest> = {}) {
  const { status, body } = await plane.transport().request({ method, path, ...rest });
  return { status, message: (body as Status).message, body };
}

const patched = (path: string, spec: object) =>
  call("PATCH", path, { contentType: "application/strategic-merge-patch+json", body: { spec } });

it("answers the log of a pod on no node with nothing", async () => {
  expect((await call("GET", `${POD}/log`)).status).toBe(204);
});

it.each([
  [{ tailLines: "x" }, 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  [{ sinceTime: "2020" }, 400, 'cannot parse "" as "-"'],
  [{ sinceTime: "2020-01-01T00:00:00Zx" }, 400, 'extra text: "x"'],
  [{ limitBytes: "0" }, 422, "limitBytes: Invalid value: 0: must be greater than 0"],
  [{ stream: "Stderr" }, 422, "stream: Forbidden: may not be specified"],
])("refuses parameters of a log that make no sense: %o", async (query, status, message) => {
  const answer = await call("GET", `${POD}/log`, { query });
  expect(answer.status).toBe(status);
  expect(answer.message).toContain(message);
});

it("puts ephemeral containers into a pod through their subresource alone, and leaves them as they are", async () => {
  const debug = { ephemeralContainers: [{ name: "debug", image: "busybox" }] };
  expect((await patched(POD, debug)).status).toBe(422);
  expect((await patched(`${POD}/ephemeralcontainers`, debug)).status).toBe(200);
  const changed = { ephemeralContainers: [{ name: "debug", image: "other" }] };
  expect((await patched(`${POD}/ephemeralcontainers`, changed)).message).toContain(
    'existing ephemeral containers "debug" may not be changed',
  );
  const twice = { ephemeralContainers: [{ name: "main", image: "b", targetContainerName: "none" }] };
  const answer = await patched(`${POD}/ephemeralcontainers`, twice);
  expect(answer.message).toContain('name: Duplicate value: "main"');
  expect(answer.message).toContain('targetContainerName: Not found: "none"');
});

it("evicts the pod that the eviction names", async () => {
  const eviction = (name: string) => ({ apiVersion: "policy/v1", kind: "Eviction", metadata: { name } });
  const other = await call("POST", `${POD}/eviction`, { body: eviction("other") });
  expect(other.message).toBe("name in URL does not match name in Eviction object");
  expect((await call("POST", `${POD}/eviction`, { body: eviction("p") })).status).toBe(201);
  expect((await call("GET", POD)).status).toBe(404);
});
