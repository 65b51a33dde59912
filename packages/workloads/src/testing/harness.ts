import { type TestControlPlane, testControlPlane } from "@capstan/control-plane";
import { type Client, createClient, createManager, type Manager } from "@capstan/controller";
import type { ApiRequest, ApiResponse, KubeObject, Transport, TypeMeta } from "@capstan/kube";
import { registerWorkloads } from "../register.js";
import type { SimulatedRuntimeOptions } from "../runtime/simulated-runtime.js";
import { simulatedRuntime } from "../runtime/simulated-runtime.js";
import { seededRandom, TestClock } from "./test-clock.js";

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind, and a wrong field fails them
type Live = any;

/** A control plane in memory with all workload controllers, in time that the test moves. */
export class Harness {
  readonly clock: TestClock;
  readonly client: Client;
  /** `PATCH /apis/…` of every write since the start. */
  readonly writes: string[] = [];
  readonly #plane: TestControlPlane;
  readonly #random = seededRandom();
  readonly #runtime: SimulatedRuntimeOptions;
  #manager: Manager | undefined;
  #stop: () => Promise<void> = async () => undefined;

  private constructor(clock: TestClock, plane: TestControlPlane, runtime: SimulatedRuntimeOptions) {
    this.clock = clock;
    this.#plane = plane;
    this.#runtime = runtime;
    this.client = createClient(counting(plane.transport(), this.writes));
  }

  static async start(runtime: SimulatedRuntimeOptions = {}): Promise<Harness> {
    const clock = new TestClock();
    const plane = await testControlPlane({ clock, random: seededRandom(7) });
    const harness = new Harness(clock, plane, runtime);
    await harness.#run();
    return harness;
  }

  /** Ends the controllers and starts them anew over the same objects, as when the process is restarted. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#run();
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#plane.close();
  }

  async #run(): Promise<void> {
    const { client, clock } = this;
    const manager = createManager({ client, clock, random: this.#random });
    registerWorkloads(manager, { runtime: simulatedRuntime(this.#runtime) });
    const abort = new AbortController();
    const ended = manager.start(abort.signal);
    this.#manager = manager;
    this.#stop = async () => {
      abort.abort();
      await ended;
    };
    await manager.ready();
  }

  /** Lets everything happen that needs no time: until nobody has written for a while. */
  async settle(): Promise<void> {
    let quiet = 0;
    let written = this.writes.length;
    for (let turn = 0; turn < 5000 && quiet < 40; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      const still = this.#manager?.idle === true && this.writes.length === written;
      quiet = still ? quiet + 1 : 0;
      written = this.writes.length;
    }
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    await this.settle();
    while (this.clock.now() < end) {
      this.clock.move(Math.min(this.clock.next ?? Number.POSITIVE_INFINITY, end - this.clock.now()));
      await this.settle();
    }
  }

  /** Lets time pass until `look` finds something, at most `seconds`. */
  async until<T>(look: () => Promise<T | undefined | false>, seconds = 60): Promise<T> {
    const end = this.clock.now() + seconds * 1000;
    for (;;) {
      await this.settle();
      const found = await look();
      if (found !== undefined && found !== false) return found;
      const next = this.clock.next;
      if (next === undefined || this.clock.now() + next > end) throw new Error(`nothing came of ${look}`);
      this.clock.move(next);
    }
  }

  create(object: object): Promise<Live> {
    return this.client.create(object as KubeObject);
  }

  get(type: TypeMeta, name: string, namespace = "default"): Promise<Live> {
    return this.client.tryGet({ ...type, namespace, name });
  }

  async list(type: TypeMeta, labelSelector?: string): Promise<Live[]> {
    const options = { namespace: "default", ...(labelSelector === undefined ? {} : { labelSelector }) };
    return (await this.client.list(type, options)).items;
  }

  patch(type: TypeMeta, name: string, body: object): Promise<Live> {
    return this.client.patch({ ...type, namespace: "default", name }, { type: "merge", body });
  }

  /** `Reason: message` of the events about an object. */
  async events(name: string): Promise<string[]> {
    const events = await this.list({ apiVersion: "v1", kind: "Event" });
    return events
      .filter((event) => event.involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }
}

function counting(transport: Transport, writes: string[]): Transport {
  return {
    request: (request: ApiRequest): Promise<ApiResponse> => {
      if (request.method !== "GET") writes.push(`${request.method} ${request.path}`);
      return transport.request(request);
    },
    watch: (request) => transport.watch(request),
    stream: (request) => transport.stream(request),
    close: () => transport.close(),
  };
}

/** A pod template with one container. */
export function template(
  labels: Record<string, string>,
  options: { image?: string; annotations?: object; spec?: object } = {},
) {
  return {
    metadata: { labels, ...(options.annotations === undefined ? {} : { annotations: options.annotations }) },
    spec: { containers: [{ name: "app", image: options.image ?? "app:1" }], ...options.spec },
  };
}

/** The conditions of an object as `type: status reason`. */
export function conditions(object: Live): Record<string, string> {
  const list: Live[] = object?.status?.conditions ?? [];
  return Object.fromEntries(
    list.map(({ type, status, reason }) => [type, reason === undefined ? status : `${status} ${reason}`]),
  );
}
