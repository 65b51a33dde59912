import { ApiError, type KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { RbacAuthorizer } from "../authorization/rbac-authorizer.js";
import { genericKind } from "../registry/generic-kind.js";
import type { AdmissionRequest } from "../registry/ports.js";
import { MutatingWebhookAdmission, ValidatingWebhookAdmission } from "./webhook-admission.js";
import type { WebhookRequest } from "./webhook-call.js";

const kind = genericKind({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  resource: "configmaps",
  namespaced: true,
});
const object: KubeObject = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "c", namespace: "ns" },
  data: { a: "1" },
};
const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }];
const hook = (name: string, rest: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  rules,
  clientConfig: { service: { namespace: "sys", name, path: "/check" } },
  admissionReviewVersions: ["v1"],
  sideEffects: "None",
  timeoutSeconds: 3,
  ...rest,
});

type Answer = Record<string, unknown> | Error;

function setUp(
  hooks: Record<string, unknown>[],
  answer: (name: string, review: { request: Record<string, unknown> }) => Answer,
) {
  const calls: WebhookRequest[] = [];
  const warnings: string[] = [];
  const configuration: KubeObject = { apiVersion: "a", kind: "W", metadata: { name: "w" }, webhooks: hooks };
  const parts = {
    state: { get: () => undefined, list: () => [configuration] },
    authorizer: new RbacAuthorizer(),
    versions: () => [],
    random: { float: () => 0, bytes: (length: number) => new Uint8Array(length) },
    call: async (request: WebhookRequest) => {
      calls.push(request);
      const review = JSON.parse(request.body) as { request: Record<string, unknown> };
      const response = answer(/https:\/\/(\w+)\./.exec(request.url)?.[1] ?? "", review);
      if (response instanceof Error) throw response;
      const body = {
        apiVersion: "admission.k8s.io/v1",
        kind: "AdmissionReview",
        response: { uid: review.request["uid"], ...response },
      };
      return { status: 200, body: JSON.stringify(body) };
    },
  };
  const request: AdmissionRequest = {
    operation: "CREATE",
    kind,
    subresource: undefined,
    namespace: "ns",
    name: "c",
    object,
    oldObject: undefined,
    options: {},
    dryRun: false,
    user: { name: "u", groups: ["g"] },
    warn: (text) => warnings.push(text),
  };
  return { parts, request, calls, warnings };
}

async function refusal(run: () => unknown): Promise<[number, string]> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ApiError) return [error.code, error.message];
    throw error;
  }
  return [200, ""];
}

const patch = (operations: unknown): Record<string, unknown> => ({
  allowed: true,
  patchType: "JSONPatch",
  patch: Buffer.from(JSON.stringify(operations)).toString("base64"),
});

/** A request that collects what is said of it to the audit log. */
function noted(request: AdmissionRequest) {
  const notes: Record<string, unknown> = {};
  const annotate = (key: string, value: string) => {
    notes[key] = value.startsWith("{") ? JSON.parse(value) : value;
  };
  return { notes, request: { ...request, annotate } };
}

describe("what is said to the audit log", () => {
  it("is what webhooks say, what they changed, which denied and which failed", async () => {
    const change = [{ op: "add", path: "/data/b", value: "2" }];
    const { parts, request } = setUp(
      [hook("one"), hook("two"), hook("three", { failurePolicy: "Ignore" }), hook("four")],
      (name) => {
        if (name === "one") return { ...patch(change), auditAnnotations: { why: "because" } };
        if (name === "three") return new Error("refused");
        return { allowed: name !== "four" };
      },
    );
    const { notes, request: asked } = noted(request);
    expect((await refusal(() => new MutatingWebhookAdmission(parts).mutate(asked)))[0]).toBe(400);
    const of = (webhook: string) => ({ configuration: "w", webhook });
    expect(notes).toEqual({
      "one/why": "because",
      "mutation.webhook.admission.k8s.io/round_0_index_0": { ...of("one"), mutated: true },
      "patch.webhook.admission.k8s.io/round_0_index_0": {
        ...of("one"),
        patch: change,
        patchType: "JSONPatch",
      },
      "mutation.webhook.admission.k8s.io/round_0_index_1": { ...of("two"), mutated: false },
      "failed-open.mutation.webhook.admission.k8s.io/round_0_index_2": "three",
      "mutation.webhook.admission.k8s.io/round_0_index_2": { ...of("three"), mutated: false },
      "mutation.webhook.admission.k8s.io/round_0_index_3": { ...of("four"), mutated: false },
    });
  });

  it("is of validating webhooks what they say, and which failed", async () => {
    const { parts, request } = setUp([hook("one"), hook("two", { failurePolicy: "Ignore" })], (name) =>
      name === "two" ? new Error("refused") : { allowed: true, auditAnnotations: { why: "because" } },
    );
    const { notes, request: asked } = noted(request);
    await new ValidatingWebhookAdmission(parts).validate(asked);
    expect(notes).toEqual({
      "one/why": "because",
      "failed-open.validating.webhook.admission.k8s.io/round_0_index_1": "two",
    });
  });
});

describe("MutatingWebhookAdmission", () => {
  it("shows each webhook what the one before made of the object, and the first again what came after", async () => {
    const seen: unknown[] = [];
    const { parts, request } = setUp(
      [hook("one", { reinvocationPolicy: "IfNeeded" }), hook("two")],
      (name, review) => {
        seen.push([name, (review.request["object"] as KubeObject)["data"]]);
        return name === "two" ? patch([{ op: "add", path: "/data/b", value: "2" }]) : { allowed: true };
      },
    );
    const result = await new MutatingWebhookAdmission(parts).mutate(request);
    expect(result?.["data"]).toEqual({ a: "1", b: "2" });
    expect(seen).toEqual([
      ["one", { a: "1" }],
      ["two", { a: "1" }],
      ["one", { a: "1", b: "2" }],
    ]);
  });

  it("sends the review to the service, and does not wait where nothing matches", async () => {
    const { parts, request, calls } = setUp([hook("one")], () => ({ allowed: true }));
    await new MutatingWebhookAdmission(parts).mutate(request);
    expect(calls[0]).toMatchObject({ url: "https://one.sys.svc:443/check?timeout=3s", timeoutMs: 3_000 });
    expect(JSON.parse(calls[0]?.body ?? "")).toMatchObject({
      kind: "AdmissionReview",
      request: {
        operation: "CREATE",
        name: "c",
        namespace: "ns",
        userInfo: { username: "u", groups: ["g"] },
        dryRun: false,
        object,
      },
    });
    const other = { ...request, operation: "DELETE" as const };
    expect(new MutatingWebhookAdmission(parts).mutate(other)).toBe(object);
  });
});

describe("ValidatingWebhookAdmission", () => {
  const judge = (
    hooks: Record<string, unknown>[],
    answer: Answer,
    change: Partial<AdmissionRequest> = {},
  ) => {
    const { parts, request, warnings } = setUp(hooks, () => answer);
    return refusal(() => new ValidatingWebhookAdmission(parts).validate({ ...request, ...change })).then(
      (result) => [...result, warnings],
    );
  };

  it("denies in the words of the webhook and passes its warnings on", async () => {
    expect(
      await judge([hook("one")], {
        allowed: false,
        status: { message: "no", code: 403 },
        warnings: ["careful"],
      }),
    ).toEqual([403, 'admission webhook "one" denied the request: no', ["careful"]]);
    expect(await judge([hook("one")], { allowed: false })).toEqual([
      400,
      'admission webhook "one" denied the request without explanation',
      [],
    ]);
    expect(await judge([hook("one")], { allowed: true })).toEqual([200, "", []]);
  });

  it("follows the failure policy where no answer comes", async () => {
    const failed = new Error("context deadline exceeded");
    expect(await judge([hook("one")], failed)).toEqual([
      500,
      'Internal error occurred: failed calling webhook "one": failed to call webhook: Post "https://one.sys.svc:443/check?timeout=3s": context deadline exceeded',
      [],
    ]);
    expect(await judge([hook("one", { failurePolicy: "Ignore" })], failed)).toEqual([200, "", []]);
    expect((await judge([hook("one")], { allowed: true, uid: "other" }))[1]).toContain(
      "received invalid webhook response: expected response.uid=",
    );
    expect((await judge([hook("one")], patch([])))[1]).toContain("may not contain patch or patchType");
  });

  it("refuses dry runs of webhooks with side effects", async () => {
    expect(await judge([hook("one", { sideEffects: "Some" })], { allowed: true }, { dryRun: true })).toEqual([
      400,
      'admission webhook "one" does not support dry run',
      [],
    ]);
  });

  it("asks only webhooks whose conditions hold", async () => {
    const matchConditions = [{ name: "m", expression: "request.userInfo.username == 'somebody'" }];
    expect(await judge([hook("one", { matchConditions })], { allowed: false })).toEqual([200, "", []]);
  });
});
