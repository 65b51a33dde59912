import { MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same } from "../check.js";
import { define } from "../definitions.js";
import { AGEING, maps } from "../labelled-maps.js";
import { configMap } from "../samples.js";
import { succeeded } from "../tools.js";

const STREAMING = "reference/using-api/api-concepts: Streaming lists";

const E2E = "a conformance test of Kubernetes: ";

const OWN = "observed on a kube-apiserver 1.35: list-watch";

const watching: readonly Check[] = [
  check(
    "a watch goes on after a version, each change once",
    `${E2E}Watchers should be able to start watching from a specific resource version`,
    async (trial) => {
      const { api, path, name } = trial;
      const at = `${path("configmaps")}/${name}`;
      await api.post(path("configmaps"), configMap(name));
      const { metadata } = answers(await api.patch(at, MERGE_PATCH, { data: { a: "2" } }));
      await api.patch(at, MERGE_PATCH, { data: { a: "3" } });
      await api.delete(at);
      const watch = await api.watch(
        `${path("configmaps")}?watch=true&fieldSelector=metadata.name%3D${name}&resourceVersion=${metadata.resourceVersion}`,
      );
      trial.after(() => watch.close());
      const events = await watch.take(2);
      same(
        events.map(({ type, object }) => [type, object.data.a]),
        [
          ["MODIFIED", "3"],
          ["DELETED", "3"],
        ],
        "events",
      );
    },
  ),
  check(
    "a watch can be taken up where another ended",
    `${E2E}Watchers should be able to restart watching from the last resource version observed by the previous watch`,
    async (trial) => {
      const { api, path, name } = trial;
      const at = `${path("configmaps")}/${name}`;
      const open = (version: string) =>
        api.watch(
          `${path("configmaps")}?watch=true&fieldSelector=metadata.name%3D${name}&resourceVersion=${version}`,
        );
      const { metadata } = answers(await api.get(path("configmaps")));
      const first = await open(metadata.resourceVersion);
      await api.post(path("configmaps"), configMap(name));
      const [added] = await first.take(1);
      first.close();
      await api.patch(at, MERGE_PATCH, { data: { a: "2" } });
      const second = await open(added?.object.metadata.resourceVersion);
      trial.after(() => second.close());
      await api.delete(at);
      same(
        (await second.take(2)).map(({ type }) => type),
        ["MODIFIED", "DELETED"],
        "events",
      );
    },
  ),
  check(
    "watches by label see what is theirs",
    `${E2E}Watchers should observe add, update, and delete watch notifications on configmaps`,
    async (trial) => {
      const { api, path, name } = trial;
      const open = async (selector: string) => {
        const watch = await api.watch(
          `${path("configmaps")}?watch=true&labelSelector=${encodeURIComponent(selector)}`,
        );
        trial.after(() => watch.close());
        return watch;
      };
      const [a, b, both] = [
        await open(`w=${name}a`),
        await open(`w=${name}b`),
        await open(`w in (${name}a,${name}b)`),
      ];
      for (const each of ["a", "b"]) {
        await api.post(
          path("configmaps"),
          configMap(`${name}${each}`, {}, { labels: { w: `${name}${each}` } }),
        );
        await api.patch(`${path("configmaps")}/${name}${each}`, MERGE_PATCH, { data: { x: "1" } });
        await api.delete(`${path("configmaps")}/${name}${each}`);
      }
      for (const [watch, count] of [
        [a, 3],
        [b, 3],
        [both, 6],
      ] as const)
        same(
          (await watch.take(count)).map(({ type }) => type),
          Array.from({ length: count / 3 }, () => ["ADDED", "MODIFIED", "DELETED"]).flat(),
          "events",
        );
    },
  ),
  check(
    "an object that stops matching is DELETED, and ADDED when it matches again",
    `${E2E}Watchers should observe an object deletion if it stops meeting the requirements of the selector`,
    async (trial) => {
      const { api, path, name } = trial;
      const at = `${path("configmaps")}/${name}`;
      const watch = await api.watch(`${path("configmaps")}?watch=true&labelSelector=w%3D${name}`);
      trial.after(() => watch.close());
      await api.post(path("configmaps"), configMap(name, { a: "1" }, { labels: { w: name } }));
      const moved = answers(
        await api.patch(at, MERGE_PATCH, { metadata: { labels: { w: "no" } }, data: { a: "2" } }),
      );
      await api.patch(at, MERGE_PATCH, { data: { a: "3" } });
      await api.patch(at, MERGE_PATCH, { metadata: { labels: { w: name } } });
      const events = await watch.take(3);
      same(
        events.map(({ type, object }) => [type, object.data.a]),
        [
          ["ADDED", "1"],
          ["DELETED", "1"],
          ["ADDED", "3"],
        ],
        "events",
      );
      same(
        events[1]?.object.metadata.resourceVersion,
        moved.metadata.resourceVersion,
        "the version of the departure",
      );
    },
  ),
  check(
    "concurrent watches see the same events in the same order",
    `${E2E}Watchers should receive events on concurrent watches in same order`,
    async (trial) => {
      const { api, path, name } = trial;
      const { metadata } = answers(await api.get(path("configmaps")));
      const open = async () => {
        const watch = await api.watch(
          `${path("configmaps")}?watch=true&labelSelector=w%3D${name}&resourceVersion=${metadata.resourceVersion}`,
        );
        trial.after(() => watch.close());
        return watch;
      };
      const watches = [await open(), await open()];
      await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          api.post(path("configmaps"), configMap(`${name}${index}`, {}, { labels: { w: name } })),
        ),
      );
      watches.push(await open());
      const orders = await Promise.all(
        watches.map(async (watch) =>
          (await watch.take(12)).map(({ object }) => object.metadata.resourceVersion),
        ),
      );
      for (const order of orders) same(order, orders[0], "the order");
      same(
        orders[0],
        [...(orders[0] ?? [])].sort((x, y) => Number(x) - Number(y)),
        "the versions",
      );
    },
  ),
  check("without a version a watch begins with what is there", OWN, async (trial) => {
    const at = await maps(trial, 2);
    const watch = await trial.api.watch(`${at}&watch=1`);
    trial.after(() => watch.close());
    same(
      (await watch.take(2)).map(({ type }) => type),
      ["ADDED", "ADDED"],
      "events",
    );
  }),
  check("a deletion shows the last state, with a version of its own", OWN, async (trial) => {
    const { api, path, name } = trial;
    const { metadata } = answers(await api.post(path("configmaps"), configMap(name)), 201);
    const watch = await api.watch(
      `${path("configmaps")}?watch=true&fieldSelector=metadata.name%3D${name}&resourceVersion=${metadata.resourceVersion}`,
    );
    trial.after(() => watch.close());
    await api.delete(`${path("configmaps")}/${name}`);
    const [event] = await watch.take(1);
    like(event, { type: "DELETED", object: { kind: "ConfigMap", data: { a: "1" } } });
    holds(
      BigInt(event?.object.metadata.resourceVersion) > BigInt(metadata.resourceVersion),
      "the version is later",
    );
  }),
  check("a watch of a version that is gone says 410 in the stream", OWN, async (trial) => {
    await eventually(async () => {
      const answer = await trial.api.get(
        `${trial.path("configmaps")}?resourceVersion=1&resourceVersionMatch=Exact`,
      );
      same(answer.code, 410, "the code of a list");
    }, AGEING);
    const watch = await trial.api.watch(`${trial.path("configmaps")}?watch=true&resourceVersion=1`);
    trial.after(() => watch.close());
    same(watch.code, 200, "the code");
    const event = await watch.find(({ type }) => type === "ERROR");
    like(event.object, {
      kind: "Status",
      code: 410,
      reason: "Expired",
      message: /too old resource version|too old/,
    });
    await watch.end();
  }),
  check("timeoutSeconds ends a watch without an error", OWN, async (trial) => {
    const watch = await trial.api.watch(
      `${trial.path("configmaps")}?watch=true&timeoutSeconds=1&labelSelector=none%3Dsuch`,
    );
    await watch.end(6_000);
    same(watch.events.length, 0, "the number of events");
  }),
  check("a watch answers at once, also where nothing happens", OWN, async (trial) => {
    const watch = await trial.api.watch(`/api/v1/namespaces/none-such/configmaps?watch=true`);
    trial.after(() => watch.close());
    same([watch.code, watch.headers["transfer-encoding"]], [200, "chunked"], "the answer");
  }),
  check("a streaming list ends with a marked bookmark", STREAMING, async (trial) => {
    const at = await maps(trial, 2);
    const watch = await trial.api.watch(
      `${at}&watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
    );
    trial.after(() => watch.close());
    const mark = await watch.find(({ type }) => type === "BOOKMARK");
    like(mark.object, {
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { annotations: { "k8s.io/initial-events-end": "true" }, resourceVersion: /^\d+$/ },
    });
    same(
      watch.events.slice(0, 3).map(({ type }) => type),
      ["ADDED", "ADDED", "BOOKMARK"],
      "events",
    );
    await trial.api.post(
      trial.path("configmaps"),
      configMap(`${trial.name}-new`, {}, { labels: { of: trial.name } }),
    );
    same((await watch.take(3)).at(-1)?.object.metadata.name, `${trial.name}-new`, "what comes after");
  }),
  check("sendInitialEvents=false begins with nothing", OWN, async (trial) => {
    const at = await maps(trial, 1);
    const watch = await trial.api.watch(
      `${at}&watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&timeoutSeconds=1`,
    );
    await watch.end(6_000);
    same(watch.events.length, 0, "the number of events");
  }),
  check("combinations of a watch's parameters that make no sense are refused", OWN, async ({ api, path }) => {
    const rows = [
      [
        "sendInitialEvents=true",
        "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
      ],
      [
        "resourceVersionMatch=NotOlderThan&resourceVersion=1",
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
      ],
      [
        "sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1",
        "resourceVersionMatch: Unsupported value",
      ],
    ] as const;
    for (const [query, message] of rows)
      refuses(await api.get(`${path("configmaps")}?watch=true&${query}`), 422, message);
  }),
  check(
    "the older address of watches still works",
    "observed on a kube-apiserver 1.35: requests",
    async (trial) => {
      const { api, path, name } = trial;
      await api.post(path("configmaps"), configMap(name));
      for (const at of [
        path("configmaps").replace("/v1/", "/v1/watch/"),
        `${path("configmaps").replace("/v1/", "/v1/watch/")}/${name}`,
      ]) {
        const watch = await api.watch(at);
        trial.after(() => watch.close());
        await watch.find(({ type, object }) => type === "ADDED" && object.metadata.name === name);
      }
    },
  ),
  check("watch=true of one object is a GET", OWN, async ({ api, path, name }) => {
    await api.post(path("configmaps"), configMap(name));
    like(answers(await api.get(`${path("configmaps")}/${name}?watch=true`)), { kind: "ConfigMap" });
  }),
  check("bookmarks come before a watch ends", OWN, async (trial) => {
    const watch = await trial.api.watch(
      `${trial.path("configmaps")}?watch=true&allowWatchBookmarks=true&timeoutSeconds=4&labelSelector=none%3Dsuch`,
    );
    const { object } = await watch.find(({ type }) => type === "BOOKMARK", 8_000);
    like(object, { kind: "ConfigMap", metadata: { resourceVersion: /^\d+$/ } });
    await watch.end(10_000);
  }),
  check(
    "watches of definitions by name",
    `${E2E}CustomResourceDefinition Watch watch on custom resource definition objects`,
    async (trial) => {
      const { collection, object } = await define(trial);
      const open = async (each: string) => {
        const watch = await trial.api.watch(
          `${collection()}?watch=true&fieldSelector=metadata.name%3D${trial.name}${each}`,
        );
        trial.after(() => watch.close());
        return watch;
      };
      const watches = [await open("a"), await open("b")];
      for (const each of ["a", "b"]) {
        await trial.api.post(collection(), object(`${trial.name}${each}`, { n: 1 }));
        await trial.api.patch(`${collection()}/${trial.name}${each}`, MERGE_PATCH, { n: 5 });
        await trial.api.delete(`${collection()}/${trial.name}${each}`);
      }
      for (const watch of watches)
        same(
          (await watch.take(3)).map(({ type }) => type),
          ["ADDED", "MODIFIED", "DELETED"],
          "events",
        );
    },
  ),
  check("kubectl get -w prints changes", "reference/kubectl/generated/kubectl_get", async (trial) => {
    const { api, path, name, ns, tools } = trial;
    await api.post(path("configmaps"), configMap(name));
    const watching = tools.kubectl([
      "get",
      "cm",
      name,
      "-n",
      ns,
      "-w",
      "-o",
      "jsonpath={.data.a} ",
      "--request-timeout=4s",
    ]);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await api.patch(`${path("configmaps")}/${name}`, MERGE_PATCH, { data: { a: "2" } });
    same((await watching).stdout.trim(), "1 2", "what is printed");
  }),
  check(
    "kubectl wait --for=create, jsonpath and delete",
    "reference/kubectl/generated/kubectl_wait",
    async (trial) => {
      const { api, path, name, ns, tools } = trial;
      const wait = (...args: string[]) =>
        tools.kubectl(["wait", `configmap/${name}`, "-n", ns, "--timeout=20s", ...args]);
      const created = wait("--for=create");
      await api.post(path("configmaps"), configMap(name));
      succeeded(await created);
      const changed = wait("--for=jsonpath={.data.a}=2");
      await api.patch(`${path("configmaps")}/${name}`, MERGE_PATCH, { data: { a: "2" } });
      succeeded(await changed);
      const gone = wait("--for=delete");
      await api.delete(`${path("configmaps")}/${name}`);
      succeeded(await gone);
    },
  ),
];

export const watches: readonly Check[] = [...watching];
