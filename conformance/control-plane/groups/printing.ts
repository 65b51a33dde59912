import type { Json } from "../api.js";
import { TABLE } from "../api.js";
import { answers, type Check, check, eventually, holds, like, same } from "../check.js";
import { define } from "../definitions.js";
import { configMap, deployment, pod, service } from "../samples.js";
import { succeeded } from "../tools.js";

const COLUMN =
  "tasks/extend-kubernetes/custom-resources/custom-resource-definitions: Additional printer columns";

const custom: readonly Check[] = [
  check("a definition without columns shows name and age", COLUMN, async (trial) => {
    const { collection } = await define(trial);
    const { columnDefinitions } = answers(await trial.api.get(collection(), { headers: { accept: TABLE } }));
    same(
      columnDefinitions.map(({ name, type }: Json) => [name, type]),
      [
        ["Name", "string"],
        ["Age", "date"],
      ],
      "columns",
    );
  }),
  check("columns of a definition are computed by JSONPath, with types", COLUMN, async (trial) => {
    const additionalPrinterColumns = [
      { name: "Replicas", type: "integer", jsonPath: ".spec.replicas" },
      {
        name: "Ready",
        type: "string",
        jsonPath: '.status.conditions[?(@.type=="Ready")].status',
        description: "whether it is",
      },
      { name: "First", type: "string", jsonPath: ".spec.list[0]" },
      { name: "Wrong", type: "integer", jsonPath: ".spec.text" },
      { name: "Since", type: "date", jsonPath: ".spec.since" },
      { name: "Wide", type: "boolean", jsonPath: ".spec.yes", priority: 1 },
      { name: "Missing", type: "string", jsonPath: ".spec.none" },
    ];
    const { collection, object } = await define(trial, { version: { additionalPrinterColumns } });
    const spec = {
      replicas: 3,
      list: ["one", "two"],
      text: "t",
      yes: true,
      since: new Date(Date.now() - 3_600_000 * 5).toISOString(),
    };
    answers(
      await trial.api.post(
        collection(),
        object(trial.name, {
          spec,
          status: {
            conditions: [
              { type: "Other", status: "False" },
              { type: "Ready", status: "True" },
            ],
          },
        }),
      ),
      201,
    );
    const {
      columnDefinitions,
      rows: [row],
    } = answers(await trial.api.get(collection(), { headers: { accept: TABLE } }));
    same(
      columnDefinitions.map(({ name }: Json) => name),
      ["Name", "Replicas", "Ready", "First", "Wrong", "Since", "Wide", "Missing"],
      "columns",
    );
    same(row.cells, [trial.name, 3, "True", "one", null, "5h", true, null], "cells");
    like(columnDefinitions[2], { description: "whether it is", priority: 0 });
    like(columnDefinitions[6], { priority: 1, type: "boolean" });
  }),
  check("kubectl get prints columns of a definition in capitals", COLUMN, async (trial) => {
    const additionalPrinterColumns = [{ name: "Colour", type: "string", jsonPath: ".spec.colour" }];
    const { collection, object, plural, group } = await define(trial, {
      version: { additionalPrinterColumns },
    });
    await trial.api.post(collection(), object(trial.name, { spec: { colour: "blue" } }));
    await eventually(async () => {
      const text = succeeded(await trial.tools.kubectl(["get", `${plural}.${group}`, "-n", trial.ns]));
      holds(/^NAME\s+COLOUR\n\S+\s+blue\n$/.test(text), `the table is printed: ${text}`);
    });
  }),
];

const printed: readonly Check[] = [
  check(
    "kubectl get prints a deployment",
    "reference/kubectl/quick-reference: Viewing and finding resources",
    async ({ api, path, name, ns, tools }) => {
      await api.post(path("deployments", "apps/v1"), deployment(name, { replicas: 0 }));
      const [heading, row] = succeeded(await tools.kubectl(["get", "deploy", name, "-n", ns, "-o", "wide"]))
        .trim()
        .split("\n");
      same(
        heading?.split(/\s{2,}/),
        ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"],
        "the heading",
      );
      holds(
        new RegExp(`^${name}\\s+0/0\\s+0\\s+0\\s+\\S+\\s+main\\s+app:1\\s+app=${name}$`).test(row ?? ""),
        `the row: ${row}`,
      );
    },
  ),
  check(
    "kubectl get of a service prints ports with node ports",
    "reference/kubectl/quick-reference: Viewing and finding resources",
    async ({ api, path, name, ns, tools }) => {
      await api.post(
        path("services"),
        service(name, {
          type: "NodePort",
          ports: [
            { name: "a", port: 80 },
            { name: "b", port: 53, protocol: "UDP" },
          ],
        }),
      );
      const text = succeeded(await tools.kubectl(["get", "svc", name, "-n", ns]));
      holds(/NodePort\s+10\.\S+\s+<none>\s+80:3\d{4}\/TCP,53:3\d{4}\/UDP/.test(text), text);
    },
  ),
  check(
    "kubectl get -o name, json, yaml, jsonpath, custom-columns, go-template",
    "reference/kubectl: Output options",
    async ({ api, path, name, ns, tools }) => {
      await api.post(path("configmaps"), configMap(name, { a: "x" }));
      const get = async (output: string) =>
        succeeded(await tools.kubectl(["get", "cm", name, "-n", ns, "-o", output]));
      same(await get("name"), `configmap/${name}\n`, "name");
      like(JSON.parse(await get("json")), { apiVersion: "v1", kind: "ConfigMap", data: { a: "x" } });
      holds((await get("yaml")).startsWith("apiVersion: v1\ndata:\n  a: x\nkind: ConfigMap\n"), "yaml");
      same(await get("jsonpath={.data.a}"), "x", "jsonpath");
      holds(
        /^N\s+D\n\S+\s+x\n$/.test(await get("custom-columns=N:.metadata.name,D:.data.a")),
        "custom columns",
      );
      same(await get("go-template={{.data.a}}"), "x", "go-template");
    },
  ),
  check(
    "kubectl get --sort-by, --show-labels, -L, -l, --field-selector",
    "reference/kubectl/generated/kubectl_get",
    async ({ api, path, name, ns, tools }) => {
      for (const [each, tier] of [
        ["a", "2"],
        ["b", "1"],
      ] as const)
        await api.post(path("configmaps"), configMap(`${name}${each}`, {}, { labels: { of: name, tier } }));
      const get = async (...args: string[]) =>
        succeeded(await tools.kubectl(["get", "cm", "-n", ns, "-l", `of=${name}`, ...args]));
      same(
        (await get("--sort-by=.metadata.labels.tier", "-o", "name")).trim(),
        `configmap/${name}b\nconfigmap/${name}a`,
        "sorted",
      );
      holds(/LABELS\n.*of=.*tier=2/.test(await get("--show-labels")), "labels shown");
      holds(/TIER\n.*\s2\n/.test(await get("-L", "tier")), "a label as a column");
      same(
        (await get(`--field-selector=metadata.name=${name}b`, "-o", "name")).trim(),
        `configmap/${name}b`,
        "by field",
      );
    },
  ),
  check(
    "kubectl describe shows an object and its events",
    "reference/kubectl/generated/kubectl_describe",
    async ({ api, path, name, ns, tools }) => {
      const { metadata } = answers(await api.post(path("pods"), pod(name, { schedulerName: "nobody" })), 201);
      const involvedObject = { kind: "Pod", name, namespace: ns, uid: metadata.uid, apiVersion: "v1" };
      answers(
        await api.post(path("events"), {
          metadata: { name },
          involvedObject,
          reason: "Looked",
          message: "at it",
          type: "Normal",
          firstTimestamp: metadata.creationTimestamp,
          lastTimestamp: metadata.creationTimestamp,
          count: 1,
          source: { component: "checks" },
        }),
        201,
      );
      const text = succeeded(await tools.kubectl(["describe", "pod", name, "-n", ns]));
      for (const part of [
        /^Name: +/m,
        /QoS Class: +BestEffort/,
        /node.kubernetes.io\/not-ready:NoExecute op=Exists for 300s/,
        /Normal +Looked +\S+ +checks +at it/,
      ])
        holds(part.test(text), `it shows ${part}: ${text}`);
    },
  ),
  check(
    "kubectl events prints events of an object",
    "reference/kubectl/generated/kubectl_events",
    async ({ api, path, name, ns, tools }) => {
      const { metadata } = answers(await api.post(path("configmaps"), configMap(name)), 201);
      const involvedObject = { kind: "ConfigMap", name, namespace: ns, uid: metadata.uid, apiVersion: "v1" };
      await api.post(path("events"), {
        metadata: { name },
        involvedObject,
        reason: "Seen",
        message: "hello",
        type: "Warning",
        lastTimestamp: metadata.creationTimestamp,
        count: 2,
      });
      holds(
        /Warning\s+Seen\s+ConfigMap\/\S+\s+hello/.test(
          succeeded(await tools.kubectl(["events", "--for", `configmap/${name}`, "-n", ns])),
        ),
        "the event is printed",
      );
    },
  ),
];

export const printing: readonly Check[] = [...custom, ...printed];
