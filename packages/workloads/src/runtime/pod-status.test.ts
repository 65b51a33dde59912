import { describe, expect, it } from "vitest";
import type { Container, Pod, PodStatus } from "../model/pod.js";
import { podPhase } from "./pod-phase.js";
import type { ContainerObservation, PodObservation } from "./pod-runtime.js";
import { podStatus } from "./pod-status.js";
import { unschedulableReason } from "./scheduling.js";

const pod = (spec: Partial<Pod["spec"]> = {}, status: PodStatus = {}): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "x", uid: "u", generation: 1 },
  spec: { containers: [{ name: "a", image: "i" }], ...spec },
  status,
});
const observed = (
  name: string,
  state: ContainerObservation["state"],
  more: Partial<ContainerObservation> = {},
): ContainerObservation => ({
  name,
  state,
  ready: state.running !== undefined,
  started: state.running !== undefined,
  restartCount: 0,
  ...more,
});
const running = { running: { startedAt: "2026-01-01T00:00:00Z" } };
const waiting = { waiting: { reason: "ContainerCreating" } };
const ended = (exitCode: number) => ({ terminated: { exitCode } });
const seen = (containers: ContainerObservation[], init: ContainerObservation[] = []): PodObservation => ({
  ip: "10.0.0.1",
  init,
  containers,
});
const init: Container[] = [{ name: "i", image: "i" }];

describe("podPhase", () => {
  it.each<[string, Partial<Pod["spec"]>, PodObservation, string]>([
    ["nothing runs yet", {}, seen([observed("a", waiting)]), "Pending"],
    [
      "an init container runs",
      { initContainers: init },
      seen([observed("a", waiting)], [observed("i", running)]),
      "Pending",
    ],
    [
      "an init container failed for good",
      { initContainers: init, restartPolicy: "Never" },
      seen([observed("a", waiting)], [observed("i", ended(1))]),
      "Failed",
    ],
    ["it runs", {}, seen([observed("a", running)]), "Running"],
    ["it ended and is run again", {}, seen([observed("a", ended(0))]), "Running"],
    ["it waits for another try", {}, seen([observed("a", waiting, { lastState: ended(1) })]), "Running"],
    ["it ended well", { restartPolicy: "Never" }, seen([observed("a", ended(0))]), "Succeeded"],
    ["it ended badly", { restartPolicy: "Never" }, seen([observed("a", ended(1))]), "Failed"],
    [
      "it ended badly and is tried again",
      { restartPolicy: "OnFailure" },
      seen([observed("a", ended(1))]),
      "Running",
    ],
  ])("%s", (_name, spec, observation, phase) => {
    expect(podPhase(pod(spec), observation)).toBe(phase);
  });

  it("does not come back from an end", () => {
    expect(podPhase(pod({}, { phase: "Failed" }), seen([observed("a", running)]))).toBe("Failed");
  });
});

describe("podStatus", () => {
  const now = Date.UTC(2026, 0, 1);
  const conditions = (of: Pod, observation: PodObservation) =>
    Object.fromEntries(
      (podStatus(of, observation, "h", now).conditions ?? []).map(({ type, status, reason }) => [
        type,
        reason === undefined ? status : `${status} ${reason}`,
      ]),
    );

  it("says that all is well", () => {
    expect(conditions(pod(), seen([observed("a", running)]))).toEqual({
      PodReadyToStartContainers: "True",
      Initialized: "True",
      Ready: "True",
      ContainersReady: "True",
      PodScheduled: "True",
    });
  });

  it("names what is missing", () => {
    const status = podStatus(
      pod({ initContainers: init }),
      seen([observed("a", waiting)], [observed("i", running)]),
      "h",
      now,
    );
    const messages = status.conditions
      ?.filter(({ message }) => message !== undefined)
      .map(({ type, message }) => [type, message]);
    expect(messages).toEqual([
      ["Initialized", "containers with incomplete status: [i]"],
      ["Ready", "containers with unready status: [a]"],
      ["ContainersReady", "containers with unready status: [a]"],
    ]);
  });

  it("waits for readiness gates, and keeps conditions of others in front", () => {
    const gated = pod(
      { readinessGates: [{ conditionType: "x.io/up" }] },
      { conditions: [{ type: "x.io/up", status: "False" }] },
    );
    const status = podStatus(gated, seen([observed("a", running)]), "h", now);
    expect(status.conditions?.[0]?.type).toBe("x.io/up");
    expect(status.conditions?.find(({ type }) => type === "Ready")).toMatchObject({
      status: "False",
      reason: "ReadinessGatesNotReady",
    });
  });

  it("keeps transition times and the start while nothing changes", () => {
    const first = podStatus(pod(), seen([observed("a", running)]), "h", now);
    const second = podStatus(pod({}, first), seen([observed("a", running)]), "h", now + 60_000);
    expect(second).toEqual(first);
  });
});

describe("scheduling", () => {
  const node = (fields: object = {}) => ({
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "n", labels: { disk: "ssd" } },
    status: { allocatable: { cpu: "2", memory: "1Gi", pods: "10" } },
    ...fields,
  });
  const used = { cpu: 1500, memory: 0, pods: 1 };
  const reason = (spec: Partial<Pod["spec"]>, on: object = {}) =>
    unschedulableReason(pod(spec), { node: node(on), used, claim: () => undefined });
  const asks = (cpu: string) => ({ containers: [{ name: "a", resources: { requests: { cpu } } }] });
  const taint = { spec: { taints: [{ key: "k", value: "v", effect: "NoSchedule" }] } };

  it.each<[Partial<Pod["spec"]>, object, string | undefined]>([
    [{}, {}, undefined],
    [asks("500m"), {}, undefined],
    [asks("501m"), {}, "Insufficient cpu"],
    [{ nodeSelector: { disk: "hdd" } }, {}, "node(s) didn't match Pod's node affinity/selector"],
    [{}, taint, "node(s) had untolerated taint {k: v}"],
    [{ tolerations: [{ key: "k", operator: "Exists" }] }, taint, undefined],
    [{}, { spec: { unschedulable: true } }, "node(s) were unschedulable"],
  ])("%j on %j: %s", (spec, on, expected) => {
    const found = reason(spec, on);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(`0/1 nodes are available: 1 ${expected}.`);
  });
});
