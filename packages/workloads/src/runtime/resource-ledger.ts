import { keyOf } from "@capstan/controller";
import type { Pod } from "../model/pod.js";
import { isTerminal } from "../shared/pod-state.js";
import { podRequests, type Resources } from "./scheduling.js";

/** Keeps count of what the pods on one node ask for, as pods come and go. */
export class ResourceLedger {
  readonly #node: string;
  readonly #entries = new Map<string, Resources>();
  #cpu = 0;
  #memory = 0;

  constructor(node: string) {
    this.#node = node;
  }

  get used(): Resources {
    return { cpu: this.#cpu, memory: this.#memory, pods: this.#entries.size };
  }

  /** Takes a pod into account as it is now: those that ended or are elsewhere ask for nothing. */
  note(pod: Pod): void {
    const counts = pod.spec.nodeName === this.#node && !isTerminal(pod);
    const key = keyOf(pod);
    if (counts && this.#entries.has(key)) return;
    this.forget(pod);
    if (!counts) return;
    const wanted = podRequests(pod);
    this.#entries.set(key, wanted);
    this.#cpu += wanted.cpu;
    this.#memory += wanted.memory;
  }

  forget(pod: Pod): void {
    const key = keyOf(pod);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#cpu -= entry.cpu;
    this.#memory -= entry.memory;
  }
}
