import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { createClient } from "../client/create-client.js";
import { silentLogger } from "../logger.js";
import { EVENTS, FakeApi } from "../testing/fake-api.js";
import { FakeClock } from "../testing/fake-clock.js";
import { createEventRecorder, type RecordedEvent } from "./event-recorder.js";

const OBJECT: KubeObject = {
  apiVersion: "example.dev/v1",
  kind: "Widget",
  metadata: { name: "one", namespace: "n", uid: "u1", resourceVersion: "5" },
};

function setUp() {
  const api = new FakeApi();
  const clock = new FakeClock();
  const told: RecordedEvent[] = [];
  const recorder = createEventRecorder({
    writer: createClient(api),
    clock,
    logger: silentLogger,
    component: "widgets",
    instance: "pod-1",
    onEvent: (event) => told.push(event),
  });
  return { api, clock, recorder, told };
}

describe("createEventRecorder", () => {
  it("writes what kubectl shows", async () => {
    const { api, recorder } = setUp();
    recorder.warning(OBJECT, "Failed", "it broke", { "example.dev/revision": "main" });
    await recorder.flush();
    expect(api.objects(EVENTS)).toMatchObject([
      {
        metadata: { namespace: "n", annotations: { "example.dev/revision": "main" } },
        involvedObject: { kind: "Widget", name: "one", namespace: "n", uid: "u1", resourceVersion: "5" },
        type: "Warning",
        reason: "Failed",
        message: "it broke",
        count: 1,
        source: { component: "widgets" },
        reportingComponent: "widgets",
        reportingInstance: "pod-1",
        firstTimestamp: "2026-01-01T00:00:00Z",
      },
    ]);
    expect(api.objects(EVENTS)[0]?.metadata.name).toMatch(/^one\.[0-9a-f]+$/);
  });

  it("counts what repeats instead of writing it again", async () => {
    const { api, clock, recorder } = setUp();
    recorder.normal(OBJECT, "Done", "fine");
    await recorder.flush();
    await clock.advance(60_000);
    recorder.normal(OBJECT, "Done", "fine");
    await recorder.flush();
    expect(api.objects(EVENTS)).toMatchObject([{ count: 2, lastTimestamp: "2026-01-01T00:01:00Z" }]);
  });

  it("loses nothing that two components tell of an object at the same moment", async () => {
    const { api, clock, recorder } = setUp();
    const writer = createClient(api);
    const options = { writer, clock, logger: silentLogger, instance: "pod-1" };
    const other = createEventRecorder({ ...options, component: "gadgets" });
    recorder.normal(OBJECT, "Done", "one");
    other.normal(OBJECT, "Done", "two");
    other.normal(OBJECT, "Done", "three");
    await Promise.all([recorder.flush(), other.flush()]);
    const told = api.objects(EVENTS).map((event) => `${event["reportingComponent"]}: ${event["message"]}`);
    expect(told.sort()).toEqual(["gadgets: three", "gadgets: two", "widgets: one"]);
    other.normal(OBJECT, "Done", "two");
    await other.flush();
    expect(api.objects(EVENTS).find((event) => event["message"] === "two")).toMatchObject({ count: 2 });
  });

  it("notifies nobody of a trace", async () => {
    const { api, recorder, told } = setUp();
    recorder.trace(OBJECT, "UpToDate", "nothing new");
    await recorder.flush();
    expect(told).toEqual([]);
    expect(api.objects(EVENTS)).toMatchObject([{ type: "Normal", reason: "UpToDate" }]);
  });

  it("joins what differs only in its message, once there is too much of it", async () => {
    const { api, recorder } = setUp();
    for (let index = 0; index < 15; index++) recorder.normal(OBJECT, "Done", `run ${index}`);
    await recorder.flush();
    const messages = api.objects(EVENTS).map((event) => String(event["message"]));
    expect(messages).toContain("run 9");
    expect(messages).toContain("(combined from similar events): run 14");
  });

  it("limits what one object may say, and no other", async () => {
    const { api, recorder } = setUp();
    const other = { ...OBJECT, metadata: { ...OBJECT.metadata, name: "two", uid: "u2" } };
    for (let index = 0; index < 100; index++) recorder.normal(OBJECT, `Reason${index}`, "x");
    recorder.normal(other, "Done", "x");
    await recorder.flush();
    const names = api.objects(EVENTS).map((event) => (event["involvedObject"] as { name: string }).name);
    expect(names.filter((name) => name === "one")).toHaveLength(25);
    expect(names).toContain("two");
  });

  it("tells the hook everything, also what is not written", async () => {
    const { api, recorder, told } = setUp();
    recorder.record(OBJECT, { type: "Normal", reason: "Done", message: "quiet", hookOnly: true });
    await recorder.flush();
    expect(told).toMatchObject([
      { reason: "Done", message: "quiet", object: OBJECT, reportingController: "widgets" },
    ]);
    expect(api.objects(EVENTS)).toEqual([]);
  });

  it("never fails what it tells of", async () => {
    const { api, recorder } = setUp();
    api.intercept = () => ({ status: 500, warnings: [], body: "down" });
    recorder.normal(OBJECT, "Done", "fine");
    await expect(recorder.flush()).resolves.toBeUndefined();
  });
});
