import type { ApiRequest, StatusCause } from "@capstan/kube";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestControlPlane, testControlPlane } from "../../testing/test-control-plane.js";

const AT = "2026-01-01T00:00:00.000000Z";
const COMPLETE = {
  eventTime: AT,
  type: "Normal",
  reason: "Started",
  action: "Start",
  note: "it runs",
  reportingController: "example.com/runner",
  reportingInstance: "runner-0",
  regarding: { apiVersion: "v1", kind: "Pod", name: "p", namespace: "own" },
};
const GROUP = "/apis/events.k8s.io/v1/namespaces/own/events";
const CORE = "/api/v1/namespaces/own/events";
/** As a Pod of the same namespace caused it, and no more. */
const PLAIN = { involvedObject: { kind: "Pod", name: "p", namespace: "own" } };

let plane: TestControlPlane;

beforeAll(async () => {
  plane = await testControlPlane();
  await send("POST", "/api/v1/namespaces", { metadata: { name: "own" } });
});
afterAll(() => plane.close());

function send(method: ApiRequest["method"], path: string, body: unknown, contentType = "application/json") {
  return plane.transport().request({ method, path, body, contentType });
}

interface Refusal {
  readonly message: string;
  readonly details: { readonly group?: string; readonly causes: readonly StatusCause[] };
}

/** The causes that a write is refused with, one line each; empty where it is let in. */
async function refusals(method: ApiRequest["method"], path: string, body: unknown, contentType?: string) {
  const answer = await send(method, path, body, contentType);
  if (answer.status < 300) return [];
  const { details } = answer.body as Refusal;
  expect(answer.status).toBe(422);
  return details.causes.map(({ field, message }) => `${field}: ${message}`);
}

const text = (length: number) => "x".repeat(length);
const named = (name: string, fields: object) => ({ ...COMPLETE, ...fields, metadata: { name } });

describe("an event of events.k8s.io/v1 is created", () => {
  test.each<[string, object, ...string[]]>([
    ["complete", {}],
    ["without a time", { eventTime: null }, "eventTime: Required value"],
    ["of another type", { type: "Odd" }, 'type: Invalid value: "": has invalid value: Odd'],
    ["of no type", { type: undefined }, 'type: Invalid value: "": has invalid value: '],
    ["without an instance", { reportingInstance: "" }, "reportingInstance: Required value"],
    ["without an action", { action: undefined }, "action: Required value"],
    ["without a reason", { reason: undefined }, "reason: Required value"],
    ["with a reason of 128 bytes", { reason: text(128) }],
    [
      "with a reason of more bytes",
      { reason: "é".repeat(65) },
      'reason: Invalid value: "": can have at most 128 characters',
    ],
    [
      "with a long note",
      { note: text(1025) },
      'message: Invalid value: "": can have at most 1024 characters',
    ],
    [
      "as the first of a series",
      { series: { count: 1 } },
      'series.count: Invalid value: "": should be at least 2',
      "series.lastObservedTime: Required value",
    ],
    ["as the second of a series", { series: { count: 2, lastObservedTime: AT } }],
    [
      "with what the old group had",
      {
        deprecatedCount: 1,
        deprecatedFirstTimestamp: "2026-01-01T00:00:00Z",
        deprecatedLastTimestamp: "2026-01-01T00:00:00Z",
        deprecatedSource: { host: "a" },
      },
      'firstTimestamp: Invalid value: "": needs to be unset',
      'lastTimestamp: Invalid value: "": needs to be unset',
      'count: Invalid value: "": needs to be unset',
      'source: Invalid value: "": needs to be unset',
    ],
    ["with the old group's fields empty", { deprecatedCount: 0, deprecatedSource: {} }],
    [
      "of nothing",
      { regarding: undefined },
      'involvedObject.namespace: Invalid value: "": does not match event.namespace',
    ],
    ["of an object in another namespace", { regarding: { kind: "Pod", name: "p", namespace: "default" } }],
    [
      "of an object in another namespace, without a time",
      { eventTime: undefined, regarding: { kind: "Pod", name: "p", namespace: "default" } },
      'involvedObject.namespace: Invalid value: "default": does not match event.namespace',
      "eventTime: Required value",
    ],
  ])("%s", async (name, fields, ...told) => {
    const event = named(name.replaceAll(/[^a-z0-9]+/g, "-"), fields);
    expect(await refusals("POST", GROUP, event)).toEqual(told);
  });

  test("by a controller with a qualified name", async () => {
    const [required, ...more] = await refusals("POST", GROUP, named("c", { reportingController: "" }));
    expect(required).toBe("reportingController: Required value");
    expect(more).toHaveLength(2);
  });

  test("with a name that is a subdomain, and invalid ones are told without the group", async () => {
    const { status, body } = await send("POST", GROUP, named("A:b", {}));
    expect(status).toBe(422);
    const { message, details } = body as Refusal;
    expect(message).toMatch(
      /^Event "A:b" is invalid: metadata\.name: Invalid value: "A:b": a lowercase RFC 1123/,
    );
    expect(details.group).toBeUndefined();
  });

  test("by a PUT as well", async () => {
    expect((await send("PUT", `${GROUP}/put`, named("put", {}))).status).toBe(201);
  });
});

describe("an event of events.k8s.io/v1 is updated", () => {
  beforeAll(() => send("POST", GROUP, named("kept", {})));
  const kept = (fields: object) => refusals("PUT", `${GROUP}/kept`, named("kept", fields));
  const immutable = (field: string, value: string) => `${field}: Invalid value: ${value}: field is immutable`;

  test.each<[string, object, ...string[]]>([
    ["nothing", {}],
    ["its reason", { reason: "Other" }, immutable("reason", '"Other"'), immutable("reason", '"Other"')],
    ["its note", { note: "other" }, immutable("message", '"other"')],
    ["its type", { type: "Odd" }, immutable("type", '"Odd"')],
    ["its time", { eventTime: undefined }, immutable("eventTime", "null")],
    ["its count", { deprecatedCount: 2 }, immutable("count", "2")],
    ["its source", { deprecatedSource: { host: "a" } }, immutable("source", '{"Component":"","Host":"a"}')],
    [
      "what it is related to",
      { related: { apiVersion: "v1", kind: "Pod", uid: "u" } },
      immutable(
        "related",
        '{"Kind":"Pod","Namespace":"","Name":"","UID":"u","APIVersion":"v1","ResourceVersion":"","FieldPath":""}',
      ),
    ],
    ["its series", { series: { count: 2, lastObservedTime: AT } }],
    [
      "its series to one",
      { series: { count: 1, lastObservedTime: AT } },
      'series.count: Invalid value: "": should be at least 2',
    ],
  ])("%s", async (_, fields, ...told) => expect(await kept(fields)).toEqual(told));

  test("where the core group let in a name and a series of others, which then stay", async () => {
    const event = { ...PLAIN, metadata: { name: "A:b" }, series: { count: 1 }, count: 3 };
    expect(await refusals("POST", CORE, event)).toEqual([]);
    const patch = (body: object) => refusals("PATCH", `${GROUP}/A:b`, body, "application/merge-patch+json");
    expect(await patch({ metadata: { labels: { a: "b" } } })).toEqual([]);
    expect(await patch({ deprecatedCount: 4 })).toEqual([immutable("count", "4")]);
  });
});

describe("an event of the core group", () => {
  test.each<[string, object, ...string[]]>([
    ["needs no type and no time", { ...PLAIN, type: "Odd", series: { count: 0 } }],
    [
      "is kept with the object it is about",
      { involvedObject: { namespace: "default" } },
      'involvedObject.namespace: Invalid value: "default": does not match event.namespace',
    ],
    [
      "is about one of any namespace once it has a time",
      {
        involvedObject: { namespace: "default" },
        eventTime: AT,
        reportingComponent: "runner",
        reportingInstance: "runner-0",
        action: "Start",
        reason: "Started",
      },
    ],
  ])("%s", async (name, event, ...told) => {
    const metadata = { name: name.replaceAll(" ", "-") };
    expect(await refusals("POST", CORE, { metadata, ...event })).toEqual(told);
  });

  test("may be called anything that fits into a path", async () => {
    expect(await refusals("POST", CORE, { ...PLAIN, metadata: { name: "B_c:d" } })).toEqual([]);
    expect(await refusals("POST", CORE, { ...PLAIN, metadata: { name: "a%b" } })).toEqual([
      `metadata.name: Invalid value: "a%b": may not contain '%'`,
    ]);
  });

  test("is replaced by anything", async () => {
    await send("POST", GROUP, named("replaced", {}));
    expect(await refusals("PUT", `${CORE}/replaced`, { ...PLAIN, metadata: { name: "replaced" } })).toEqual(
      [],
    );
  });
});
