import type { KubeObject } from "@capstan/kube";
import fc from "fast-check";
import { expect, test } from "vitest";
import { builtInKinds } from "../kinds/built-in-kinds.js";
import { customColumns } from "./custom-columns.js";
import { humanDuration } from "./human-duration.js";
import { JsonPathError, parseJsonPath } from "./jsonpath.js";

const NOW = Date.parse("2026-01-01T00:10:00Z");
const metadata = { name: "a", creationTimestamp: "2026-01-01T00:00:00Z" };

function row(kind: string, object: Record<string, unknown>): readonly unknown[] {
  const served = builtInKinds().find((candidate) => candidate.kind === kind);
  return (served?.columns ?? []).map((column) =>
    column.cell({ metadata, ...object } as unknown as KubeObject, NOW),
  );
}

test.each([
  [-3000, "<invalid>"],
  [-1500, "0s"],
  [119_000, "119s"],
  [120_000, "2m"],
  [190_000, "3m10s"],
  [179 * 60_000, "179m"],
  [3 * 3600_000 + 60_000, "3h1m"],
  [47 * 3600_000, "47h"],
  [50 * 3600_000, "2d2h"],
  [8 * 86400_000, "8d"],
  [800 * 86400_000, "2y70d"],
  [9 * 365 * 86400_000, "9y"],
])("%d ms are shown as %s", (ms, text) => expect(humanDuration(ms)).toBe(text));

test("a pod shows why it does not run", () => {
  const spec = { containers: [{}, {}], initContainers: [{ name: "i" }] };
  const waiting = {
    state: { waiting: { reason: "CrashLoopBackOff" } },
    restartCount: 3,
    lastState: { terminated: { finishedAt: "2026-01-01T00:09:00Z" } },
  };
  const running = { state: { running: {} }, ready: true, restartCount: 0 };
  expect(row("Pod", { spec, status: { phase: "Running", containerStatuses: [running, waiting] } })).toEqual([
    "a",
    "1/2",
    "CrashLoopBackOff",
    "3 (60s ago)",
    "10m",
    "<none>",
    "<none>",
    "<none>",
    "<none>",
  ]);
  const init = [{ name: "i", state: { terminated: { exitCode: 2 } } }];
  expect(row("Pod", { spec, status: { phase: "Pending", initContainerStatuses: init } })[2]).toBe(
    "Init:ExitCode:2",
  );
});

test("services show their ports and where they can be reached", () => {
  const spec = {
    type: "LoadBalancer",
    clusterIPs: ["10.0.0.1"],
    ports: [
      { port: 80, nodePort: 30000, protocol: "TCP" },
      { port: 53, protocol: "UDP" },
    ],
    selector: { b: "2", a: "1" },
  };
  expect(row("Service", { spec })).toEqual([
    "a",
    "LoadBalancer",
    "10.0.0.1",
    "<pending>",
    "80:30000/TCP,53/UDP",
    "10m",
    "a=1,b=2",
  ]);
});

test("autoscalers show current against wanted values", () => {
  const target = { type: "Utilization", averageUtilization: 80 };
  const metrics = [
    { type: "Resource", resource: { name: "cpu", target } },
    { type: "Pods", pods: { target: { averageValue: "5" } } },
    {},
  ];
  expect(
    row("HorizontalPodAutoscaler", {
      spec: { maxReplicas: 3, metrics, scaleTargetRef: { kind: "Deployment", name: "d" } },
    }),
  ).toEqual(["a", "Deployment/d", "cpu: <unknown>/80%, <unknown>/5 + 1 more...", "<unset>", 3, 0, "10m"]);
});

test("every kind has as many cells as columns, whatever the object holds", () => {
  for (const kind of builtInKinds()) {
    for (const column of kind.columns) {
      const cell = column.cell(
        { metadata: { name: "a" }, spec: [], status: null, subjects: 3 } as unknown as KubeObject,
        NOW,
      );
      expect(["string", "number", "boolean", "object"]).toContain(typeof cell);
    }
  }
});

const OBJECT = {
  metadata: { name: "a", labels: { "x.y/z": "l" } },
  spec: { list: [{ n: 1, v: "one" }, { n: 2, v: "two" }, { n: 3 }] },
  status: {
    conditions: [
      { type: "Other", status: "Unknown" },
      { type: "Ready", status: "True" },
    ],
  },
};

test.each([
  [".metadata.name", ["a"]],
  ["{.metadata.name}", ["a"]],
  ["metadata.name", ["a"]],
  [".metadata.labels.x\\.y/z", ["l"]],
  [".metadata.labels['x.y/z']", ["l"]],
  [".spec.list[0].v", ["one"]],
  [".spec.list[-1].n", [3]],
  [".spec.list[0:2].n", [1, 2]],
  [".spec.list[0,2].n", [1, 3]],
  [".spec.list[*].n", [1, 2, 3]],
  ["$..n", [1, 2, 3]],
  ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
  [".status.conditions[?(@.type == 'Ready')].status", ["True"]],
  [".spec.list[?(@.n>=2)].n", [2, 3]],
  [".spec.list[?(@.v)].n", [1, 2]],
  [".spec.constructor", []],
  [".spec.missing[0].x", []],
])("%s finds what it names", (path, values) => expect(parseJsonPath(path).evaluate(OBJECT)).toEqual(values));

test("a path that cannot be read is an error, never anything worse", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."..[]()?@$'\"*:,=<>!\\ab01 -") }), (path) => {
      try {
        parseJsonPath(path).evaluate(OBJECT);
      } catch (error) {
        expect(error).toBeInstanceOf(JsonPathError);
      }
    }),
  );
});

test("custom columns show values of their type and nothing else", () => {
  const columns = customColumns([
    { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: "Count", type: "integer", jsonPath: ".metadata.name", priority: 1 },
    { name: "Spec", type: "string", jsonPath: ".spec.list[2]" },
  ]);
  expect(columns.map((column) => column.cell(OBJECT as unknown as KubeObject, NOW))).toEqual([
    "a",
    "True",
    null,
    '{"n":3}',
  ]);
  expect(columns[2]?.priority).toBe(1);
  expect(customColumns(undefined).map((column) => column.name)).toEqual(["Name", "Age"]);
});
