import { APPLY_PATCH, type Json, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same, type Trial } from "../check.js";
import { DEFINITIONS, type Defined, define, definitionBody } from "../definitions.js";
import { patchedWith, Webhook } from "../webhook.js";

const VERSIONS = "tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning";
const E2E = "a conformance test of Kubernetes: ";
const OWN = "observed on a kube-apiserver 1.35: crd";
const APPLY = "observed on a kube-apiserver 1.35: apply";

const text = { type: "string" };
const schemaOf = (properties: object) => ({
  openAPIV3Schema: {
    type: "object",
    properties: { spec: { type: "object", properties } },
  },
});

/** `v1` writes `host` and `port`; `v2` both in `address`. */
const converted = (object: Json, apiVersion: string): Json => {
  if (object.apiVersion === apiVersion) return object;
  const { host, port, address, ...spec } = object.spec ?? {};
  if (apiVersion.endsWith("/v2")) {
    const both = host === undefined && port === undefined ? {} : { address: `${host ?? ""}:${port ?? ""}` };
    return { ...object, apiVersion, spec: { ...spec, ...both } };
  }
  const [first, second] = (address ?? "").split(":");
  const parts = address === undefined ? {} : { host: first, port: second };
  return { ...object, apiVersion, spec: { ...spec, ...parts } };
};

const convertAll = (review: Json): Json => ({
  apiVersion: review.apiVersion,
  kind: review.kind,
  response: {
    uid: review.request.uid,
    result: { status: "Success" },
    convertedObjects: review.request.objects.map((each: Json) =>
      converted(each, review.request.desiredAPIVersion),
    ),
  },
});

const refusal = (review: Json): Json => ({
  apiVersion: review.apiVersion,
  kind: review.kind,
  response: { uid: review.request.uid, result: { status: "Failure", message: "no way" } },
});

const terminatingOf = ({ status }: Json): Json =>
  status.conditions.find(({ type }: Json) => type === "Terminating");

interface Converted extends Defined {
  readonly webhook: Webhook;
  at(version: string, name?: string): string;
}

/** A definition of two versions, `v1` stored, with a webhook between them. */
async function versioned(
  trial: Trial,
  answer: (review: Json) => Json = convertAll,
  more: Readonly<Record<string, object>> = {},
): Promise<Converted> {
  const webhook = await Webhook.start(answer);
  trial.after(() => webhook.close());
  const versions = [
    {
      name: "v1",
      served: true,
      storage: true,
      schema: schemaOf({ host: text, port: text, note: text }),
      ...more["v1"],
    },
    {
      name: "v2",
      served: true,
      storage: false,
      schema: schemaOf({ address: text, note: text }),
      ...more["v2"],
    },
  ];
  const conversion = {
    strategy: "Webhook",
    webhook: { clientConfig: webhook.clientConfig(), conversionReviewVersions: ["v1"] },
  };
  const defined = await define(trial, { versions, spec: { conversion } });
  const at = (version: string, name?: string) =>
    `${defined.collection(version)}${name === undefined ? "" : `/${name}`}`;
  return { ...defined, webhook, at };
}

const body = (
  { group, kind }: Defined,
  version: string,
  name: string,
  spec: object,
  metadata = {},
): Json => ({
  apiVersion: `${group}/${version}`,
  kind,
  metadata: { name, ...metadata },
  spec,
});

const fieldsOf = (object: Json): Json =>
  object.metadata.managedFields.map(({ time: _, ...each }: Json) => each);

export const conversionChecks: readonly Check[] = [
  check(
    "an object is read at the other version",
    `${E2E}CustomResourceConversionWebhook should be able to convert from CR v1 to CR v2`,
    async (trial) => {
      const things = await versioned(trial);
      answers(await trial.api.post(things.at("v1"), body(things, "v1", "a", { host: "h", port: "1" })), 201);
      like(answers(await trial.api.get(things.at("v2", "a"))), {
        apiVersion: `${things.group}/v2`,
        spec: { address: "h:1", host: undefined },
      });
    },
  ),
  check(
    "a list holds objects written at either version",
    `${E2E}CustomResourceConversionWebhook should be able to convert a non homogeneous list of CRs`,
    async (trial) => {
      const things = await versioned(trial);
      answers(await trial.api.post(things.at("v1"), body(things, "v1", "a", { host: "h", port: "1" })), 201);
      answers(await trial.api.post(things.at("v2"), body(things, "v2", "b", { address: "i:2" })), 201);
      const specs = async (version: string) =>
        answers(await trial.api.get(things.at(version))).items.map(({ spec }: Json) => spec);
      same(await specs("v1"), [
        { host: "h", port: "1" },
        { host: "i", port: "2" },
      ]);
      same(await specs("v2"), [{ address: "h:1" }, { address: "i:2" }]);
    },
  ),
  check(
    "objects stored at either version are read at both",
    `${E2E}AdmissionWebhook should be able to mutate custom resource with different stored version`,
    async (trial) => {
      const { api } = trial;
      const things = await versioned(trial);
      answers(await api.post(things.at("v1"), body(things, "v1", "a", { host: "h", port: "1" })), 201);
      const definition = answers(await api.get(things.definition));
      for (const each of definition.spec.versions) each.storage = each.name === "v2";
      answers(await api.put(things.definition, definition));
      await eventually(async () => {
        const { status } = answers(await api.get(things.definition));
        same(status.storedVersions, ["v1", "v2"], "the stored versions");
      });
      answers(await api.post(things.at("v1"), body(things, "v1", "b", { host: "i", port: "2" })), 201);
      like(answers(await api.patch(things.at("v2", "a"), MERGE_PATCH, { spec: { address: "j:3" } })), {
        spec: { address: "j:3" },
      });
      like(answers(await api.get(things.at("v1", "a"))).spec, { host: "j", port: "3" });
      like(answers(await api.get(things.at("v2", "b"))).spec, { address: "i:2" });
    },
  ),
  check("a watch sees objects at its version", `${VERSIONS}: Webhook conversion`, async (trial) => {
    const things = await versioned(trial);
    const stream = await trial.api.watch(`${things.at("v2")}?watch=true`);
    trial.after(() => stream.close());
    answers(await trial.api.post(things.at("v1"), body(things, "v1", "a", { host: "h", port: "1" })), 201);
    like((await stream.take(1))[0], {
      type: "ADDED",
      object: { apiVersion: `${things.group}/v2`, spec: { address: "h:1" } },
    });
  }),
  check(
    "field selectors work at both versions",
    `${E2E}CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector`,
    async (trial) => {
      const things = await versioned(trial, convertAll, {
        v1: { selectableFields: [{ jsonPath: ".spec.note" }, { jsonPath: ".spec.host" }] },
        v2: { selectableFields: [{ jsonPath: ".spec.note" }, { jsonPath: ".spec.address" }] },
      });
      for (const [name, note] of [
        ["a", "x"],
        ["b", "y"],
        ["c", "x"],
      ] as const) {
        answers(await trial.api.post(things.at("v1"), body(things, "v1", name, { host: "h", note })), 201);
      }
      for (const version of ["v1", "v2"]) {
        const { items } = answers(await trial.api.get(`${things.at(version)}?fieldSelector=spec.note%3Dx`));
        same(
          items.map(({ metadata }: Json) => metadata.name),
          ["a", "c"],
          `the names at ${version}`,
        );
      }
      const { items } = answers(await trial.api.get(`${things.at("v2")}?fieldSelector=spec.address%3Dh:`));
      same(items.length, 3, "the number of those with the address");
    },
  ),
  check("selectable fields that versions share need a schema that they share", OWN, async (trial) => {
    const selectableFields = [{ jsonPath: ".spec.note" }];
    const versions = [
      { name: "v1", served: true, storage: true, schema: schemaOf({ note: text }), selectableFields },
      {
        name: "v2",
        served: true,
        storage: false,
        schema: schemaOf({ note: text, a: text }),
        selectableFields,
      },
    ];
    refuses(
      await trial.api.post(DEFINITIONS, definitionBody(trial, { versions })),
      422,
      'spec.selectableFields: Invalid value: "": may only be set when validations.schema is included',
    );
  }),
  check(
    "a review names the version wanted, and objects as they are stored",
    `${VERSIONS}: Webhook request and response`,
    async (trial) => {
      const things = await versioned(trial);
      answers(await trial.api.post(things.at("v1"), body(things, "v1", "a", { host: "h", port: "1" })), 201);
      answers(await trial.api.get(things.at("v2", "a")));
      const review = things.webhook.calls.at(-1);
      like(review, {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "ConversionReview",
        request: {
          uid: /./,
          desiredAPIVersion: `${things.group}/v2`,
          objects: [{ apiVersion: `${things.group}/v1`, metadata: { name: "a", uid: /./ } }],
        },
      });
    },
  ),
  check(
    "a webhook that fails is told, and stored objects stay readable at their version",
    OWN,
    async (trial) => {
      let broken = false;
      const things = await versioned(trial, (review) => (broken ? refusal(review) : convertAll(review)));
      answers(await trial.api.post(things.at("v1"), body(things, "v1", "a", { host: "h", port: "1" })), 201);
      broken = true;
      answers(await trial.api.patch(things.at("v1", "a"), MERGE_PATCH, { spec: { host: "k" } }));
      refuses(
        await trial.api.get(things.at("v2", "a")),
        500,
        `conversion webhook for ${things.group}/v1, Kind=${things.kind} failed: no way`,
      );
      answers(await trial.api.get(things.at("v1", "a")));
    },
  ),
  check("a webhook may not change whose object it is", OWN, async (trial) => {
    const things = await versioned(trial, (review) => {
      const answer = convertAll(review);
      for (const each of answer.response.convertedObjects)
        each.metadata = { ...each.metadata, name: "other" };
      return answer;
    });
    answers(await trial.api.post(things.at("v1"), body(things, "v1", "a", { host: "h", port: "1" })), 201);
    refuses(await trial.api.get(things.at("v2", "a")), 500, "must have the same name");
  }),
  check("a webhook may change labels and annotations", `${VERSIONS}: Response`, async (trial) => {
    const things = await versioned(trial, (review) => {
      const answer = convertAll(review);
      for (const each of answer.response.convertedObjects)
        each.metadata = { ...each.metadata, labels: { converted: "yes" }, generation: 99 };
      return answer;
    });
    answers(await trial.api.post(things.at("v1"), body(things, "v1", "a", { host: "h", port: "1" })), 201);
    like(answers(await trial.api.get(things.at("v2", "a"))).metadata, {
      labels: { converted: "yes" },
      generation: 1,
    });
  }),
  check("managers keep the version in which they wrote", APPLY, async (trial) => {
    const { api } = trial;
    const things = await versioned(trial);
    const query = (manager: string) => `?fieldManager=${manager}`;
    answers(
      await api.patch(
        `${things.at("v1", "a")}${query("one")}`,
        APPLY_PATCH,
        body(things, "v1", "a", { host: "h", port: "1" }),
      ),
      201,
    );
    const both = answers(
      await api.patch(
        `${things.at("v2", "a")}${query("two")}`,
        APPLY_PATCH,
        body(things, "v2", "a", { note: "n" }),
      ),
    );
    const owned = (manager: string, version: string, spec: object) => ({
      manager,
      operation: "Apply",
      apiVersion: `${things.group}/${version}`,
      fieldsType: "FieldsV1",
      fieldsV1: { "f:spec": spec },
    });
    same(fieldsOf(both), [
      owned("one", "v1", { "f:host": {}, "f:port": {} }),
      owned("two", "v2", { "f:note": {} }),
    ]);
    const conflict = await api.patch(
      `${things.at("v2", "a")}${query("two")}`,
      APPLY_PATCH,
      body(things, "v2", "a", { note: "n", address: "z:9" }),
    );
    holds([200, 409].includes(conflict.code), `the code is ${conflict.code}`);
  }),
  check("a manager that applies at another version moves to it", APPLY, async (trial) => {
    const { api } = trial;
    const things = await versioned(trial);
    const one = "?fieldManager=one";
    const first = body(things, "v1", "a", { host: "h", port: "1", note: "n" });
    answers(await api.patch(`${things.at("v1", "a")}${one}`, APPLY_PATCH, first), 201);
    const moved = answers(
      await api.patch(
        `${things.at("v2", "a")}${one}`,
        APPLY_PATCH,
        body(things, "v2", "a", { address: "h:1" }),
      ),
    );
    same(fieldsOf(moved), [
      {
        manager: "one",
        operation: "Apply",
        apiVersion: `${things.group}/v2`,
        fieldsType: "FieldsV1",
        fieldsV1: { "f:spec": { "f:address": {} } },
      },
    ]);
    same(moved.spec, { address: "h:1" }, "the spec, without what is no longer applied");
  }),
  check("a patched admission result is converted to be stored", OWN, async (trial) => {
    const { api } = trial;
    const things = await versioned(trial);
    const hook = await Webhook.start((review) =>
      patchedWith(review, [{ op: "add", path: "/spec/note", value: review.request.object.apiVersion }]),
    );
    trial.after(() => hook.close());
    const at = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    const rules = [
      { operations: ["CREATE"], apiGroups: [things.group], apiVersions: ["v2"], resources: [things.plural] },
    ];
    const webhook = {
      name: `${trial.name}.example.com`,
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      clientConfig: hook.clientConfig(),
      matchPolicy: "Equivalent",
      rules,
    };
    answers(await api.post(at, { metadata: { name: trial.name }, webhooks: [webhook] }), 201);
    trial.after(() => api.delete(`${at}/${trial.name}`));
    await eventually(async () => {
      await api.post(`${things.at("v1")}?dryRun=All`, body(things, "v1", "probe", { host: "h" }));
      holds(hook.calls.length > 0, "the webhook is asked");
    });
    const created = await api.post(things.at("v1"), body(things, "v1", "a", { host: "h", port: "1" }));
    like(answers(created, 201), {
      apiVersion: `${things.group}/v1`,
      spec: { host: "h", port: "1", note: `${things.group}/v2` },
    });
  }),
  check(
    "a definition whose objects nobody converts tells so, and goes once they need it no more",
    OWN,
    async (trial) => {
      const { api } = trial;
      let broken = false;
      const things = await versioned(trial, (review) => (broken ? refusal(review) : convertAll(review)));
      answers(await api.post(things.at("v1"), body(things, "v1", "a", { host: "h", port: "1" })), 201);
      const { versions } = answers(await api.get(things.definition)).spec;
      const switched = versions.map((each: Json) => ({ ...each, storage: each.name === "v2" }));
      broken = true;
      answers(await api.patch(things.definition, MERGE_PATCH, { spec: { versions: switched } }));
      await eventually(async () => holds((await api.get(things.at("v2"))).code !== 200, "nobody converts"));
      like(terminatingOf(answers(await api.delete(things.definition))), {
        reason: "InstanceDeletionPending",
      });
      await eventually(async () =>
        like(terminatingOf(answers(await api.get(things.definition))), {
          status: "True",
          reason: "InstanceDeletionFailed",
          message: /^could not list instances: .*conversion webhook for [^ ]+\/v1, Kind=\w+ failed: no way$/,
        }),
      );
      const conversion = { strategy: "None", webhook: null };
      answers(await api.patch(things.definition, MERGE_PATCH, { spec: { conversion } }));
      await eventually(async () => answers(await api.get(things.definition), 404), 45_000);
    },
  ),
  check(
    "a namespace with objects that nobody converts tells so, and goes once they are converted",
    "observed on a namespace controller of Kubernetes 1.35",
    async (trial) => {
      const { api, name } = trial;
      let broken = false;
      const things = await versioned(trial, (review) => (broken ? refusal(review) : convertAll(review)));
      const at = `/api/v1/namespaces/${name}`;
      answers(await api.post("/api/v1/namespaces", { metadata: { name } }), 201);
      const path = things.at("v1").replace(`/namespaces/${trial.ns}/`, `/namespaces/${name}/`);
      answers(await api.post(path, body(things, "v1", "a", { host: "h", port: "1" })), 201);
      broken = true;
      answers(await api.delete(at));
      await eventually(async () => {
        const { conditions = [] } = answers(await api.get(at)).status;
        like(
          conditions.find(({ type }: Json) => type === "NamespaceDeletionContentFailure"),
          {
            status: "True",
            reason: "ContentDeletionFailed",
            message: `Failed to delete all resource types, 1 remaining: conversion webhook for ${things.group}/v1, Kind=${things.kind} failed: no way`,
          },
        );
      }, 25_000);
      broken = false;
      await eventually(async () => answers(await api.get(at), 404), 40_000);
    },
    "controllers",
  ),
];
