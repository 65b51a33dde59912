import { describe, expect, it } from "vitest";
import { z } from "zod";
import { condition, duration, int64 } from "./common-types.js";
import { defineResource } from "./define-resource.js";
import { toOpenApi } from "./openapi.js";

const Greeting = defineResource({
  group: "example.dev",
  version: "v1",
  kind: "Greeting",
  shortNames: ["gr"],
  categories: ["all"],
  spec: z.object({
    text: z.string().min(1).meta({ description: "What to say." }),
    times: z.int().min(1).max(10).default(1),
    every: duration().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    mode: z.enum(["loud", "quiet"]).optional(),
    extra: z.looseObject({}).optional().meta({ "x-kubernetes-preserve-unknown-fields": true }),
  }),
  status: z.object({ observedGeneration: int64().optional(), conditions: z.array(condition()).optional() }),
  statusDefault: { observedGeneration: -1 },
  printerColumns: [{ name: "Text", type: "string", jsonPath: ".spec.text" }],
});

describe("defineResource", () => {
  it("makes the definition that serves the kind", () => {
    const definition = Greeting.definition();
    expect(definition.metadata.name).toBe("greetings.example.dev");
    expect(definition["spec"]).toMatchObject({
      group: "example.dev",
      names: {
        kind: "Greeting",
        listKind: "GreetingList",
        plural: "greetings",
        singular: "greeting",
        shortNames: ["gr"],
      },
      scope: "Namespaced",
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: "Text", type: "string", jsonPath: ".spec.text" }],
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: {
                  type: "object",
                  required: ["text"],
                  properties: {
                    text: { type: "string", minLength: 1, description: "What to say." },
                    times: { type: "integer", minimum: 1, maximum: 10, default: 1 },
                    every: { type: "string", pattern: "^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$" },
                    labels: { type: "object", additionalProperties: { type: "string" } },
                    mode: { type: "string", enum: ["loud", "quiet"] },
                    extra: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                  },
                },
                status: { default: { observedGeneration: -1 } },
              },
            },
          },
        },
      ],
    });
  });

  it("fills in defaults and names every field that is wrong", () => {
    const object = {
      apiVersion: "example.dev/v1",
      kind: "Greeting",
      metadata: { name: "a" },
      spec: { text: "hi" },
    };
    expect(Greeting.parse(object).spec).toEqual({ text: "hi", times: 1 });
    const wrong = { ...object, spec: { text: "", times: 11 } };
    expect(() => Greeting.parse(wrong)).toThrow(/text[\s\S]*times/);
    expect(() => Greeting.parse({ ...object, kind: "Other" })).toThrow("expected a example.dev/v1 Greeting");
    expect(() => Greeting.parse("text")).toThrow(TypeError);
  });
});

describe("toOpenApi", () => {
  it("leaves out the bounds that integers bring with them", () => {
    expect(toOpenApi(z.int())).toEqual({ type: "integer" });
    expect(toOpenApi(int64().min(0))).toEqual({ type: "integer", format: "int64", minimum: 0 });
  });

  it("allows what is nullable and whatever is not described", () => {
    expect(toOpenApi(z.string().nullable())).toEqual({ type: "string", nullable: true });
    expect(toOpenApi(z.object({ a: z.unknown() }))).toMatchObject({ properties: { a: {} } });
  });
});
