import type { IncomingMessage } from "node:http";
import type { Json } from "./api.js";

export interface WatchEvent {
  readonly type: string;
  readonly object: Json;
}

/** The events of a watch as they arrive. */
export class Stream {
  readonly code: number;
  readonly headers: IncomingMessage["headers"];
  readonly events: WatchEvent[] = [];
  /** The body of an answer that is no stream. */
  text = "";
  #rest = "";
  #ended = false;
  #wake: () => void = () => undefined;
  readonly #message: IncomingMessage;

  constructor(message: IncomingMessage) {
    this.#message = message;
    this.code = message.statusCode ?? 0;
    this.headers = message.headers;
    message.setEncoding("utf8");
    message.on("data", (chunk: string) => this.#take(chunk));
    message.on("error", () => this.#finish());
    message.on("close", () => this.#finish());
    message.on("end", () => this.#finish());
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Waits until `count` events came (bookmarks not counted) and gives all of them. */
  async take(count: number, within = 10_000): Promise<readonly WatchEvent[]> {
    const wanted = () => this.events.filter(({ type }) => type !== "BOOKMARK");
    await this.until(() => wanted().length >= count, within, `${count} events`);
    return wanted();
  }

  /** Waits for the first event that `test` accepts. */
  async find(test: (event: WatchEvent) => boolean, within = 10_000): Promise<WatchEvent> {
    await this.until(() => this.events.some(test), within, "the event");
    const found = this.events.find(test);
    if (found === undefined) throw new Error("unreachable: the event was just seen");
    return found;
  }

  /** Waits for the server to end the stream. */
  async end(within = 15_000): Promise<void> {
    await this.until(() => this.#ended, within, "the end");
  }

  close(): void {
    this.#message.destroy();
  }

  async until(test: () => boolean, within: number, what: string): Promise<void> {
    const deadline = performance.now() + within;
    while (!test()) {
      const left = deadline - performance.now();
      if (left <= 0 || this.#ended) {
        const seen = this.events
          .map(({ type, object }) => `${type} ${object?.metadata?.name ?? ""}`)
          .join(", ");
        throw new Error(`the watch did not bring ${what}; it brought: [${seen}] ${this.text.slice(0, 300)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #take(chunk: string): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith('{"type"')) this.events.push(JSON.parse(line) as WatchEvent);
      else this.text += line;
    }
    this.#wake();
  }

  #finish(): void {
    this.#ended = true;
    this.#wake();
  }
}
