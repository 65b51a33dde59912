import { type Json, MERGE_PATCH, TABLE } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same, type Trial } from "../check.js";
import { define } from "../definitions.js";
import { failed, succeeded } from "../tools.js";

const CRD = "tasks/extend-kubernetes/custom-resources/custom-resource-definitions";
const VERSIONS = "tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning";
const E2E = "a conformance test of Kubernetes: CustomResourcePublishOpenAPI works for ";
const OWN = "observed on a kube-apiserver 1.35: crd";

const object = (properties: object, more: object = {}) => ({ type: "object", properties, ...more });
const integer = { type: "integer" };
const rule = (text: string, more: object = {}) => ({ "x-kubernetes-validations": [{ rule: text, ...more }] });

/** A definition whose `spec` follows rules, and the call that tries a spec on it. */
async function ruled(trial: Trial, spec: object) {
  const defined = await define(trial, { schema: object({ spec }) });
  return {
    ...defined,
    create: (value: object, name = trial.name) =>
      trial.api.post(defined.collection(), defined.object(name, { spec: value })),
  };
}

const rules: readonly Check[] = [
  check("a rule over fields, with its message", `${CRD}: Validation rules`, async (trial) => {
    const { create } = await ruled(
      trial,
      object(
        { min: integer, max: integer },
        rule("self.min <= self.max", { message: "min must not be above max" }),
      ),
    );
    refuses(await create({ min: 5, max: 1 }), 422, "spec: Invalid value", "min must not be above max");
    answers(await create({ min: 1, max: 5 }), 201);
  }),
  check("a rule without a message tells itself", `${CRD}: Validation rules`, async (trial) => {
    const { create } = await ruled(trial, object({ n: { ...integer, ...rule("self > 3") } }));
    refuses(await create({ n: 1 }), 422, "spec.n: Invalid value: 1: failed rule: self > 3");
  }),
  check("messageExpression, reason and fieldPath", `${CRD}: The messageExpression field`, async (trial) => {
    const { create } = await ruled(
      trial,
      object(
        { n: integer, m: integer },
        rule("self.n > 3", {
          messageExpression: "self.n == 1 ? 'n is one' : 'n is small'",
          reason: "FieldValueForbidden",
          fieldPath: ".n",
        }),
      ),
    );
    const { details } = refuses(await create({ n: 1, m: 2 }), 422, "spec.n: Forbidden: n is one");
    like(details.causes, [
      { reason: "FieldValueForbidden", field: "spec.n", message: "Forbidden: n is one" },
    ]);
  }),
  check("transition rules run on updates only", `${CRD}: Transition rules`, async (trial) => {
    const { create, collection } = await ruled(
      trial,
      object({ n: { ...integer, ...rule("self >= oldSelf", { message: "may only grow" }) } }),
    );
    answers(await create({ n: 5 }), 201);
    refuses(
      await trial.api.patch(`${collection()}/${trial.name}`, MERGE_PATCH, { spec: { n: 4 } }),
      422,
      "may only grow",
    );
    answers(await trial.api.patch(`${collection()}/${trial.name}`, MERGE_PATCH, { spec: { n: 6 } }));
  }),
  check("optionalOldSelf runs on creation too", `${CRD}: Transition rules`, async (trial) => {
    const { create } = await ruled(
      trial,
      object({
        n: {
          ...integer,
          ...rule("oldSelf.hasValue() || self == 1", { optionalOldSelf: true, message: "begins with 1" }),
        },
      }),
    );
    refuses(await create({ n: 2 }), 422, "begins with 1");
    answers(await create({ n: 1 }), 201);
  }),
  check("rules at the root see the name", OWN, async (trial) => {
    const { collection, object: made } = await define(trial, {
      schema: object({}, rule("self.metadata.name.startsWith('ok')", { message: "call it ok" })),
    });
    refuses(await trial.api.post(collection(), made("no")), 422, "call it ok");
    answers(await trial.api.post(collection(), made("ok")), 201);
  }),
  check("macros, has(), optional fields and lists by key", `${CRD}: Validation rules`, async (trial) => {
    const items = object({ name: { type: "string" }, n: integer }, { required: ["name"] });
    const list = {
      type: "array",
      maxItems: 10,
      items,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      ...rule("self.all(x, !has(x.n) || x.n > 0) && self.exists(x, x.name == 'main')", {
        message: "main, and no negatives",
      }),
    };
    const { create } = await ruled(trial, object({ list }));
    refuses(await create({ list: [{ name: "a" }] }), 422, "main, and no negatives");
    refuses(await create({ list: [{ name: "main", n: -1 }] }), 422, "main, and no negatives");
    answers(await create({ list: [{ name: "main" }, { name: "b", n: 1 }] }), 201);
  }),
  check(
    "Kubernetes' libraries: quantity, URL, IP, CIDR, regex, format, semver, sets",
    "reference/using-api/cel: CEL options, language features, and libraries",
    async (trial) => {
      const rulesOf = [
        "quantity(self.q).isGreaterThan(quantity('1Gi'))",
        "isURL(self.u) && url(self.u).getHost() == 'a.example.com'",
        "isIP(self.i) && ip(self.i).family() == 4",
        "cidr('10.0.0.0/8').containsIP(self.i)",
        "self.s.matches('^[a-z]+$') && self.s.find('b+') == 'bb'",
        "!format.dns1123Label().validate(self.s).hasValue()",
        "semver(self.v).isGreaterThan(semver('1.2.3'))",
        "sets.contains(['abb', 'c'], [self.s])",
      ];
      const fields = Object.fromEntries(
        ["q", "u", "i", "s", "v"].map((name) => [name, { type: "string", maxLength: 64 }]),
      );
      const { create } = await ruled(
        trial,
        object(fields, { "x-kubernetes-validations": rulesOf.map((text) => ({ rule: text })) }),
      );
      answers(
        await create({ q: "2Gi", u: "https://a.example.com/x", i: "10.1.2.3", s: "abb", v: "1.3.0" }),
        201,
      );
      const { details } = refuses(
        await create({ q: "1Mi", u: "https://b/", i: "11.1.2.3", s: "ABC", v: "1.0.0" }, `${trial.name}b`),
        422,
      );
      same(details.causes.length, 7, "the number of rules that fail");
    },
  ),
  check("a rule that cannot be evaluated says why", OWN, async (trial) => {
    const { create } = await ruled(trial, object({ n: integer, d: integer }, rule("self.n / self.d > 0")));
    refuses(await create({ n: 1, d: 0 }), 422, "division by zero");
  }),
  check("rules that fail do not stop each other; wrong types do", OWN, async (trial) => {
    const { create } = await ruled(
      trial,
      object({
        a: { ...integer, ...rule("self > 1") },
        b: { ...integer, ...rule("self > 1") },
        c: { type: "string" },
      }),
    );
    same(refuses(await create({ a: 0, b: 0 }), 422).details.causes.length, 2, "the number of causes");
    refuses(
      await create({ a: 0, c: 5 }),
      422,
      "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
    );
  }),
];

const subresources: readonly Check[] = [
  check("status is written apart, and counts no generation", `${CRD}: Status subresource`, async (trial) => {
    const { collection, object: made } = await define(trial, { version: { subresources: { status: {} } } });
    const at = `${collection()}/${trial.name}`;
    like(
      answers(
        await trial.api.post(collection(), made(trial.name, { spec: { a: 1 }, status: { x: 1 } })),
        201,
      ),
      { status: undefined },
    );
    like(
      answers(
        await trial.api.patch(`${at}/status`, MERGE_PATCH, {
          spec: { a: 9 },
          status: { x: 2 },
          metadata: { labels: { l: "1" } },
        }),
      ),
      { spec: { a: 1 }, status: { x: 2 }, metadata: { generation: 1, labels: undefined } },
    );
    like(answers(await trial.api.patch(at, MERGE_PATCH, { spec: { a: 2 }, status: { x: 9 } })), {
      spec: { a: 2 },
      status: { x: 2 },
      metadata: { generation: 2 },
    });
  }),
  check("scale reads and writes by paths", `${CRD}: Scale subresource`, async (trial) => {
    const scale = {
      specReplicasPath: ".spec.replicas",
      statusReplicasPath: ".status.replicas",
      labelSelectorPath: ".status.selector",
    };
    const {
      collection,
      object: made,
      plural,
      group,
    } = await define(trial, { version: { subresources: { status: {}, scale } } });
    const at = `${collection()}/${trial.name}`;
    await trial.api.post(collection(), made(trial.name, { spec: { replicas: 3 } }));
    await trial.api.patch(`${at}/status`, MERGE_PATCH, { status: { replicas: 2, selector: "a=b" } });
    like(answers(await trial.api.get(`${at}/scale`)), {
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name: trial.name },
      spec: { replicas: 3 },
      status: { replicas: 2, selector: "a=b" },
    });
    like(answers(await trial.api.patch(`${at}/scale`, MERGE_PATCH, { spec: { replicas: 5 } })), {
      spec: { replicas: 5 },
    });
    like(answers(await trial.api.get(at)), { spec: { replicas: 5 }, metadata: { generation: 2 } });
    await eventually(async () =>
      succeeded(
        await trial.tools.kubectl([
          "scale",
          `${plural}.${group}/${trial.name}`,
          "-n",
          trial.ns,
          "--replicas=1",
        ]),
      ),
    );
    like(answers(await trial.api.get(at)), { spec: { replicas: 1 } });
  }),
  check(
    "selectable fields select, and nothing else does",
    `${CRD}: Field selectors for custom resources`,
    async (trial) => {
      const schema = object({ spec: object({ color: { type: "string" }, size: { type: "string" } }) });
      const { collection, object: made } = await define(trial, {
        schema,
        version: { selectableFields: [{ jsonPath: ".spec.color" }] },
      });
      for (const color of ["blue", "red"])
        await trial.api.post(collection(), made(color, { spec: { color } }));
      await eventually(async () =>
        same(
          answers(await trial.api.get(`${collection()}?fieldSelector=spec.color%3Dblue`)).items.map(
            ({ metadata }: Json) => metadata.name,
          ),
          ["blue"],
          "what is selected",
        ),
      );
      refuses(
        await trial.api.get(`${collection()}?fieldSelector=spec.size%3Dx`),
        400,
        "field label not supported: spec.size",
      );
      const watch = await trial.api.watch(`${collection()}?watch=true&fieldSelector=spec.color%3Dred`);
      trial.after(() => watch.close());
      same(
        (await watch.take(1)).map(({ object: { metadata } }) => metadata.name),
        ["red"],
        "what is watched",
      );
    },
  ),
];

const versions: readonly Check[] = [
  check("the same object at every served version", `${VERSIONS}: Overview`, async (trial) => {
    const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
    const v = (name: string, more: object = {}) => ({ name, served: true, storage: false, schema, ...more });
    const {
      collection,
      object: made,
      group,
    } = await define(trial, {
      versions: [v("v1", { storage: true }), v("v2"), v("v1beta1", { served: false })],
    });
    await trial.api.post(collection("v1"), made(trial.name, { spec: { a: 1 } }));
    like(answers(await trial.api.get(`${collection("v2")}/${trial.name}`)), {
      apiVersion: `${group}/v2`,
      spec: { a: 1 },
    });
    same((await trial.api.get(collection("v1beta1"))).code, 404, "the code of a version that is not served");
    like(answers(await trial.api.get(`/apis/${group}`)), { preferredVersion: { version: "v2" } });
    const watch = await trial.api.watch(`${collection("v2")}?watch=true`);
    trial.after(() => watch.close());
    like((await watch.take(1))[0], { object: { apiVersion: `${group}/v2` } });
  }),
  check("a deprecated version warns", `${VERSIONS}: Version deprecation`, async (trial) => {
    const schema = { openAPIV3Schema: { type: "object" } };
    const { collection, group, kind } = await define(trial, {
      versions: [
        { name: "v1", served: true, storage: true, schema },
        { name: "v1beta1", served: true, storage: false, deprecated: true, schema },
        {
          name: "v1alpha1",
          served: true,
          storage: false,
          deprecated: true,
          deprecationWarning: "gone soon",
          schema,
        },
      ],
    });
    same(
      (await trial.api.get(collection("v1beta1"))).warnings,
      [`${group}/v1beta1 ${kind} is deprecated; use ${group}/v1 ${kind}`],
      "warnings",
    );
    same((await trial.api.get(collection("v1alpha1"))).warnings, ["gone soon"], "warnings");
    same((await trial.api.get(collection("v1"))).warnings, [], "warnings");
  }),
];

const published: readonly Check[] = [
  check("CRD with validation schema", `${E2E}CRD with validation schema`, async (trial) => {
    const bars = {
      type: "array",
      description: "List of Bars and their specs.",
      items: object(
        { name: { type: "string", description: "Name of Bar." }, age: { type: "string" } },
        { required: ["name"] },
      ),
    };
    const schema = object(
      { spec: object({ bars }, { description: "Specification of Foo" }) },
      { description: "Foo CRD for Testing" },
    );
    const { object: made, plural, group } = await define(trial, { schema });
    const run = (args: string[], input?: object) =>
      trial.tools.kubectl([...args, "-n", trial.ns], input === undefined ? {} : { input });
    await eventually(async () => {
      const told = succeeded(await run(["explain", `${plural}.${group}`]));
      holds(/DESCRIPTION:\s+Foo CRD for Testing/.test(told) && /spec\s+<Object>/.test(told), told);
      holds(
        /Specification of Foo/.test(succeeded(await run(["explain", `${plural}.${group}.spec`]))),
        "spec is explained",
      );
      holds(
        /name\s+<string> -required-/.test(succeeded(await run(["explain", `${plural}.${group}.spec.bars`]))),
        "bars are explained",
      );
    });
    holds(
      failed(await run(["explain", `${plural}.${group}.spec.bars2`])).includes("does not exist"),
      "a missing field is told",
    );
    holds(
      failed(await run(["create", "-f", "-"], made("t", { spec: { foo: true, bars: [] } }))).includes(
        'unknown field "spec.foo"',
      ),
      "an unknown field is told",
    );
    holds(
      failed(await run(["create", "-f", "-"], made("t", { spec: { bars: [{ age: "10" }] } }))).includes(
        "spec.bars[0].name: Required value",
      ),
      "a missing field is told",
    );
    succeeded(await run(["create", "-f", "-"], made("t", { spec: { bars: [{ name: "a" }] } })));
    succeeded(await run(["apply", "-f", "-"], made("t", { spec: { bars: [{ name: "b" }] } })));
    succeeded(await run(["delete", `${plural}.${group}`, "t"]));
  }),
  check(
    "CRD without validation schema, and preserving unknown fields",
    `${E2E}CRD without validation schema; preserving unknown fields at the schema root; in an embedded object`,
    async (trial) => {
      const { object: made, plural, group, kind } = await define(trial);
      const run = (args: string[], input?: object) =>
        trial.tools.kubectl([...args, "-n", trial.ns], input === undefined ? {} : { input });
      await eventually(async () => {
        const told = succeeded(await run(["explain", `${plural}.${group}`]));
        holds(new RegExp(`KIND:\\s+${kind}`).test(told) && /DESCRIPTION:\s+<empty>/.test(told), told);
      });
      succeeded(await run(["create", "-f", "-"], made("t", { any: [{ thing: 1 }] })));
      succeeded(await run(["apply", "-f", "-"], made("t", { other: { x: "y" } })));
    },
  ),
  check(
    "multiple CRDs: of different groups, kinds and versions",
    `${E2E}multiple CRDs of different groups; same group and version but different kinds; same group but different versions`,
    async (trial) => {
      const schema = { openAPIV3Schema: object({ spec: object({ a: { type: "string" } }) }) };
      const one = await define(trial, {
        versions: [
          { name: "v1", served: true, storage: true, schema },
          { name: "v2", served: true, storage: false, schema },
        ],
      });
      const two = await define({ ...trial, name: `${trial.name}two` });
      await eventually(async () => {
        const { definitions } = answers(await trial.api.get("/openapi/v2"));
        const reversed = one.group.split(".").reverse().join(".");
        for (const name of [
          `${reversed}.v1.${one.kind}`,
          `${reversed}.v2.${one.kind}`,
          `${reversed}.v1.${two.kind}`,
        ])
          holds(definitions[name], `${name} is published`);
        like(definitions[`${reversed}.v1.${one.kind}`], {
          "x-kubernetes-group-version-kind": [{ group: one.group, version: "v1", kind: one.kind }],
        });
      });
    },
  ),
  check(
    "removes definition from spec when one version gets changed to not be served, and publishes a renamed one",
    "a conformance test of Kubernetes: CustomResourcePublishOpenAPI removes definition; updates the published spec when one version gets renamed",
    async (trial) => {
      const schema = { openAPIV3Schema: { type: "object" } };
      const v = (name: string, served: boolean, storage: boolean) => ({ name, served, storage, schema });
      const { definition, group, kind } = await define(trial, {
        versions: [v("v1", true, true), v("v2", true, false)],
      });
      const reversed = group.split(".").reverse().join(".");
      const names = async () =>
        Object.keys(answers(await trial.api.get("/openapi/v2")).definitions)
          .filter((name) => name.startsWith(`${reversed}.`) && name.endsWith(kind))
          .sort();
      await eventually(async () =>
        same(await names(), [`${reversed}.v1.${kind}`, `${reversed}.v2.${kind}`], "definitions"),
      );
      await trial.api.patch(definition, MERGE_PATCH, {
        spec: { versions: [v("v1", true, true), v("v2", false, false)] },
      });
      await eventually(async () => same(await names(), [`${reversed}.v1.${kind}`], "definitions"), 20_000);
      await trial.api.patch(definition, MERGE_PATCH, {
        spec: { versions: [v("v1", true, true), v("v3", true, false)] },
      });
      await eventually(
        async () => same(await names(), [`${reversed}.v1.${kind}`, `${reversed}.v3.${kind}`], "definitions"),
        20_000,
      );
    },
  ),
  check(
    "a Table of custom resources is watched",
    "reference/using-api/api-concepts: Receiving resources as Tables",
    async (trial) => {
      const { collection, object: made } = await define(trial);
      const watch = await trial.api.watch(`${collection()}?watch=true`, { headers: { accept: TABLE } });
      trial.after(() => watch.close());
      await trial.api.post(collection(), made(trial.name));
      like((await watch.take(1))[0], {
        type: "ADDED",
        object: { kind: "Table", rows: [{ cells: [trial.name, /s$/] }] },
      });
    },
  ),
];

export const customMore: readonly Check[] = [...rules, ...subresources, ...versions, ...published];
