import { MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same, type Trial } from "../check.js";
import { DEFINITIONS, define, definitionBody, established } from "../definitions.js";
import { succeeded } from "../tools.js";

const CRD = "tasks/extend-kubernetes/custom-resources/custom-resource-definitions";

const E2E = "a conformance test of Kubernetes: ";

const OWN = "observed on a kube-apiserver 1.35: crd";

/** A definition of which `spec` has this schema. */
const withSpec = (trial: Trial, spec: object, version: object = {}) =>
  define(trial, {
    schema: {
      type: "object",
      properties: { spec, status: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
    },
    version,
  });

const text = { type: "string" };

const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });

const objects: readonly Check[] = [
  check("an object is created, read, listed, replaced, patched and deleted", CRD, async (trial) => {
    const { collection, object: made, plural, group } = await define(trial);
    const at = `${collection()}/${trial.name}`;
    const created = answers(await trial.api.post(collection(), made(trial.name, { spec: { a: 1 } })), 201);
    like(created, { metadata: { generation: 1, uid: /./ }, spec: { a: 1 } });
    like(answers(await trial.api.put(at, { ...created, spec: { a: 2 } })), { metadata: { generation: 2 } });
    like(answers(await trial.api.patch(at, MERGE_PATCH, { metadata: { labels: { x: "y" } } })), {
      metadata: { generation: 2 },
    });
    like(answers(await trial.api.delete(at)), {
      kind: "Status",
      details: { group, kind: plural, name: trial.name },
    });
  }),
  check(
    "a replacement needs a version, and creates nothing",
    "observed on a kube-apiserver 1.35: requests",
    async (trial) => {
      const { collection, object: made } = await define(trial);
      refuses(await trial.api.put(`${collection()}/none`, made("none")), 404);
      await trial.api.post(collection(), made(trial.name));
      refuses(
        await trial.api.put(`${collection()}/${trial.name}`, made(trial.name)),
        422,
        "metadata.resourceVersion: Invalid value: 0: must be specified for an update",
      );
    },
  ),
  check("an object without a kind is 400", "observed on a kube-apiserver 1.35: requests", async (trial) => {
    const { collection } = await define(trial);
    refuses(
      await trial.api.post(collection(), { metadata: { name: "a" } }),
      400,
      "Object 'Kind' is missing in",
    );
  }),
  check("metadata that makes no sense is 400", OWN, async (trial) => {
    const { collection, object: made } = await define(trial);
    same((await trial.api.post(collection(), made("a", {}, { labels: { a: 1 } }))).code, 400, "the code");
  }),
  check(
    "a subresource that is not enabled is 404",
    "observed on a kube-apiserver 1.35: requests",
    async (trial) => {
      const { collection, object: made } = await define(trial);
      await trial.api.post(collection(), made(trial.name));
      same((await trial.api.get(`${collection()}/${trial.name}/status`)).code, 404, "the code of a status");
    },
  ),
  check(
    "finalizers without a domain are warned of",
    "observed on a kube-apiserver 1.35: metadata-lifecycle",
    async (trial) => {
      const { collection, object: made } = await define(trial);
      const answer = await trial.api.post(collection(), made(trial.name, {}, { finalizers: ["plain"] }));
      answers(answer, 201);
      holds(
        answer.warnings.some((each) =>
          each.startsWith('metadata.finalizers: "plain": prefer a domain-qualified finalizer name'),
        ),
        `a warning: ${answer.warnings}`,
      );
      await trial.api.patch(`${collection()}/${trial.name}`, MERGE_PATCH, { metadata: { finalizers: null } });
    },
  ),
  check("kubectl works with kind, plural, singular and short name", CRD, async (trial) => {
    const {
      collection,
      object: made,
      plural,
      group,
    } = await define(trial, { names: { shortNames: [`x${trial.name.slice(-6)}`] } });
    await trial.api.post(collection(), made(trial.name));
    for (const each of [`${plural}.${group}`, plural.replace(/s$/, ""), `x${trial.name.slice(-6)}`]) {
      await eventually(async () =>
        holds(
          succeeded(await trial.tools.kubectl(["get", each, "-n", trial.ns, "-o", "name"])).includes(
            trial.name,
          ),
          each,
        ),
      );
    }
  }),
];

const schemas: readonly Check[] = [
  check("unknown fields are pruned, with a warning", `${CRD}: Field pruning`, async (trial) => {
    const { collection, object: made } = await withSpec(
      trial,
      object({
        a: text,
        keep: {
          type: "object",
          "x-kubernetes-preserve-unknown-fields": true,
          properties: { known: object({ b: text }) },
        },
      }),
    );
    const answer = await trial.api.post(
      collection(),
      made(trial.name, { spec: { a: "x", b: 1, keep: { any: 1, known: { b: "x", c: 1 } } }, more: 1 }),
    );
    same(answers(answer, 201).spec, { a: "x", keep: { any: 1, known: { b: "x" } } }, "spec");
    same(
      [...answer.warnings].sort(),
      ['unknown field "more"', 'unknown field "spec.b"', 'unknown field "spec.keep.known.c"'],
      "warnings",
    );
    refuses(
      await trial.api.post(
        `${collection()}?fieldValidation=Strict`,
        made(`${trial.name}s`, { spec: { b: 1 } }),
      ),
      400,
      'strict decoding error: unknown field "spec.b"',
    );
  }),
  check(
    "unknown metadata is told, at the root and in embedded objects",
    `${E2E}FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR`,
    async (trial) => {
      const { collection, object: made } = await withSpec(
        trial,
        object({
          template: {
            type: "object",
            "x-kubernetes-embedded-resource": true,
            "x-kubernetes-preserve-unknown-fields": true,
          },
        }),
      );
      const body = made(
        trial.name,
        { spec: { template: { apiVersion: "v1", kind: "X", metadata: { name: "a", unknownSub: 1 } } } },
        { unknownMeta: 1 },
      );
      refuses(
        await trial.api.post(`${collection()}?fieldValidation=Strict`, body),
        400,
        'unknown field "metadata.unknownMeta"',
        'unknown field "spec.template.metadata.unknownSub"',
      );
    },
  ),
  check(
    "duplicates are told, also where anything is kept",
    `${E2E}FieldValidation should detect duplicates in a CR when preserving unknown fields`,
    async (trial) => {
      const { collection, object: made } = await define(trial);
      const body = JSON.stringify(made(trial.name, { spec: {} })).replace(
        '"spec":{',
        '"spec":{"foo":"a","foo":"b"',
      );
      refuses(
        await trial.api.post(`${collection()}?fieldValidation=Strict`, body),
        400,
        'strict decoding error: duplicate field "spec.foo"',
      );
      const yaml = `apiVersion: ${made("x").apiVersion}\nkind: ${made("x").kind}\nmetadata:\n  name: ${trial.name}\nspec:\n  foo: a\n  foo: b\n`;
      refuses(
        await trial.api.post(`${collection()}?fieldValidation=Strict`, yaml, {
          headers: { "content-type": "application/yaml" },
        }),
        400,
        'line 7: key "foo" already set in map',
      );
    },
  ),
  check(
    "defaults come with requests and from storage, and stay when written",
    `${E2E}CustomResourceDefinition resources Simple custom resource defaulting for requests and from storage works`,
    async (trial) => {
      const plain = {
        type: "object",
        properties: { a: { type: "object", properties: { b: { type: "string" } } }, c: text, d: text },
      };
      const { definition, collection, object: made } = await define(trial, { schema: plain });
      answers(await trial.api.post(collection(), made("old", { a: {} })), 201);
      const at = (schema: object) => ({
        spec: {
          versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
        },
      });
      const filled = {
        ...plain,
        properties: {
          ...plain.properties,
          a: { ...plain.properties.a, properties: { b: { type: "string", default: "B" } } },
          c: { type: "string", default: "C" },
        },
      };
      answers(await trial.api.patch(definition, MERGE_PATCH, at(filled)));
      await eventually(async () =>
        like(answers(await trial.api.get(`${collection()}/old`)), { a: { b: "B" }, c: "C" }),
      );
      await eventually(async () => {
        const name = `new${Math.random().toString(36).slice(2, 8)}`;
        like(answers(await trial.api.post(collection(), made(name, {})), 201), { a: undefined, c: "C" });
      });
      answers(await trial.api.patch(definition, MERGE_PATCH, at(plain)));
      await eventually(async () =>
        like(answers(await trial.api.get(`${collection()}/old`)), { a: { b: undefined }, c: undefined }),
      );
    },
  ),
  check(
    "values are validated: types, bounds, lengths, patterns, enumerations, required",
    `${CRD}: Validation`,
    async (trial) => {
      const { collection, object: made } = await withSpec(
        trial,
        object({
          n: { type: "integer", minimum: 1, maximum: 5 },
          s: { type: "string", minLength: 2, maxLength: 3 },
          p: { type: "string", pattern: "^a+$" },
          e: { type: "string", enum: ["a", "b"] },
          l: { type: "array", minItems: 1, maxItems: 2, items: text },
          m: { type: "number", multipleOf: 2 },
          r: object({ need: text }, { required: ["need"] }),
        }),
      );
      const rows: readonly (readonly [object, string])[] = [
        [{ n: "x" }, 'spec.n: Invalid value: "string": spec.n in body must be of type integer: "string"'],
        [{ n: 0 }, "spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1"],
        [{ n: 6 }, "spec.n: Invalid value: 6: spec.n in body should be less than or equal to 5"],
        [{ s: "a" }, 'spec.s: Invalid value: "a": spec.s in body should be at least 2 chars long'],
        [{ s: "abcd" }, "spec.s: Too long: may not be more than 3 bytes"],
        [{ p: "b" }, `spec.p: Invalid value: "b": spec.p in body should match '^a+$'`],
        [{ e: "z" }, 'spec.e: Unsupported value: "z": supported values: "a", "b"'],
        [{ l: [] }, "spec.l: Invalid value: 0: spec.l in body should have at least 1 items"],
        [{ l: ["a", "b", "c"] }, "spec.l: Too many: 3: must have at most 2 items"],
        [{ m: 3 }, "spec.m: Invalid value: 3: spec.m in body should be a multiple of 2"],
        [{ r: {} }, "spec.r.need: Required value"],
      ];
      for (const [spec, message] of rows)
        refuses(await trial.api.post(collection(), made(trial.name, { spec })), 422, message);
      answers(
        await trial.api.post(
          collection(),
          made(trial.name, { spec: { n: 3, s: "ab", p: "aa", e: "a", l: ["x"], m: 4, r: { need: "x" } } }),
        ),
        201,
      );
    },
  ),
  check("oneOf, anyOf, allOf and not", `${CRD}: Specifying a structural schema`, async (trial) => {
    const { collection, object: made } = await withSpec(
      trial,
      object(
        {
          a: { type: "integer" },
          b: { type: "integer" },
          c: { type: "integer", not: { minimum: 5 } },
          d: { type: "integer", anyOf: [{ maximum: 1 }, { minimum: 9 }] },
          e: { type: "integer", allOf: [{ minimum: 2 }, { maximum: 3 }] },
        },
        { oneOf: [{ required: ["a"] }, { required: ["b"] }] },
      ),
    );
    const refusing: readonly (readonly [object, string])[] = [
      [{}, "must validate one and only one schema (oneOf). Found none valid"],
      [{ a: 1, b: 1 }, "must validate one and only one schema (oneOf)"],
      [{ a: 1, c: 6 }, "must not validate the schema (not)"],
      [{ a: 1, d: 5 }, "must validate at least one schema (anyOf)"],
      [{ a: 1, e: 5 }, "should be less than or equal to 3"],
    ];
    for (const [spec, message] of refusing)
      refuses(await trial.api.post(collection(), made(trial.name, { spec })), 422, message);
    answers(await trial.api.post(collection(), made(trial.name, { spec: { a: 1, c: 4, d: 9, e: 2 } })), 201);
  }),
  check("null, nullable and defaults", `${CRD}: Defaulting and Nullable`, async (trial) => {
    const { collection, object: made } = await withSpec(
      trial,
      object({
        plain: text,
        open: { type: "string", nullable: true },
        filled: { type: "string", default: "x" },
        both: { type: "string", nullable: true, default: "x" },
      }),
    );
    same(
      answers(
        await trial.api.post(
          collection(),
          made(trial.name, { spec: { plain: null, open: null, filled: null, both: null } }),
        ),
        201,
      ).spec,
      { open: null, filled: "x", both: null },
      "spec",
    );
  }),
  check("int-or-string takes both", `${CRD}: IntOrString`, async (trial) => {
    const { collection, object: made } = await withSpec(
      trial,
      object({ v: { "x-kubernetes-int-or-string": true } }),
    );
    answers(await trial.api.post(collection(), made(`${trial.name}a`, { spec: { v: 5 } })), 201);
    answers(await trial.api.post(collection(), made(`${trial.name}b`, { spec: { v: "50%" } })), 201);
    same(
      (await trial.api.post(collection(), made(`${trial.name}c`, { spec: { v: true } }))).code,
      422,
      "the code of a boolean",
    );
  }),
  check("embedded objects are objects", `${CRD}: RawExtension`, async (trial) => {
    const { collection, object: made } = await withSpec(
      trial,
      object({
        t: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          "x-kubernetes-preserve-unknown-fields": true,
        },
      }),
    );
    refuses(
      await trial.api.post(collection(), made(trial.name, { spec: { t: {} } })),
      422,
      "spec.t.apiVersion: Required value",
      "spec.t.kind: Required value",
    );
    answers(
      await trial.api.post(
        collection(),
        made(trial.name, { spec: { t: { apiVersion: "v1", kind: "Pod", x: 1 } } }),
      ),
      201,
    );
  }),
  check("items of sets and maps are there once", `${CRD}: Validation`, async (trial) => {
    const { collection, object: made } = await withSpec(
      trial,
      object({
        s: { type: "array", "x-kubernetes-list-type": "set", items: text },
        m: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k"],
          items: object({ k: text }, { required: ["k"] }),
        },
      }),
    );
    refuses(
      await trial.api.post(collection(), made(trial.name, { spec: { s: ["a", "a"] } })),
      422,
      'spec.s[1]: Duplicate value: "a"',
    );
    refuses(
      await trial.api.post(collection(), made(trial.name, { spec: { m: [{ k: "a" }, { k: "a" }] } })),
      422,
      'spec.m[1]: Duplicate value: {"k":"a"}',
    );
  }),
  check("formats are checked, unknown ones passed over with a warning", OWN, async (trial) => {
    const body = definitionBody(trial, {
      schema: object({
        spec: object({
          d: { type: "string", format: "date-time" },
          i: { type: "string", format: "ipv4" },
          u: { type: "string", format: "made-up" },
        }),
      }),
    });
    const answer = await trial.api.post(DEFINITIONS, body);
    trial.after(() => trial.api.delete(`${DEFINITIONS}/${body.metadata.name}`));
    answers(answer, 201);
    holds(
      answer.warnings.some((each) => each.includes('unrecognized format "made-up"')),
      `a warning: ${answer.warnings}`,
    );
    await established(trial.api, `${DEFINITIONS}/${body.metadata.name}`);
    const at = `/apis/${body.spec.group}/v1/namespaces/${trial.ns}/${body.spec.names.plural}`;
    const made = (spec: object) => ({
      apiVersion: `${body.spec.group}/v1`,
      kind: body.spec.names.kind,
      metadata: { name: trial.name },
      spec,
    });
    await eventually(async () =>
      refuses(
        await trial.api.post(at, made({ d: "yesterday" })),
        422,
        "spec.d in body must be of type date-time",
      ),
    );
    refuses(await trial.api.post(at, made({ i: "1.2.3" })), 422, "spec.i in body must be of type ipv4");
    answers(await trial.api.post(at, made({ d: "2026-01-02T03:04:05Z", i: "1.2.3.4", u: "anything" })), 201);
  }),
  check("what was wrong before may stay as it is", `${CRD}: Validation ratcheting`, async (trial) => {
    const schema = (most: number) =>
      object({ spec: object({ n: { type: "integer", maximum: most }, o: text }) });
    const { definition, collection, object: made } = await define(trial, { schema: schema(9) });
    await trial.api.post(collection(), made(trial.name, { spec: { n: 7 } }));
    await trial.api.patch(definition, MERGE_PATCH, {
      spec: {
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema(5) } }],
      },
    });
    await eventually(async () =>
      same(
        (await trial.api.post(`${collection()}?dryRun=All`, made(`${trial.name}x`, { spec: { n: 7 } }))).code,
        422,
        "the code of a new one",
      ),
    );
    answers(await trial.api.patch(`${collection()}/${trial.name}`, MERGE_PATCH, { spec: { o: "x" } }));
    refuses(
      await trial.api.patch(`${collection()}/${trial.name}`, MERGE_PATCH, { spec: { n: 8 } }),
      422,
      "should be less than or equal to 5",
    );
  }),
];

export const customResources: readonly Check[] = [...objects, ...schemas];
