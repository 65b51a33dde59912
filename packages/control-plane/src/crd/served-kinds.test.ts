import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { formatFieldError } from "../handler/field-error.js";
import type { ServedKind } from "../registry/kind.js";
import { nextStatus } from "./conditions.js";
import { customBodyDecoder } from "./custom-decoder.js";
import type { CustomResourceDefinition, DefinitionVersion, JsonSchemaProps } from "./definition.js";
import { crdToServedKinds } from "./served-kinds.js";

const text = { type: "string" };

function definition(
  spec: JsonSchemaProps,
  version: Partial<DefinitionVersion> = {},
): CustomResourceDefinition {
  const crd: CustomResourceDefinition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: {
        plural: "widgets",
        singular: "widget",
        kind: "Widget",
        listKind: "WidgetList",
        shortNames: ["wd"],
      },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", properties: { spec, status: { type: "object" } } } },
          ...version,
        },
      ],
    },
  };
  return { ...crd, status: nextStatus(crd, [], "2026-01-01T00:00:00Z") };
}

function served(spec: JsonSchemaProps, version: Partial<DefinitionVersion> = {}): ServedKind {
  const [kind] = crdToServedKinds(definition(spec, version));
  if (!kind) throw new Error("not served");
  return kind;
}

function widget(spec: unknown, extra: Record<string, unknown> = {}): KubeObject {
  return { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w" }, spec, ...extra };
}

function messages(kind: ServedKind, object: KubeObject, old?: KubeObject): string[] {
  const decoded = kind.strategy.setDefaults(object);
  const errors = old
    ? kind.strategy.validateUpdate(decoded, old, undefined)
    : kind.strategy.validate(decoded);
  return errors.map((error) => `${error.field}: ${formatFieldError(error)}`);
}

const object = (
  properties: Record<string, unknown>,
  rest: Record<string, unknown> = {},
): JsonSchemaProps => ({
  type: "object",
  properties,
  ...rest,
});

describe("crdToServedKinds", () => {
  it("serves nothing before the names are accepted", () => {
    const { status: _, ...crd } = definition(object({}));
    expect(crdToServedKinds(crd as CustomResourceDefinition)).toEqual([]);
  });

  it("serves accepted names", () => {
    const crd = definition(object({}));
    const [kind] = crdToServedKinds(crd);
    expect(kind).toMatchObject({
      resource: "widgets",
      listKind: "WidgetList",
      shortNames: ["wd"],
      namespaced: true,
    });
    expect(kind?.verbs).toContain("create");
  });

  it("prunes what is not specified and reports it", () => {
    const kind = served(
      object({
        a: text,
        open: {
          type: "object",
          "x-kubernetes-preserve-unknown-fields": true,
          properties: { known: object({ x: text }) },
        },
        list: { type: "array", items: object({ b: text }) },
        embedded: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          properties: { spec: object({ c: text }) },
        },
      }),
    );
    const spec = {
      a: "x",
      zz: 1,
      open: { anything: [1], known: { x: "1", y: 2 } },
      list: [{ b: "1", c: 2 }],
      embedded: { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { c: "1", d: 2 }, data: 1 },
    };
    expect(customBodyDecoder.decode(widget(spec, { extra: 1 }), kind)).toEqual({
      object: widget({
        a: "x",
        open: { anything: [1], known: { x: "1" } },
        list: [{ b: "1" }],
        embedded: { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { c: "1" } },
      }),
      unknown: [
        'unknown field "spec.zz"',
        'unknown field "spec.open.known.y"',
        'unknown field "spec.list[0].c"',
        'unknown field "spec.embedded.spec.d"',
        'unknown field "spec.embedded.data"',
        'unknown field "extra"',
      ],
    });
  });

  it("defaults absent fields and nulls, also inside defaults, without sharing them", () => {
    const kind = served(
      object({
        n: { type: "integer", default: 3 },
        nullable: { ...text, nullable: true, default: "d" },
        nested: {
          type: "object",
          default: { a: "x" },
          properties: { a: text, b: { ...text, default: "y" } },
        },
        dropped: text,
      }),
    );
    const defaulted = kind.strategy.setDefaults(widget({ n: null, nullable: null, dropped: null }));
    expect(defaulted["spec"]).toEqual({ n: 3, nullable: null, nested: { a: "x", b: "y" } });
    const other = kind.strategy.setDefaults(widget({}));
    expect((other["spec"] as Record<string, unknown>)["nested"]).not.toBe(
      (defaulted["spec"] as Record<string, unknown>)["nested"],
    );
    expect(kind.strategy.setDefaults(defaulted)).toBe(defaulted);
  });

  it("has the messages of the real server", () => {
    const kind = served(
      object(
        {
          name: { ...text, minLength: 2, maxLength: 4, pattern: "^[a-z]+$" },
          replicas: { type: "integer", minimum: 1, maximum: 10 },
          ratio: { type: "number", maximum: 1_000_000 },
          mode: { ...text, enum: ["a", "b"] },
          port: { "x-kubernetes-int-or-string": true },
          when: { ...text, format: "date-time" },
          tags: { type: "array", items: text, "x-kubernetes-list-type": "set", maxItems: 2 },
          choice: object({ a: text, b: text }, { oneOf: [{ required: ["a"] }, { required: ["b"] }] }),
        },
        { required: ["name"] },
      ),
    );
    const of = (spec: unknown): string[] => messages(kind, widget(spec));
    expect(of({ name: "ok", replicas: "3" })).toEqual([
      'spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"',
    ]);
    expect(of({})).toEqual(["spec.name: Required value"]);
    expect(of({ name: "a" })).toEqual([
      'spec.name: Invalid value: "a": spec.name in body should be at least 2 chars long',
    ]);
    expect(of({ name: "toolong" })).toEqual(["spec.name: Too long: may not be more than 4 bytes"]);
    expect(of({ name: "A1" })).toEqual([
      "spec.name: Invalid value: \"A1\": spec.name in body should match '^[a-z]+$'",
    ]);
    expect(of({ name: "ok", replicas: 0 })).toEqual([
      "spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1",
    ]);
    expect(of({ name: "ok", ratio: 1_000_000.5 })[0]).toMatch(/should be less than or equal to 1e\+06$/);
    expect(of({ name: "ok", mode: "z" })).toEqual([
      'spec.mode: Unsupported value: "z": supported values: "a", "b"',
    ]);
    expect(of({ name: "ok", port: true })).toEqual([
      'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
    ]);
    expect(of({ name: "ok", when: "x" })).toEqual([
      'spec.when: Invalid value: "x": spec.when in body must be of type date-time: "x"',
    ]);
    expect(of({ name: "ok", tags: ["a", "b", "c"] })).toEqual([
      "spec.tags: Too many: 3: must have at most 2 items",
    ]);
    expect(of({ name: "ok", tags: ["a", "a"] })).toEqual(['spec.tags[1]: Duplicate value: "a"']);
    expect(of({ name: "ok", choice: {} })).toEqual([
      '<nil>: Invalid value: "": "spec.choice" must validate one and only one schema (oneOf). Found none valid',
      "spec.choice.a: Required value",
    ]);
  });

  it("does not complain about what an update leaves as it was", () => {
    const kind = served(
      object({
        a: { ...text, maxLength: 2 },
        b: { ...text, maxLength: 2 },
        list: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k"],
          items: object({ k: text, v: { type: "integer", maximum: 1 } }, { required: ["k"] }),
        },
      }),
    );
    const old = widget({
      a: "long",
      list: [
        { k: "x", v: 5 },
        { k: "y", v: 6 },
      ],
    });
    expect(messages(kind, widget({ a: "long", b: "ok", list: [{ k: "n" }, { k: "y", v: 6 }] }), old)).toEqual(
      [],
    );
    expect(messages(kind, widget({ a: "longer", list: [{ k: "y", v: 7 }] }), old)).toEqual([
      "spec.a: Too long: may not be more than 2 bytes",
      "spec.list[0].v: Invalid value: 7: spec.list[0].v in body should be less than or equal to 1",
    ]);
  });

  it("keeps status and the rest apart where status is a subresource", () => {
    const kind = served(object({ a: text }), { subresources: { status: {} } });
    const stored = widget({ a: "1" }, { status: { x: 1 } });
    const { prepareForUpdate, prepareForCreate, bumpsGeneration } = kind.strategy;
    expect(prepareForCreate(stored)["status"]).toBeUndefined();
    expect(prepareForUpdate(widget({ a: "2" }, { status: { x: 2 } }), stored, undefined)).toEqual(
      widget({ a: "2" }, { status: { x: 1 } }),
    );
    expect(prepareForUpdate(widget({ a: "2" }, { status: { x: 2 } }), stored, "status")).toEqual(
      widget({ a: "1" }, { status: { x: 2 } }),
    );
    expect(bumpsGeneration?.(widget({ a: "2" }), stored)).toBe(true);
    expect(bumpsGeneration?.({ ...stored, status: {} }, stored)).toBe(false);
  });

  it("creates objects with the status that the schema gives by default", () => {
    const status = {
      type: "object",
      default: { observedGeneration: -1 },
      properties: { observedGeneration: { type: "integer" } },
    };
    const kind = served(object({}), {
      subresources: { status: {} },
      schema: { openAPIV3Schema: object({ spec: object({}), status }) },
    });
    const { prepareForCreate, setDefaults } = kind.strategy;
    expect(prepareForCreate(setDefaults(widget({}, { status: { observedGeneration: 7 } })))).toEqual(
      widget({}, { status: { observedGeneration: -1 } }),
    );
  });

  it("rewrites the version on the way to and from the store", () => {
    const crd = definition(object({ a: text }));
    const beta: DefinitionVersion = {
      name: "v1beta1",
      served: true,
      storage: false,
      deprecated: true,
      schema: { openAPIV3Schema: object({ spec: object({ a: text, b: { ...text, default: "d" } }) }) },
    };
    const kinds = crdToServedKinds({ ...crd, spec: { ...crd.spec, versions: [...crd.spec.versions, beta] } });
    const kind = kinds.find(({ version }) => version === "v1beta1");
    expect(kind?.storage.apiVersion).toBe("example.com/v1");
    const asBeta = kind?.storage.convert?.fromStorage(widget({ a: "1" }));
    expect(asBeta).toEqual({ ...widget({ a: "1", b: "d" }), apiVersion: "example.com/v1beta1" });
    expect(asBeta && kind?.storage.convert?.toStorage(asBeta)).toEqual(widget({ a: "1" }));
    expect(kind?.deprecations).toEqual([
      "example.com/v1beta1 Widget is deprecated; use example.com/v1 Widget",
    ]);
  });

  it("prints the columns that the definition names", () => {
    const columns = [
      { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: "Count", type: "integer", jsonPath: ".spec.n" },
      { name: "Since", type: "date", jsonPath: ".spec.since" },
      { name: "Labels", type: "string", jsonPath: ".metadata.labels['a\\.b/c']", priority: 1 },
    ];
    const kind = served(object({}), { additionalPrinterColumns: columns });
    const now = Date.parse("2026-01-01T00:05:00Z");
    const cells = (object: KubeObject): unknown[] => kind.columns.map((column) => column.cell(object, now));
    const full = widget(
      { n: 2, since: "2026-01-01T00:00:00Z" },
      {
        status: {
          conditions: [
            { type: "A", status: "x" },
            { type: "Ready", status: "True" },
          ],
        },
      },
    );
    expect(cells({ ...full, metadata: { name: "w", labels: { "a.b/c": "l" } } })).toEqual([
      "w",
      "True",
      2,
      "5m",
      "l",
    ]);
    expect(cells(widget({ n: "x", since: "never" }))).toEqual(["w", null, null, "<invalid>", null]);
    expect(served(object({})).columns.map(({ name }) => name)).toEqual(["Name", "Age"]);
  });

  it("selects by the fields that the definition names", () => {
    const { selectableFields } = served(object({ color: text, on: { type: "boolean" } }), {
      selectableFields: [{ jsonPath: ".spec.color" }, { jsonPath: ".spec.on" }],
    });
    expect(selectableFields["spec.color"]?.(widget({ color: "red" }))).toBe("red");
    expect(selectableFields["spec.on"]?.(widget({ on: true }))).toBe("true");
    expect(selectableFields["spec.color"]?.(widget({}))).toBe("");
  });
});

describe("nextStatus", () => {
  it("accepts free names and is established for good", () => {
    const crd = definition(object({}));
    expect(crd.status?.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ["NamesAccepted", "True", "NoConflicts"],
      ["Established", "True", "InitialNamesAccepted"],
    ]);
    expect(crd.status?.storedVersions).toEqual(["v1"]);
    expect(nextStatus(crd, [], "2026-02-01T00:00:00Z")).toBe(crd.status);
  });

  it("refuses names that another definition of the group holds", () => {
    const first = definition(object({}));
    const names = { plural: "gadgets", singular: "gadget", kind: "Gadget", shortNames: ["wd"] };
    const second = {
      ...first,
      metadata: { name: "gadgets.example.com" },
      spec: { ...first.spec, names },
    } as CustomResourceDefinition;
    const { status: _, ...fresh } = second;
    const status = nextStatus(fresh as CustomResourceDefinition, [first], "2026-01-01T00:00:00Z");
    expect(
      status.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]),
    ).toEqual([
      ["NamesAccepted", "False", "ShortNamesConflict", '"wd" is already in use'],
      ["Established", "False", "NotAccepted", "not all names are accepted"],
    ]);
    expect(status.acceptedNames?.shortNames).toBeUndefined();
    expect(crdToServedKinds({ ...second, status })).toEqual([]);
  });
});
