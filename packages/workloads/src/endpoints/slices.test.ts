import fc from "fast-check";
import { expect, it } from "vitest";
import type { Endpoint, EndpointSlice, Service } from "../model/service.js";
import { SERVICE } from "../model/workload.js";
import { seededRandom } from "../testing/test-clock.js";
import type { EndpointGroup } from "./endpoint.js";
import { planSlices } from "./slices.js";

const service: Service = {
  ...SERVICE,
  metadata: { name: "web", namespace: "x", uid: "s" },
  spec: { clusterIP: "10.0.0.1" },
};
const endpoint = (number: number): Endpoint => ({
  addresses: [`10.0.${number >> 8}.${number & 255}`],
  conditions: { ready: true, serving: true, terminating: false },
  targetRef: { kind: "Pod", namespace: "x", name: `p${number}`, uid: String(number) },
});
const group = (port: number, numbers: readonly number[]): EndpointGroup => ({
  ports: [{ name: "", port, protocol: "TCP" }],
  endpoints: numbers.map(endpoint),
});

function apply(existing: readonly EndpointSlice[], groups: readonly EndpointGroup[]): EndpointSlice[] {
  const { create, update, remove } = planSlices(
    service,
    "IPv4",
    groups,
    existing,
    seededRandom(existing.length + 1),
  );
  const kept = existing.filter((slice) => !remove.includes(slice));
  return [
    ...kept.map((slice) => update.find(({ metadata }) => metadata.name === slice.metadata.name) ?? slice),
    ...create,
  ];
}

const numbers = fc.uniqueArray(fc.nat(400), { maxLength: 260 });

it("lists every endpoint once, at most a hundred in a slice, whatever was there", () => {
  fc.assert(
    fc.property(numbers, numbers, numbers, (before, after, others) => {
      const wanted = [
        group(80, after),
        group(
          81,
          others.filter((number) => !after.includes(number)),
        ),
      ].filter(({ endpoints }) => endpoints.length > 0);
      const slices = apply(apply([], [group(80, before)]), wanted);
      const listed = slices.flatMap(({ ports, endpoints }) =>
        (endpoints ?? []).map(({ targetRef }) => `${ports?.[0]?.port}/${targetRef.uid}`),
      );
      const expected = wanted.flatMap(({ ports, endpoints }) =>
        endpoints.map(({ targetRef }) => `${ports[0]?.port}/${targetRef.uid}`),
      );
      expect(listed.sort()).toEqual(expected.sort());
      expect(Math.max(...slices.map(({ endpoints }) => endpoints?.length ?? 0))).toBeLessThanOrEqual(100);
      expect(slices.length).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});

it("plans nothing where nothing changed", () => {
  const groups = [
    group(
      80,
      Array.from({ length: 150 }, (_, at) => at),
    ),
  ];
  const slices = apply([], groups);
  expect(planSlices(service, "IPv4", groups, slices, seededRandom())).toEqual({
    create: [],
    update: [],
    remove: [],
  });
});
