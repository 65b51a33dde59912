import { listAt, type Members, membersAt, numberAt, textAt } from "../kinds/members.js";
import { age, type Cell, condition, count, type Row, sizeAt, spec, status, textOr } from "./cells.js";
import { ageOf } from "./human-duration.js";

/** What the walk over container statuses finds. */
interface Tally {
  restarts: number;
  lastRestart: string;
  ready: number;
}

function addRestarts(tally: Tally, containerStatus: Members): void {
  tally.restarts += count(containerStatus, "restartCount");
  const finished = textAt(membersAt(membersAt(containerStatus, "lastState"), "terminated"), "finishedAt");
  if (finished > tally.lastRestart) tally.lastRestart = finished;
}

function terminationReason(terminated: Members, prefix: string): string {
  const reason = textAt(terminated, "reason");
  if (reason !== "") return prefix + reason;
  const signal = numberAt(terminated, "signal") ?? 0;
  return signal === 0 ? `${prefix}ExitCode:${count(terminated, "exitCode")}` : `${prefix}Signal:${signal}`;
}

/** Why the pod is still initialising; `undefined` where all init containers are through. */
function initReason(pod: Members, all: Tally, sidecars: Tally): string | undefined {
  const containers = listAt(spec(pod), "initContainers");
  for (const [index, containerStatus] of listAt(status(pod), "initContainerStatuses").entries()) {
    const container = containers.find((candidate) => candidate["name"] === containerStatus["name"]);
    const isSidecar = container?.["restartPolicy"] === "Always";
    addRestarts(all, containerStatus);
    if (isSidecar) addRestarts(sidecars, containerStatus);
    const state = membersAt(containerStatus, "state");
    const terminated = membersAt(state, "terminated");
    if (terminated !== undefined && count(terminated, "exitCode") === 0) continue;
    if (isSidecar && containerStatus["started"] === true) {
      if (containerStatus["ready"] === true) all.ready++;
      continue;
    }
    if (terminated !== undefined) return terminationReason(terminated, "Init:");
    const waiting = textAt(membersAt(state, "waiting"), "reason");
    return waiting !== "" && waiting !== "PodInitializing"
      ? `Init:${waiting}`
      : `Init:${index}/${containers.length}`;
  }
  return undefined;
}

/** The reason that the pod's main containers give, the first of them last. */
function containersReason(pod: Members, start: string, tally: Tally): string {
  let reason = start;
  let errorReason = "";
  let running = false;
  for (const containerStatus of listAt(status(pod), "containerStatuses").reverse()) {
    addRestarts(tally, containerStatus);
    const state = membersAt(containerStatus, "state");
    const waiting = textAt(membersAt(state, "waiting"), "reason");
    const terminated = membersAt(state, "terminated");
    if (waiting !== "") {
      reason = waiting;
    } else if (terminated !== undefined) {
      reason = terminationReason(terminated, "");
      if (count(terminated, "exitCode") !== 0) errorReason = reason;
    } else if (containerStatus["ready"] === true && membersAt(state, "running") !== undefined) {
      running = true;
      tally.ready++;
    }
  }
  if (reason !== "Completed") return reason;
  if (running && condition(pod, "Ready")?.["status"] === "True") return "Running";
  return errorReason || (running ? "NotReady" : reason);
}

function finalReason(pod: Members, reason: string): string {
  const state = status(pod);
  if (membersAt(pod, "metadata")?.["deletionTimestamp"] === undefined) return reason;
  if (textAt(state, "reason") === "NodeLost") return "Unknown";
  const phase = textAt(state, "phase");
  return phase === "Succeeded" || phase === "Failed" ? reason : "Terminating";
}

/** READY, STATUS and RESTARTS. */
function podState(pod: Members, now: number): readonly Cell[] {
  const all: Tally = { restarts: 0, lastRestart: "", ready: 0 };
  const sidecars: Tally = { restarts: 0, lastRestart: "", ready: 0 };
  const gated = condition(pod, "PodScheduled")?.["reason"] === "SchedulingGated";
  const phase = textAt(status(pod), "reason") || textAt(status(pod), "phase");
  let reason = gated ? "SchedulingGated" : phase;
  const initializing = initReason(pod, all, sidecars);
  if (initializing !== undefined) reason = initializing;
  if (initializing === undefined || condition(pod, "Initialized")?.["status"] === "True") {
    all.restarts = sidecars.restarts;
    all.lastRestart = sidecars.lastRestart;
    reason = containersReason(pod, reason, all);
  }
  const sidecarCount = listAt(spec(pod), "initContainers").filter(
    (container) => container["restartPolicy"] === "Always",
  ).length;
  const total = sizeAt(spec(pod), "containers") + sidecarCount;
  const restarts =
    all.restarts !== 0 && all.lastRestart !== ""
      ? `${all.restarts} (${ageOf(all.lastRestart, now)} ago)`
      : String(all.restarts);
  return [`${all.ready}/${total}`, finalReason(pod, reason), restarts];
}

function readinessGates(pod: Members): string {
  const gates = listAt(spec(pod), "readinessGates");
  if (gates.length === 0) return "<none>";
  const met = gates.filter((gate) => condition(pod, textAt(gate, "conditionType"))?.["status"] === "True");
  return `${met.length}/${gates.length}`;
}

export const podRow: Row = (pod, now) => [
  pod.metadata.name,
  ...podState(pod, now),
  age(pod, now),
  textOr(listAt(status(pod), "podIPs")[0], "ip", "<none>"),
  textOr(spec(pod), "nodeName", "<none>"),
  textOr(status(pod), "nominatedNodeName", "<none>"),
  readinessGates(pod),
];
