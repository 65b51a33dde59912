import { describe, expect, it } from "vitest";
import { formatFieldError } from "../handler/field-error.js";
import { nextStatus } from "./conditions.js";
import type { CustomResourceDefinition, DefinitionSpec, JsonSchemaProps } from "./definition.js";
import { immutableDefinitionFields, validateDefinition } from "./definition-validation.js";

const text = { type: "string" };

function definition(
  schema: JsonSchemaProps,
  spec: Partial<DefinitionSpec> = {},
  version = {},
): CustomResourceDefinition {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "foos.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "foos", singular: "foo", kind: "Foo", listKind: "FooList" },
      versions: [
        { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version },
      ],
      ...spec,
    },
  };
}

const messages = (crd: CustomResourceDefinition): string[] =>
  validateDefinition(crd).map((error) => `${error.field}: ${formatFieldError(error)}`);
const withA = (a: JsonSchemaProps): CustomResourceDefinition =>
  definition({ type: "object", properties: { a } });
const A = "spec.validation.openAPIV3Schema.properties[a]";

describe("validateDefinition", () => {
  it("accepts a structural schema", () => {
    const ports = {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: { type: "object", required: ["name"], properties: { name: text } },
    };
    const port = { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] };
    expect(
      messages(definition({ type: "object", properties: { ports, port, metadata: { type: "object" } } })),
    ).toEqual([]);
  });

  it.each<[string, JsonSchemaProps, string[]]>([
    ["a missing type", {}, [`${A}.type: Required value: must not be empty for specified object fields`]],
    ["an array without items", { type: "array" }, [`${A}.items: Required value: must be specified`]],
    [
      "types below a choice",
      { ...text, anyOf: [text] },
      [`${A}.anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [
      "unique items",
      { type: "array", items: text, uniqueItems: true },
      [
        `${A}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      "both kinds of properties",
      { type: "object", properties: { x: text }, additionalProperties: text },
      [`${A}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      "map lists without keys",
      { type: "array", items: { type: "object", properties: {} }, "x-kubernetes-list-type": "map" },
      [`${A}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
    ],
    [
      "keys that may be absent",
      {
        type: "array",
        items: { type: "object", properties: { k: text } },
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"],
      },
      [
        `${A}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      "patterns that are none",
      { ...text, pattern: "(" },
      [
        `${A}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``,
      ],
    ],
    [
      "defaults that do not fit",
      { ...text, default: 5 },
      [`${A}.default: Invalid value: "integer":  in body must be of type string: "integer"`],
    ],
    [
      "defaults with unknown fields",
      { type: "object", properties: { b: text }, default: { c: 1 } },
      [`${A}.default: Invalid value: {"c":1}: must not have unknown fields`],
    ],
    [
      "rules in several lines without a message",
      { ...text, "x-kubernetes-validations": [{ rule: "a\n&& b" }] },
      [
        `${A}.x-kubernetes-validations[0].message: Required value: message must be specified if rule contains line breaks`,
      ],
    ],
  ])("refuses %s", (_, a, expected) => {
    expect(messages(withA(a))).toEqual(expected);
  });

  it("refuses names, groups and versions that do not fit together", () => {
    expect(messages({ ...definition({ type: "object" }), metadata: { name: "x.example.com" } })).toEqual([
      'metadata.name: Invalid value: "x.example.com": must be spec.names.plural+"."+spec.group',
    ]);
    expect(messages(definition({ type: "object" }, { group: "nodot" }))).toContain(
      'spec.group: Invalid value: "nodot": should be a domain with at least one dot',
    );
    expect(messages(definition({ type: "object" }, {}, { schema: undefined }))).toEqual([
      "spec.versions[0].schema.openAPIV3Schema: Required value",
    ]);
    expect(messages(definition({ type: "object" }, {}, { storage: false }))[0]).toMatch(
      /must have exactly one version marked as storage version$/,
    );
    const protectedGroup = {
      ...definition({ type: "object" }, { group: "x.k8s.io" }),
      metadata: { name: "foos.x.k8s.io" },
    };
    expect(messages(protectedGroup)).toEqual([
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ]);
  });

  it("checks selectable fields, columns and scale paths", () => {
    const schema = { type: "object", properties: { a: text, o: { type: "object" } } };
    expect(
      messages(
        definition(
          schema,
          {},
          { selectableFields: [{ jsonPath: ".a" }, { jsonPath: ".o" }, { jsonPath: ".b" }] },
        ),
      ),
    ).toEqual([
      'spec.selectableFields[1].jsonPath: Invalid value: ".o": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[2].jsonPath: Invalid value: ".b": is an invalid path: does not refer to a valid field',
    ]);
    expect(
      messages(
        definition(schema, {}, { additionalPrinterColumns: [{ name: "x", type: "map", jsonPath: ".a" }] }),
      ),
    ).toEqual([
      'spec.additionalPrinterColumns[0].type: Invalid value: "map": must be one of boolean,date,integer,number,string',
    ]);
    const scale = { specReplicasPath: ".spec.r", statusReplicasPath: ".spec.r" };
    expect(messages(definition(schema, {}, { subresources: { scale } }))).toEqual([
      'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.r": should be a json path under .status',
    ]);
  });
});

it("wants selectable fields and schemas shared by all versions, or by none", () => {
  const version = (name: string, properties: object, paths: readonly string[]) => ({
    name,
    served: true,
    storage: name === "v1",
    schema: { openAPIV3Schema: { type: "object", properties } },
    selectableFields: paths.map((jsonPath) => ({ jsonPath })),
  });
  const of = (...versions: object[]) => {
    const crd = definition({ type: "object" });
    return messages({ ...crd, spec: { ...crd.spec, versions } } as typeof crd);
  };
  expect(of(version("v1", { a: text }, [".a"]), version("v2", { a: text, b: text }, [".a"]))).toEqual([
    'spec.selectableFields: Invalid value: "": may only be set when validations.schema is included',
  ]);
  const alone = "may only be set when `version.schema.openAPIV3Schema` is not included";
  expect(of(version("v1", { a: text }, [".a"]), version("v2", { a: text }, []))).toEqual([
    `spec.versions[0].selectableFields: Invalid value: "": ${alone}`,
  ]);
  expect(of(version("v1", { a: text }, [".a"]), version("v2", { b: text }, [".b"]))).toEqual([]);
});

describe("an update", () => {
  it("keeps identity once established, and stored versions as long as they are stored", () => {
    const crd = definition({ type: "object" });
    const live = { ...crd, status: nextStatus(crd, [], "2026-01-01T00:00:00Z") };
    const renamed = {
      ...live,
      spec: {
        ...live.spec,
        scope: "Cluster" as const,
        versions: live.spec.versions.map((version) => ({ ...version, name: "v2" })),
      },
    };
    const errors = [...validateDefinition(renamed), ...immutableDefinitionFields(renamed, live)].map(
      (error) => `${error.field}: ${error.detail}`,
    );
    expect(errors).toEqual([
      "status.storedVersions: must have the storage version v2",
      expect.stringMatching(
        /^status\.storedVersions\[0\]: missing from spec\.versions; v1 was previously a storage version/,
      ),
      "spec.scope: field is immutable",
    ]);
  });
});
