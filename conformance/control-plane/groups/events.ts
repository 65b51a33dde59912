import { type Answer, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, like, same } from "../check.js";

const GROUP = "events.k8s.io/v1";
const CITE = `reference/kubernetes-api: ${GROUP} events; observed on a kube-apiserver 1.35: events`;
const AT = "2026-01-01T00:00:00.000000Z";
const COMPLETE = {
  eventTime: AT,
  type: "Normal",
  reason: "Started",
  action: "Start",
  note: "it runs",
  reportingController: "example.com/runner",
  reportingInstance: "runner-0",
  regarding: { apiVersion: "v1", kind: "Pod", name: "p", namespace: "elsewhere" },
};

type Row = readonly [name: string, fields: object, ...told: string[]];

const text = (length: number) => "x".repeat(length);
const immutable = (field: string, value: string) => `${field}: Invalid value: ${value}: field is immutable`;
const tooLong = (field: string, limit: number) =>
  `${field}: Invalid value: "": can have at most ${limit} characters`;
const NOT_OF_NAMESPACE = 'involvedObject.namespace: Invalid value: "": does not match event.namespace';

/** What is said of a complete event with other fields. */
const CREATED: readonly Row[] = [
  [
    "a time is required",
    { eventTime: undefined, regarding: undefined },
    NOT_OF_NAMESPACE,
    "eventTime: Required value",
  ],
  ["a type is one of two", { type: "Odd" }, 'type: Invalid value: "": has invalid value: Odd'],
  ["an instance is required", { reportingInstance: "" }, "reportingInstance: Required value"],
  ["an instance has 128 bytes", { reportingInstance: text(129) }, tooLong("reportingInstance", 128)],
  ["an action is required", { action: undefined }, "action: Required value"],
  ["an action has 128 bytes", { action: text(129) }, tooLong("action", 128)],
  ["a reason is required", { reason: "" }, "reason: Required value"],
  ["a reason has 128 bytes, not characters", { reason: "é".repeat(65) }, tooLong("reason", 128)],
  ["a note has 1024 bytes", { note: text(1025) }, tooLong("message", 1024)],
  [
    "a controller has a qualified name",
    { reportingController: text(64) },
    `reportingController: Invalid value: "${text(64)}": name part must be no more than 63 bytes`,
  ],
  [
    "a series has two of them and a time",
    { series: { count: 1 } },
    'series.count: Invalid value: "": should be at least 2',
    "series.lastObservedTime: Required value",
  ],
  [
    "what the core group had is left out",
    {
      deprecatedCount: 1,
      deprecatedFirstTimestamp: "2026-01-01T00:00:00Z",
      deprecatedLastTimestamp: "2026-01-01T00:00:00Z",
      deprecatedSource: { component: "kubelet" },
    },
    'firstTimestamp: Invalid value: "": needs to be unset',
    'lastTimestamp: Invalid value: "": needs to be unset',
    'count: Invalid value: "": needs to be unset',
    'source: Invalid value: "": needs to be unset',
  ],
  ["it is about something", { regarding: undefined }, NOT_OF_NAMESPACE],
];

/** What is said when a complete event is replaced by one with other fields. */
const UPDATED: readonly Row[] = [
  ["a reason stays", { reason: "Other" }, immutable("reason", '"Other"'), immutable("reason", '"Other"')],
  ["a note stays", { note: "other" }, immutable("message", '"other"')],
  ["a type stays", { type: "Odd" }, immutable("type", '"Odd"')],
  ["an action stays", { action: "Stop" }, immutable("action", '"Stop"')],
  [
    "who reports stays",
    { reportingController: "other", reportingInstance: "other-0" },
    immutable("reportingController", '"other"'),
    immutable("reportingInstance", '"other-0"'),
  ],
  [
    "a time stays",
    { eventTime: "2026-01-02T00:00:00.000000Z" },
    immutable("eventTime", '"2026-01-02T00:00:00.000000Z"'),
  ],
  [
    "what the core group had stays",
    { deprecatedCount: 2, deprecatedSource: { host: "a" } },
    immutable("source", '{"Component":"","Host":"a"}'),
    immutable("count", "2"),
  ],
  [
    "what it is about and related to stays",
    { regarding: { kind: "Pod", namespace: "other" }, related: { apiVersion: "v1", kind: "Pod", uid: "u" } },
    immutable(
      "involvedObject",
      '{"Kind":"Pod","Namespace":"other","Name":"","UID":"","APIVersion":"","ResourceVersion":"","FieldPath":""}',
    ),
    immutable(
      "related",
      '{"Kind":"Pod","Namespace":"","Name":"","UID":"u","APIVersion":"v1","ResourceVersion":"","FieldPath":""}',
    ),
  ],
  [
    "a series counts from two",
    { series: { count: 1, lastObservedTime: AT } },
    'series.count: Invalid value: "": should be at least 2',
  ],
];

function toldBy(answer: Answer): string[] {
  const causes: { field: string; message: string }[] = answers(answer, 422).details?.causes ?? [];
  return causes.map(({ field, message }) => `${field}: ${message}`);
}

export const eventChecks: readonly Check[] = [
  ...CREATED.map(([name, fields, ...told]) =>
    check(`events of ${GROUP} are created: ${name}`, CITE, async ({ api, path, name: own }) => {
      const answer = await api.post(path("events", GROUP), {
        ...COMPLETE,
        ...fields,
        metadata: { name: own },
      });
      same(toldBy(answer), told, "what is told");
    }),
  ),
  ...UPDATED.map(([name, fields, ...told]) =>
    check(`events of ${GROUP} are updated: ${name}`, CITE, async ({ api, path, name: own }) => {
      const event = { ...COMPLETE, metadata: { name: own } };
      answers(await api.post(path("events", GROUP), event), 201);
      const answer = await api.put(`${path("events", GROUP)}/${own}`, { ...event, ...fields });
      same(toldBy(answer), told, "what is told");
    }),
  ),
  check(`events of ${GROUP} are counted up and labelled`, CITE, async ({ api, path, name }) => {
    const at = `${path("events", GROUP)}/${name}`;
    answers(await api.put(at, { ...COMPLETE, metadata: { name } }), 201);
    const series = { count: 2, lastObservedTime: AT };
    const change = { metadata: { labels: { a: "b" } }, series };
    like(answers(await api.patch(at, MERGE_PATCH, change)), { ...change, note: "it runs" });
  }),
  check("an invalid event of either group is told to be of the core group", CITE, async ({ api, path }) => {
    const [given, about] = [{ metadata: { name: "a%b" } }, { involvedObject: { namespace: "" } }];
    for (const groupVersion of [GROUP, "v1"]) {
      const { message, details } = answers(
        await api.post(path("events", groupVersion), { ...given, ...about }),
        422,
      );
      same([details.kind, details.group], ["Event", undefined], groupVersion);
      like(message, /^Event "a%b" is invalid: /);
    }
  }),
  check("names of events are subdomains in the newer group alone", CITE, async ({ api, path, ns, name }) => {
    const metadata = { name: `${name}_A:b` };
    const [told = ""] = toldBy(await api.post(path("events", GROUP), { ...COMPLETE, metadata }));
    like(told, /^metadata\.name: Invalid value: "[^"]*": a lowercase RFC 1123 subdomain must consist of/);
    answers(await api.post(path("events"), { metadata, involvedObject: { namespace: ns } }), 201);
    answers(
      await api.patch(`${path("events", GROUP)}/${metadata.name}`, MERGE_PATCH, {
        metadata: { labels: { a: "b" } },
      }),
    );
  }),
  check("events of the core group change as they like", CITE, async ({ api, path, ns, name }) => {
    answers(await api.post(path("events", GROUP), { ...COMPLETE, metadata: { name } }), 201);
    const other = {
      metadata: { name },
      involvedObject: { namespace: ns },
      type: "Odd",
      series: { count: 1 },
    };
    like(answers(await api.put(`${path("events")}/${name}`, other)), { type: "Odd", eventTime: null });
    const far = { ...other, involvedObject: { namespace: "elsewhere" } };
    same(
      toldBy(await api.put(`${path("events")}/${name}`, far)),
      ['involvedObject.namespace: Invalid value: "elsewhere": does not match event.namespace'],
      "what is told",
    );
  }),
];
