import { Worker } from "node:worker_threads";
import type { Clock } from "@capstan/kube";
import { type ChartAnswer, ChartProblem, type ChartRequest } from "../helm-render/chart-request.js";
import { RenderError, type Rendered } from "./desired-object.js";
import type { RenderRequest } from "./render.js";
import type { Renderer } from "./renderer.js";
import { isChartRequest, resultOf, type WorkerAnswer, type WorkerRequest } from "./worker-protocol.js";

export interface WorkerRendererOptions {
  readonly clock: Clock;
  /** Threads at most; each is started when there is work for it. Default 2. */
  readonly workers?: number;
  /** Memory that a build may use; default 512 MiB. */
  readonly memoryMiB?: number;
  /** Time that a build may take; default two minutes. */
  readonly timeoutMs?: number;
  /** The script of a worker, for programs bundled into one file; default: the one of this package. */
  readonly script?: URL;
}

interface Job {
  readonly request: WorkerRequest;
  readonly resolve: (rendered: Rendered | ChartAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Renders in worker threads. A build that takes too long or needs too much memory fails and ends its
 * thread; the process stays up, and the next build gets a new thread.
 */
export function workerRenderer(options: WorkerRendererOptions): Renderer {
  return new WorkerPool(options);
}

class WorkerPool implements Renderer {
  readonly #options: WorkerRendererOptions;
  readonly #queue: Job[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Job, (error: unknown) => void>();
  #workers = 0;
  #closed = false;

  constructor(options: WorkerRendererOptions) {
    this.#options = options;
  }

  render(request: RenderRequest, signal: AbortSignal): Promise<Rendered> {
    // A worker answers with what its request is for.
    return this.#submit(request, signal) as Promise<Rendered>;
  }

  chart(request: ChartRequest, signal: AbortSignal): Promise<ChartAnswer> {
    return this.#submit(request, signal) as Promise<ChartAnswer>;
  }

  #submit(request: WorkerRequest, signal: AbortSignal): Promise<Rendered | ChartAnswer> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(new Error("the renderer is closed"));
    return new Promise<Rendered | ChartAnswer>((resolve, reject) => {
      const abort = () => this.#cancel(job, signal.reason);
      const settle =
        <T>(settled: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener("abort", abort);
          settled(value);
        };
      const job: Job = { request, resolve: settle(resolve), reject: settle(reject) };
      signal.addEventListener("abort", abort, { once: true });
      this.#queue.push(job);
      this.#pump();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closed = new Error("the renderer was closed");
    for (const job of this.#queue.splice(0)) job.reject(closed);
    for (const end of this.#busy.values()) end(closed);
    await Promise.all(this.#idle.splice(0).map((worker) => worker.terminate()));
  }

  #cancel(job: Job, reason: unknown): void {
    const at = this.#queue.indexOf(job);
    if (at >= 0) {
      this.#queue.splice(at, 1);
      job.reject(reason);
    } else this.#busy.get(job)?.(reason);
  }

  #pump(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? this.#start();
      if (worker === undefined) return;
      const job = this.#queue.shift();
      if (job !== undefined) this.#run(worker, job);
    }
  }

  #start(): Worker | undefined {
    const {
      workers = 2,
      memoryMiB = 512,
      script = new URL("../render-worker.js", import.meta.url),
    } = this.#options;
    if (this.#workers >= workers || this.#closed) return undefined;
    this.#workers += 1;
    const worker = new Worker(script, { resourceLimits: { maxOldGenerationSizeMb: memoryMiB } });
    worker.unref();
    return worker;
  }

  #run(worker: Worker, job: Job): void {
    const { clock, timeoutMs = 120_000 } = this.#options;
    const finish = (keep: boolean) => {
      cancelTimer();
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
      this.#busy.delete(job);
      if (keep && !this.#closed) this.#idle.push(worker);
      else this.#discard(worker);
      this.#pump();
    };
    const fail = (error: unknown) => {
      finish(false);
      job.reject(error);
    };
    const cancelTimer = clock.after(timeoutMs, () => {
      fail(boundError(job.request, `it took longer than ${timeoutMs / 1000}s`));
    });
    this.#busy.set(job, fail);
    const onMessage = (answer: WorkerAnswer) => {
      finish(true);
      try {
        job.resolve(resultOf(answer));
      } catch (error) {
        job.reject(error);
      }
    };
    const onError = (error: unknown) => fail(this.#explain(job.request, error));
    const onExit = (code: number) => fail(new Error(`the build's thread ended with code ${code}`));
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.on("exit", onExit);
    worker.postMessage(job.request);
  }

  #discard(worker: Worker): void {
    this.#workers -= 1;
    // Its job is over; what it says while it ends has nobody to hear it.
    worker.on("error", () => undefined);
    // Nothing is left to tell it; that it cannot be ended would show as an unhandled rejection.
    void worker.terminate();
  }

  #explain(request: WorkerRequest, error: unknown): unknown {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_WORKER_OUT_OF_MEMORY")
      return error;
    const { memoryMiB = 512 } = this.#options;
    return boundError(request, `it needed more than ${memoryMiB} MiB of memory`, error);
  }
}

/** What is said of a build that was ended. */
function boundError(request: WorkerRequest, why: string, cause?: unknown): Error {
  return isChartRequest(request)
    ? new ChartProblem("render", `rendering the chart failed: ${why}`, { cause })
    : new RenderError("BuildFailed", `kustomize build failed: ${why}`, { cause });
}
