import { systemClock } from "@capstan/control-plane";
import { afterEach, describe, expect, it } from "vitest";
import { RenderError } from "./desired-object.js";
import type { RenderRequest } from "./render.js";
import { type WorkerRendererOptions, workerRenderer } from "./worker-renderer.js";

const script = new URL("../testing/worker.mjs", import.meta.url);
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function pool(options: Partial<WorkerRendererOptions> = {}) {
  const renderer = workerRenderer({ clock: systemClock, script, workers: 1, ...options });
  closing.push(() => renderer.close());
  return renderer;
}

function request(path: string): RenderRequest {
  return { directory: "/", path, spec: {}, finish: { owner: { name: "n", namespace: "ns" } } };
}

const never = new AbortController().signal;

describe("workerRenderer", () => {
  it("answers every request, also more than it has threads", async () => {
    const renderer = pool({ workers: 2 });
    const answers = await Promise.all(
      ["a", "b", "c", "d"].map((path) => renderer.render(request(path), never)),
    );
    expect(answers.map((answer) => answer.digest)).toEqual(["a", "b", "c", "d"]);
  });

  it("carries the reason of a failed build over", async () => {
    const failure = pool().render(request("bad"), never);
    await expect(failure).rejects.toBeInstanceOf(RenderError);
    await expect(failure).rejects.toMatchObject({ reason: "BuildFailed", message: "bad" });
  });

  it("ends a build that takes too long, and goes on with the next", async () => {
    const renderer = pool({ timeoutMs: 1500 });
    const hung = renderer.render(request("hang"), never);
    const next = renderer.render(request("next"), never);
    await expect(hung).rejects.toThrow("it took longer than 1.5s");
    expect((await next).digest).toBe("next");
  });

  it("ends a build that needs too much memory, and goes on with the next", async () => {
    const renderer = pool({ memoryMiB: 32 });
    const greedy = renderer.render(request("explode"), never);
    await expect(greedy).rejects.toThrow("it needed more than 32 MiB of memory");
    expect((await renderer.render(request("next"), never)).digest).toBe("next");
  });

  it("survives a thread that ends by itself", async () => {
    const renderer = pool();
    await expect(renderer.render(request("exit"), never)).rejects.toThrow("ended with code 3");
    expect((await renderer.render(request("next"), never)).digest).toBe("next");
  });

  it("stops a build whose signal aborts, with the signal's reason", async () => {
    const renderer = pool();
    const abort = new AbortController();
    const running = renderer.render(request("hang"), abort.signal);
    const waiting = renderer.render(request("later"), abort.signal);
    abort.abort(new Error("superseded"));
    await expect(running).rejects.toThrow("superseded");
    await expect(waiting).rejects.toThrow("superseded");
    expect((await renderer.render(request("next"), never)).digest).toBe("next");
  });
});
