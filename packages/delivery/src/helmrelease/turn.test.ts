import { expect, it } from "vitest";
import { Gate } from "./turn.js";

const never = new AbortController().signal;
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

it("lets in as many as it has places, the others in their order", async () => {
  const gate = new Gate(1);
  const order: string[] = [];
  const first = await gate.enter(never);
  const waiting = ["a", "b"].map(async (name) => {
    const turn = await gate.enter(never);
    order.push(name);
    turn.end();
  });
  await tick();
  expect(order).toEqual([]);
  first.end();
  first.end();
  await Promise.all(waiting);
  expect(order).toEqual(["a", "b"]);
  (await gate.enter(never)).end();
});

it("gives a place up while its holder waits", async () => {
  const gate = new Gate(1);
  const holder = await gate.enter(never);
  let done: () => void = () => undefined;
  const away = holder.away(() => new Promise<void>((resolve) => (done = resolve)), never);
  const other = await gate.enter(never);
  done();
  await tick();
  other.end();
  await away;
  let entered = false;
  void gate.enter(never).then(() => {
    entered = true;
  });
  await tick();
  expect(entered).toBe(false);
  holder.end();
  await tick();
  expect(entered).toBe(true);
});

it("lets go of who no longer wants in", async () => {
  const gate = new Gate(1);
  const holder = await gate.enter(never);
  const stop = new AbortController();
  const waiting = gate.enter(stop.signal);
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  holder.end();
  (await gate.enter(never)).end();
});
