import type { KubeObject } from "@capstan/kube";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, openControlPlane } from "../../control-plane.js";
import { MemoryStore } from "../../store/memory-store.js";
import { StoreError } from "../../store/store.js";
import { systemClock, systemRandom } from "../../testing/system-runtime.js";
import { storeCheck } from "./component-statuses.js";

const AT = "/api/v1/componentstatuses";

let plane: ControlPlane;

beforeAll(async () => {
  plane = await openControlPlane({ port: 0, clock: systemClock, random: systemRandom });
});
afterAll(() => plane.close());

async function get(path: string, query: Record<string, string> = {}, headers = {}) {
  const answer = await plane.transport().request({ method: "GET", path, query, headers });
  return { ...answer, body: answer.body as KubeObject & Record<string, unknown> };
}

async function healths(query: Record<string, string> = {}): Promise<Record<string, string>> {
  const { body } = await get(AT, query);
  const items = body["items"] as (KubeObject & { conditions: { status: string; message: string }[] })[];
  return Object.fromEntries(
    items.map(({ metadata, conditions: [healthy] }) => [
      metadata.name,
      `${healthy?.status}: ${healthy?.message}`,
    ]),
  );
}

describe("componentstatuses", () => {
  test("tell of the store, the controllers, and that nothing runs workloads until somebody does", async () => {
    expect(await healths()).toEqual({
      "controller-manager": "True: ok",
      scheduler: "False: nothing places or runs pods here",
      "etcd-0": "True: ok",
    });
    plane.setWorkloadCheck(() => "not started");
    expect(await healths()).toMatchObject({
      "controller-manager": "False: not started",
      scheduler: "False: not started",
      "etcd-0": "True: ok",
    });
    plane.setWorkloadCheck(() => undefined);
    expect(Object.values(await healths())).toEqual(["True: ok", "True: ok", "True: ok"]);
  });

  test("one is read by name, with a warning and without a version", async () => {
    const { status, body, warnings } = await get(`${AT}/etcd-0`);
    expect([status, warnings]).toEqual([200, ["v1 ComponentStatus is deprecated in v1.19+"]]);
    expect(body).toEqual({
      kind: "ComponentStatus",
      apiVersion: "v1",
      metadata: { name: "etcd-0" },
      conditions: [{ type: "Healthy", status: "True", message: "ok" }],
    });
    expect((await get(AT)).body.metadata).toEqual({});
  });

  test("an unknown one is not found, by its kind", async () => {
    const { status, body } = await get(`${AT}/none`);
    expect(status).toBe(404);
    expect(body).toMatchObject({
      message: 'componentstatus "none" not found',
      details: { kind: "componentstatus", name: "none" },
    });
  });

  test("are selected by name, and by labels that none has", async () => {
    expect(Object.keys(await healths({ fieldSelector: "metadata.name=etcd-0" }))).toEqual(["etcd-0"]);
    expect(await healths({ labelSelector: "a=b" })).toEqual({});
    expect((await get(AT, { fieldSelector: "a=b" })).status).toBe(400);
  });

  test("are all in one page", async () => {
    expect(Object.keys(await healths({ limit: "1" }))).toHaveLength(3);
  });

  test("are a table of what clients print", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    const { body } = await get(`${AT}/etcd-0`, {}, { accept });
    expect(body["rows"]).toMatchObject([{ cells: ["etcd-0", "Healthy", "ok", ""] }]);
  });

  test("are neither watched nor written", async () => {
    const watched = await get(AT, { watch: "true" });
    expect([watched.status, (watched.body as unknown as Error).message]).toEqual([
      405,
      'watch is not supported on resources of kind "componentstatuses"',
    ]);
    expect((await get("/api/v1/watch/componentstatuses")).status).toBe(404);
    for (const method of ["POST", "DELETE"] as const) {
      const body = method === "POST" ? { metadata: { name: "a" } } : undefined;
      expect((await plane.transport().request({ method, path: AT, body })).status).toBe(405);
    }
  });
});

test("a store that cannot be read says why", () => {
  const store = new MemoryStore();
  expect(storeCheck(store)()).toBeUndefined();
  store.range = () => {
    throw new StoreError("closed", "the store is closed");
  };
  expect(storeCheck(store)()).toBe("the store is closed");
});
