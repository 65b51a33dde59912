import fc from "fast-check";
import { expect, test } from "vitest";
import { Pace } from "./pace.js";

/** How long a round of `slices` takes in the long run, each of which takes `ms`, where timers are late by `late`. */
function roundMs(slices: number, ms: number, late: () => number): number {
  const pace = new Pace();
  let now = 1_000;
  const began = now;
  const rounds = 50;
  for (let slice = 0; slice < rounds * slices; slice++) {
    const wait = pace.wait(now);
    if (wait >= 1) now += wait + late();
    pace.worked(now, now + ms, slices);
    now += ms;
  }
  return (now - began) / rounds;
}

const onTime = () => 0;

test("takes a sixth of the time while a round is short", () => {
  expect(roundMs(4, 1, onTime)).toBeCloseTo(24, 0);
});

test("is through a round in 33 ms where a sixth of the time would take longer", () => {
  expect(roundMs(40, 0.5, onTime)).toBeCloseTo(33, 0);
});

test("does not pause where the work takes all the time there is", () => {
  expect(roundMs(40, 2, onTime)).toBeCloseTo(80, 0);
});

test("spreads a round whose end comes nearer as evenly as one that goes on", () => {
  const pace = new Pace();
  let now = 1_000;
  for (let waiting = 40; waiting > 0; waiting--) {
    now += Math.max(0, pace.wait(now));
    pace.worked(now, now + 0.5, waiting);
    now += 0.5;
  }
  expect(now - 1_000).toBeGreaterThan(30);
  expect(now - 1_000).toBeLessThan(40);
});

test("begins at once after a while without work", () => {
  const pace = new Pace();
  pace.worked(100, 101, 1);
  expect(pace.wait(500)).toBeLessThan(0);
});

test("makes up for timers that are late", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 60 }),
      fc.double({ min: 0.05, max: 0.4, noNaN: true }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }),
      (slices, ms, lates) => {
        let at = 0;
        const late = () => lates[at++ % lates.length] ?? 0;
        expect(Math.abs(roundMs(slices, ms, late) - roundMs(slices, ms, onTime))).toBeLessThan(1);
      },
    ),
  );
});
