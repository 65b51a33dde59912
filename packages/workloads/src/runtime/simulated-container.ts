import { formatTime } from "@capstan/kube";
import type { ContainerState } from "../model/pod.js";
import type { ContainerObservation } from "./pod-runtime.js";

/** One container of a simulated pod. */
export class SimulatedContainer {
  readonly name: string;
  state: ContainerState;
  lastState: ContainerState | undefined;
  ready = false;
  started = false;
  restartCount = 0;

  constructor(name: string, waitingFor: string) {
    this.name = name;
    this.state = { waiting: { reason: waitingFor } };
  }

  get isRunning(): boolean {
    return this.state.running !== undefined;
  }

  get exitCode(): number | undefined {
    return this.state.terminated?.exitCode;
  }

  run(now: number): void {
    const ended = this.state.terminated ?? this.lastState?.terminated;
    if (ended !== undefined) {
      this.lastState = { terminated: ended };
      this.restartCount++;
    }
    this.state = { running: { startedAt: formatTime(now) } };
    this.started = true;
  }

  exit(exitCode: number, now: number): void {
    const startedAt = this.state.running?.startedAt ?? formatTime(now);
    const reason = exitCode === 0 ? "Completed" : "Error";
    this.state = { terminated: { exitCode, reason, startedAt, finishedAt: formatTime(now) } };
    this.ready = false;
    this.started = false;
  }

  wait(reason: string, message?: string): void {
    if (this.state.terminated !== undefined) this.lastState = this.state;
    this.state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
    this.ready = false;
    this.started = false;
  }

  observe(): ContainerObservation {
    const { name, state, lastState, ready, started, restartCount } = this;
    return { name, state, ready, started, restartCount, ...(lastState === undefined ? {} : { lastState }) };
  }
}
