import { formatTime, getCondition } from "@capstan/kube";
import type { ContainerStatus, Pod, PodCondition, PodStatus } from "../model/pod.js";
import { isSidecar, type Phase, podPhase, succeeded } from "./pod-phase.js";
import type { ContainerObservation, PodObservation } from "./pod-runtime.js";

/** Conditions that the node writes, in its order; those of others come first. */
const OWN = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

type Verdict = Pick<PodCondition, "status" | "reason" | "message">;

const yes: Verdict = { status: "True" };

/** The status of a pod on a node with an address, as a kubelet would write it. */
export function podStatus(pod: Pod, observation: PodObservation, hostIP: string, now: number): PodStatus {
  const phase = podPhase(pod, observation);
  const before = pod.status ?? {};
  const { ip } = observation;
  const init = observation.init.map((each) => containerStatus(pod, each));
  const containers = observation.containers.map((each) => containerStatus(pod, each));
  containers.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const { generation } = pod.metadata;
  return {
    ...before,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    conditions: conditionsOf(pod, observation, phase, now),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
    startTime: before.startTime ?? formatTime(now),
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: containers,
  };
}

function conditionsOf(pod: Pod, observation: PodObservation, phase: Phase, now: number): PodCondition[] {
  const before = pod.status?.conditions ?? [];
  const foreign = before.filter(({ type }) => !OWN.includes(type));
  const containersReady = containersVerdict(observation, pod, phase);
  const verdicts: readonly (readonly [string, Verdict])[] = [
    ["PodReadyToStartContainers", { status: observation.ip === undefined ? "False" : "True" }],
    ["Initialized", initializedVerdict(observation, pod, phase)],
    ["Ready", containersReady.status === "True" ? gatesVerdict(pod, foreign) : containersReady],
    ["ContainersReady", containersReady],
    ["PodScheduled", yes],
  ];
  const own = verdicts.map(([type, verdict]) => condition(pod, type, verdict, before, now));
  return [...foreign, ...own];
}

function condition(
  pod: Pod,
  type: string,
  verdict: Verdict,
  before: readonly PodCondition[],
  now: number,
): PodCondition {
  const known = getCondition(before, type);
  const since = known?.status === verdict.status ? known.lastTransitionTime : undefined;
  const { generation } = pod.metadata;
  return {
    type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: verdict.status,
    lastProbeTime: null,
    lastTransitionTime: since ?? formatTime(now),
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
  };
}

function initializedVerdict({ init, containers }: PodObservation, pod: Pod, phase: Phase): Verdict {
  if (phase === "Succeeded") return { status: "True", reason: "PodCompleted" };
  const started = containers.some(
    ({ state, lastState }) => state.waiting === undefined || lastState !== undefined,
  );
  const incomplete = init.filter((each) => (isSidecar(pod, each.name) ? !each.started : !succeeded(each)));
  if (started || incomplete.length === 0) return yes;
  const names = incomplete.map(({ name }) => name).join(" ");
  const message = `containers with incomplete status: [${names}]`;
  return { status: "False", reason: "ContainersNotInitialized", message };
}

function containersVerdict({ init, containers }: PodObservation, pod: Pod, phase: Phase): Verdict {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const sidecars = init.filter(({ name }) => isSidecar(pod, name));
  const unready = [...sidecars, ...containers].filter(({ ready }) => !ready);
  if (unready.length === 0) return yes;
  const message = `containers with unready status: [${unready.map(({ name }) => name).join(" ")}]`;
  return { status: "False", reason: "ContainersNotReady", message };
}

function gatesVerdict(pod: Pod, foreign: readonly PodCondition[]): Verdict {
  const problems: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const gate = getCondition(foreign, conditionType);
    if (gate === undefined) {
      problems.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    } else if (gate.status !== "True") {
      problems.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`);
    }
  }
  if (problems.length === 0) return yes;
  return { status: "False", reason: "ReadinessGatesNotReady", message: problems.join(", ") };
}

function containerStatus(pod: Pod, observed: ContainerObservation): ContainerStatus {
  const { name, state, lastState = {}, ready, started, restartCount } = observed;
  const specs = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const image = specs.find((each) => each.name === name)?.image ?? "";
  const ran = state.waiting === undefined || lastState.terminated !== undefined;
  const containerID = `capstan://${pod.metadata.uid ?? ""}-${name}-${restartCount}`;
  return {
    name,
    state,
    lastState,
    ready,
    restartCount,
    image,
    imageID: ran ? image : "",
    ...(ran ? { containerID } : {}),
    started,
  };
}
