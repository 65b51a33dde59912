import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIndexes, parseIndexes } from "../job/indexes.js";
import type { Pod } from "../model/pod.js";
import { byDeletionRank } from "./pod-ranking.js";
import { semanticEqual } from "./semantic-equal.js";
import { slowStart } from "./slow-start.js";
import { encodeHash, fnv1, fnv1a, templateHash } from "./template-hash.js";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("hashes", () => {
  it("are FNV with 32 bits in the safe alphabet", () => {
    expect(fnv1a(bytes(""))).toBe(2166136261);
    expect(fnv1a(bytes("a"))).toBe(0xe40c292c);
    expect(fnv1(bytes("a"))).toBe(0x050c5d7e);
    expect(encodeHash(2166136261)).toBe("65bb57b6b5");
  });

  it("depend on the collision count, not on the order of keys", () => {
    const template = { metadata: { labels: { a: "1", b: "2" } }, spec: { containers: [] } };
    const turned = { spec: { containers: [] }, metadata: { labels: { b: "2", a: "1" } } };
    expect(templateHash(template, undefined)).toBe(templateHash(turned, undefined));
    expect(templateHash(template, 1)).not.toBe(templateHash(template, undefined));
  });
});

describe("semanticEqual", () => {
  it.each<[unknown, unknown, boolean]>([
    [{ a: [] }, {}, true],
    [{ a: null, b: {} }, {}, true],
    [{ resources: { limits: { cpu: "1" } } }, { resources: { limits: { cpu: "1000m" } } }, true],
    [{ env: [{ name: "x", value: "1" }] }, { env: [{ name: "x", value: "1000m" }] }, false],
    [{ a: [1, 2] }, { a: [2, 1] }, false],
    [{ a: 0 }, {}, false],
  ])("%j and %j: %s", (a, b, equal) => {
    expect(semanticEqual(a, b)).toBe(equal);
  });
});

describe("indexes of Jobs", () => {
  it.each([
    [[0, 1, 2, 4, 5, 9], "0-2,4,5,9"],
    [[], ""],
    [[7], "7"],
  ])("%j is %j", (indexes, text) => {
    expect(formatIndexes(indexes)).toBe(text);
  });

  it("read back what was printed, without those beyond the limit", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200)), (indexes) => {
        const kept = indexes.filter((index) => index < 100).sort((a, b) => a - b);
        expect([...parseIndexes(formatIndexes(indexes), 100)]).toEqual(kept);
      }),
    );
    expect(parseIndexes("1,x,3-99999999", 5)).toEqual(new Set([1, 3, 4]));
  });
});

it("ranks pods for deletion", () => {
  const now = Date.UTC(2026, 0, 1);
  const pod = (
    name: string,
    fields: { node?: string; phase?: string; ready?: string; restarts?: number } = {},
  ): Pod => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, uid: name, creationTimestamp: "2025-12-01T00:00:00Z" },
    spec: { containers: [], ...(fields.node === "" ? {} : { nodeName: "n" }) },
    status: {
      phase: (fields.phase ?? "Running") as "Running",
      conditions:
        fields.ready === undefined
          ? []
          : [{ type: "Ready", status: "True", lastTransitionTime: fields.ready }],
      containerStatuses: [
        {
          name: "c",
          state: {},
          lastState: {},
          ready: true,
          restartCount: fields.restarts ?? 0,
          image: "",
          imageID: "",
        },
      ],
    },
  });
  const pods = [
    pod("steady", { ready: "2025-12-01T00:00:00Z" }),
    pod("restarted", { ready: "2025-12-01T00:00:00Z", restarts: 3 }),
    pod("fresh", { ready: "2025-12-31T23:59:00Z" }),
    pod("unready"),
    pod("pending", { phase: "Pending" }),
    pod("unassigned", { node: "", phase: "Pending" }),
  ];
  expect(pods.sort(byDeletionRank(now)).map(({ metadata }) => metadata.name)).toEqual([
    "unassigned",
    "pending",
    "unready",
    "fresh",
    "restarted",
    "steady",
  ]);
});

it("starts slowly and stops after the first batch that failed", async () => {
  const tried: number[] = [];
  const result = await slowStart([1, 2, 3, 4, 5, 6, 7], async (item) => {
    tried.push(item);
    if (item === 3) throw new Error("no");
    return item;
  });
  expect(tried).toEqual([1, 2, 3]);
  expect(result.done).toEqual([1, 2]);
  expect(result.failure).toEqual(new Error("no"));
});
