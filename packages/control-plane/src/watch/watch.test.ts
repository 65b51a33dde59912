import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject, Transport, WatchEvent } from "@capstan/kube";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { openControlPlane } from "../control-plane.js";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";

let plane: TestControlPlane | undefined;
afterEach(async () => {
  await plane?.close();
  plane = undefined;
});

const PATH = "/api/v1/namespaces/default/configmaps";
const MERGE = "application/merge-patch+json";

async function version(api: Transport): Promise<string> {
  const { body } = await api.request({ method: "GET", path: PATH });
  return (body as KubeObject).metadata.resourceVersion ?? "";
}

/** Applies events to a set of objects the way a client's cache does. */
function follow(state: Map<string, string>, event: WatchEvent<KubeObject>): void {
  if (event.type === "ERROR" || event.type === "BOOKMARK") return;
  const { name, resourceVersion = "" } = event.object.metadata;
  if (event.type === "DELETED") state.delete(name);
  else state.set(name, resourceVersion);
}

async function collect(
  api: Transport,
  query: Record<string, string>,
  until: (events: readonly WatchEvent[]) => boolean,
): Promise<WatchEvent<KubeObject>[]> {
  const abort = new AbortController();
  const events: WatchEvent<KubeObject>[] = [];
  for await (const event of await api.watch({ method: "GET", path: PATH, query, signal: abort.signal })) {
    events.push(event as WatchEvent<KubeObject>);
    if (until(events)) break;
  }
  return events;
}

const step = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  kind: fc.constantFrom("put", "put", "label", "delete"),
  watchHere: fc.boolean(),
});

async function act(
  api: Transport,
  { name, kind }: { name: string; kind: string },
  count: number,
): Promise<void> {
  const path = `${PATH}/${name}`;
  if (kind === "delete") await api.request({ method: "DELETE", path });
  else {
    const labels = { picked: kind === "label" ? null : "yes" };
    const body = { metadata: { labels }, data: { count: String(count) } };
    const patched = await api.request({ method: "PATCH", path, contentType: MERGE, body });
    if (patched.status === 404) {
      await api.request({
        method: "POST",
        path: PATH,
        body: { metadata: { name, labels: { picked: "yes" } } },
      });
    }
  }
}

describe.each(["memory", "disk"])("watches over a store in %s", (where) => {
  test("wherever it starts, a watch sees every change once, in order, and ends equal to a list", async () => {
    const directory = mkdtempSync(join(tmpdir(), "capstan-watch-"));
    const random = { float: () => Math.random(), bytes: (length: number) => randomBytes(length) };
    const clock = {
      now: () => Date.now(),
      after: (ms: number, callback: () => void) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    };
    const opened =
      where === "memory"
        ? await testControlPlane()
        : await openControlPlane({ dataDir: directory, port: 0, clock, random });
    try {
      const api = opened.transport();
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
          for (const name of ["a", "b", "c"])
            await api.request({ method: "DELETE", path: `${PATH}/${name}` });
          const watches: { from: Map<string, string>; events: Promise<WatchEvent<KubeObject>[]> }[] = [];
          const ended = (events: readonly WatchEvent[]) =>
            events.some((event) => (event.object as KubeObject).metadata.name === "end");
          const begin = async (selector: string) => {
            const query = selector === "" ? {} : { labelSelector: selector };
            const { body } = await api.request({ method: "GET", path: PATH, query });
            const list = body as { metadata: { resourceVersion: string }; items: KubeObject[] };
            const from = new Map(
              list.items.map(({ metadata }) => [metadata.name, metadata.resourceVersion ?? ""]),
            );
            const { resourceVersion } = list.metadata;
            watches.push({ from, events: collect(api, { ...query, resourceVersion }, ended) });
          };
          await begin("");
          await begin("picked=yes");
          for (const [index, action] of steps.entries()) {
            await act(api, action, index);
            if (action.watchHere) await begin(index % 2 === 0 ? "" : "picked=yes");
          }
          const labels = { picked: "yes" };
          await api.request({ method: "POST", path: PATH, body: { metadata: { name: "end", labels } } });
          for (const { from, events } of watches) {
            const seen = await events;
            const versions = seen.map((event) =>
              Number((event.object as KubeObject).metadata.resourceVersion),
            );
            expect(versions).toEqual([...new Set(versions)].sort((x, y) => x - y));
            for (const event of seen) follow(from, event);
          }
          const { body } = await api.request({ method: "GET", path: PATH });
          const items = (body as { items: KubeObject[] }).items;
          const all = new Map(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
          const picked = new Map(
            items
              .filter(({ metadata }) => metadata.labels?.["picked"])
              .map(({ metadata }) => [metadata.name, metadata.resourceVersion]),
          );
          expect(watches[0]?.from).toEqual(all);
          expect(watches[1]?.from).toEqual(picked);
          await api.request({ method: "DELETE", path: `${PATH}/end` });
        }),
        { numRuns: 15 },
      );
    } finally {
      await opened.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

test("a watch-list sends the state, the mark, then changes", async () => {
  plane = await testControlPlane();
  const api = plane.transport();
  const query = {
    sendInitialEvents: "true",
    resourceVersionMatch: "NotOlderThan",
    allowWatchBookmarks: "true",
  };
  const events = collect(api, query, (seen) => seen.length === 3);
  await new Promise((resume) => setImmediate(resume));
  await api.request({ method: "POST", path: PATH, body: { metadata: { name: "later" } } });
  const [state, mark, later] = await events;
  expect(state).toMatchObject({ type: "ADDED", object: { metadata: { name: "kube-root-ca.crt" } } });
  const annotations = { "k8s.io/initial-events-end": "true" };
  expect(mark).toMatchObject({ type: "BOOKMARK", object: { metadata: { annotations } } });
  expect(later).toMatchObject({ type: "ADDED", object: { metadata: { name: "later" } } });
});

test("two watchers are handed the same object, and it is the one that reads return", async () => {
  plane = await testControlPlane();
  const api = plane.transport();
  const query = { resourceVersion: await version(api) };
  const one = collect(api, query, (seen) => seen.length === 1);
  const two = collect(api, query, (seen) => seen.length === 1);
  await api.request({ method: "POST", path: PATH, body: { metadata: { name: "shared" } } });
  const [first] = await one;
  const [second] = await two;
  const read = await api.request({ method: "GET", path: `${PATH}/shared` });
  expect(first?.object).toBe(second?.object);
  expect(read.body).toBe(first?.object);
});

test("a watch from a version ahead of the server ends in an error when it does not come", async () => {
  // Every wait is over as soon as it begins.
  const after = (_ms: number, callback: () => void) => {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  };
  let instant = false;
  const clock = {
    now: () => Date.now(),
    after: (ms: number, callback: () => void) =>
      instant && ms === 3_000 ? after(ms, callback) : () => undefined,
  };
  plane = await testControlPlane({ clock });
  instant = true;
  const api = plane.transport();
  const query = {
    resourceVersion: "999999",
    sendInitialEvents: "true",
    resourceVersionMatch: "NotOlderThan",
  };
  const [error] = await collect(api, query, () => true);
  expect(error).toMatchObject({ type: "ERROR", object: { code: 504, reason: "Timeout" } });
});
