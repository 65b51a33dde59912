import { ApiError, type KubeObject, type ManagedFieldsEntry, type Schema } from "@capstan/kube";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ApplyRequest, applyManaged } from "./apply.js";
import { updateManaged } from "./update.js";

const text: Schema = { type: "string" };
const schema: Schema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        replicas: { type: "integer" },
        paused: { type: "boolean" },
        args: { type: "array", items: text },
        selector: { type: "object", mapType: "atomic", additionalProperties: text },
        data: { type: "object", additionalProperties: text },
        tags: { type: "array", listType: "set", items: text },
        containers: {
          type: "array",
          listType: "map",
          listMapKeys: ["name"],
          items: {
            type: "object",
            properties: {
              name: text,
              image: text,
              ports: {
                type: "array",
                listType: "map",
                listMapKeys: ["port", "protocol"],
                items: {
                  type: "object",
                  properties: {
                    port: { type: "integer" },
                    protocol: { ...text, default: "TCP" },
                    host: text,
                  },
                },
              },
            },
          },
        },
      },
    },
    status: { type: "object", properties: { phase: text } },
  },
};

type Spec = Record<string, unknown>;
const T0 = Date.parse("2026-01-01T00:00:00Z");

function thing(spec?: Spec, metadata: Record<string, unknown> = {}): KubeObject {
  const meta = { name: "n", namespace: "ns", ...metadata };
  return { apiVersion: "example.com/v1", kind: "Thing", metadata: meta, ...(spec ? { spec } : {}) };
}

function apply(
  live: KubeObject | undefined,
  applied: KubeObject,
  manager: string,
  options: Partial<ApplyRequest> = {},
): KubeObject {
  const common = { apiVersion: "example.com/v1", kind: "Thing", schema, now: T0, force: false };
  const frozen = structuredClone({ live, applied });
  const { object } = applyManaged({ live, applied, manager, ...common, ...options });
  expect({ live, applied }).toEqual(frozen);
  return stored(object);
}

function update(
  live: KubeObject | undefined,
  next: KubeObject,
  manager: string,
  now = T0,
  subresource = "",
): KubeObject {
  return stored(
    updateManaged({ live, next, manager, apiVersion: "example.com/v1", subresource, schema, now }),
  );
}

function stored(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, uid: "u" } };
}

const fieldsOf = (object: KubeObject, manager: string, operation?: string): unknown =>
  entries(object).find((entry) => entry.manager === manager && (!operation || entry.operation === operation))
    ?.fieldsV1;
const entries = (object: KubeObject): ManagedFieldsEntry[] => object.metadata.managedFields ?? [];

function refusal(run: () => unknown): ApiError {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("applyManaged", () => {
  it("owns exactly what the configuration names", () => {
    const config = thing(
      {
        replicas: 1,
        containers: [{ name: "c", image: "i" }],
        tags: ["a"],
        data: { k: "v" },
        selector: { a: "b" },
      },
      { labels: { app: "x" } },
    );
    expect(fieldsOf(apply(undefined, config, "me"), "me")).toEqual({
      "f:metadata": { "f:labels": { "f:app": {} } },
      "f:spec": {
        "f:containers": { 'k:{"name":"c"}': { ".": {}, "f:image": {}, "f:name": {} } },
        "f:data": { "f:k": {} },
        "f:replicas": {},
        "f:selector": {},
        "f:tags": { 'v:"a"': {} },
      },
    });
  });

  it("changes nothing when repeated, and gives back the stored object", () => {
    const config = thing({ replicas: 1, containers: [{ name: "c", image: "i", ports: [{ port: 80 }] }] });
    const live = apply(undefined, config, "me");
    const again = applyManaged({
      live,
      applied: structuredClone(config),
      manager: "me",
      force: false,
      apiVersion: "example.com/v1",
      kind: "Thing",
      schema,
      now: T0 + 60_000,
    });
    expect(again.changed).toBe(false);
    expect(again.object).toBe(live);
  });

  it("removes what it applied before and nobody else owns", () => {
    let live = apply(
      undefined,
      thing({ replicas: 1, paused: true, tags: ["a", "b"], data: { x: "1" } }),
      "me",
    );
    live = apply(live, thing({ tags: ["b", "c"], data: { y: "2" } }), "you");
    live = apply(live, thing({ replicas: 1, tags: ["c"] }), "me", { force: true });
    expect(live["spec"]).toEqual({ replicas: 1, tags: ["b", "c"], data: { y: "2" } });
  });

  it("leaves defaults and what others added alone", () => {
    let live = apply(undefined, thing({ containers: [{ name: "c", image: "i" }] }), "me");
    live = { ...live, spec: { containers: [{ name: "c", image: "i", ports: [{ port: 1 }] }], replicas: 1 } };
    live = apply(live, thing({ containers: [{ name: "c", image: "j" }] }), "me");
    expect(live["spec"]).toEqual({
      containers: [{ name: "c", image: "j", ports: [{ port: 1 }] }],
      replicas: 1,
    });
  });

  it("keeps the order of the configuration, live-only items beside their neighbours", () => {
    const containers = (...names: string[]): Spec => ({ containers: names.map((name) => ({ name })) });
    const live = update(undefined, thing(containers("a", "x", "b", "y", "c")), "you");
    const merged = apply(live, thing(containers("c", "n", "a")), "me");
    const names = (merged["spec"] as { containers: { name: string }[] }).containers.map(({ name }) => name);
    expect(names).toEqual(["x", "b", "y", "c", "n", "a"]);
  });

  it("identifies items by defaulted keys", () => {
    const port = (host: string, extra = {}): Spec => ({
      containers: [{ name: "c", ports: [{ port: 1, host, ...extra }] }],
    });
    let live = apply(undefined, thing(port("a", { protocol: "TCP" })), "me");
    live = apply(live, thing(port("b")), "me");
    expect(live["spec"]).toEqual(port("b"));
  });

  it("names every conflict", () => {
    let live = apply(undefined, thing({ replicas: 1 }), "gitops");
    live = update(live, { ...live, spec: { replicas: 1, paused: true } }, "kubectl-edit");
    const error = refusal(() => apply(live, thing({ replicas: 2, paused: false }), "me"));
    expect(error.status).toMatchObject({
      code: 409,
      reason: "Conflict",
      message:
        'Apply failed with 2 conflicts: conflicts with "gitops":\n- .spec.replicas\n' +
        'conflicts with "kubectl-edit" using example.com/v1:\n- .spec.paused',
      details: {
        causes: [
          { reason: "FieldManagerConflict", message: 'conflict with "gitops"', field: ".spec.replicas" },
          {
            reason: "FieldManagerConflict",
            message: 'conflict with "kubectl-edit" using example.com/v1',
            field: ".spec.paused",
          },
        ],
      },
    });
    const one = refusal(() => apply(live, thing({ containers: [], replicas: 2 }), "me"));
    expect(one.message).toBe('Apply failed with 1 conflict: conflict with "gitops": .spec.replicas');
  });

  it("takes fields over by force and shares equal ones", () => {
    let live = apply(undefined, thing({ replicas: 1, paused: true }), "a");
    live = apply(live, thing({ replicas: 2, paused: true }), "b", { force: true });
    expect(fieldsOf(live, "a")).toEqual({ "f:spec": { "f:paused": {} } });
    expect(fieldsOf(live, "b")).toEqual({ "f:spec": { "f:paused": {}, "f:replicas": {} } });
    live = apply(live, thing({ replicas: 2 }), "b");
    expect(live["spec"]).toEqual({ replicas: 2, paused: true });
  });

  it("refuses configurations that do not fit the schema", () => {
    const message = (spec: Spec): string => refusal(() => apply(undefined, thing(spec), "me")).message;
    const prefix = "failed to create typed patch object (ns/n; example.com/v1, Kind=Thing): ";
    expect(message({ nope: 1 })).toBe(`${prefix}.spec.nope: field not declared in schema`);
    expect(message({ replicas: "1" })).toBe(
      `${prefix}.spec.replicas: expected numeric (int or float), got string`,
    );
    expect(message({ containers: [{ name: "c" }, { name: "c" }] })).toBe(
      `${prefix}.spec.containers: duplicate entries for key [name="c"]`,
    );
    expect(message({ containers: [{ image: "i" }] })).toBe(
      `${prefix}.spec.containers: element 0: associative list with keys has an element that omits all key fields ["name"] (and doesn't have default values for any key fields)`,
    );
    expect(refusal(() => apply(undefined, thing({ nope: 1 }), "me")).code).toBe(500);
  });

  it("refuses other kinds and managed fields", () => {
    const other = { ...thing(), kind: "Other" };
    expect(refusal(() => apply(undefined, other, "me")).status).toMatchObject({
      code: 400,
      message: "invalid object type: example.com/v1, Kind=Other",
    });
    expect(refusal(() => apply(undefined, thing({}, { managedFields: [] }), "me")).message).toBe(
      "metadata.managedFields must be nil",
    );
  });

  it("gives untracked objects to before-first-apply", () => {
    const live = apply(
      { ...thing({ replicas: 1 }), metadata: { name: "n", uid: "u" } },
      thing({ paused: true }),
      "me",
    );
    expect(fieldsOf(live, "before-first-apply")).toEqual({ "f:spec": { ".": {}, "f:replicas": {} } });
    expect(fieldsOf(live, "me")).toEqual({ "f:spec": { "f:paused": {} } });
  });

  it("lets kubectl take over what client-side apply set", () => {
    const annotation = "kubectl.kubernetes.io/last-applied-configuration";
    const config = thing({ replicas: 1, paused: true });
    const metadata = { annotations: { [annotation]: JSON.stringify(config) } };
    let live = update(undefined, thing({ replicas: 1, paused: true }, metadata), "kubectl-client-side-apply");
    const next = apply(live, thing({ replicas: 2, paused: true }), "kubectl");
    expect(next["spec"]).toEqual({ replicas: 2, paused: true });
    expect(JSON.parse(next.metadata.annotations?.[annotation] ?? "")).toEqual(
      thing({ replicas: 2, paused: true }),
    );
    live = update(live, { ...live, spec: { replicas: 5, paused: true } }, "someone");
    expect(refusal(() => apply(live, thing({ replicas: 2, paused: false }), "kubectl")).message).toBe(
      'Apply failed with 1 conflict: conflict with "someone" using example.com/v1: .spec.replicas',
    );
    expect(refusal(() => apply(live, thing({ paused: false }), "other")).code).toBe(409);
  });

  it("does not own what the endpoint resets", () => {
    const config: KubeObject = { ...thing({ replicas: 1 }), status: { phase: "x" } };
    const live = apply(undefined, config, "me", { resetFields: [["status"]] });
    expect(fieldsOf(live, "me")).toEqual({ "f:spec": { "f:replicas": {} } });
  });

  it("gives owners at vanished versions up, and converts for the others", () => {
    let live = apply(undefined, thing({ replicas: 1 }), "me");
    const managedFields = entries(live).map((entry) => ({
      ...entry,
      apiVersion: "example.com/v0",
      manager: "old",
    }));
    live = { ...live, metadata: { ...live.metadata, managedFields } };
    expect(apply(live, thing({ replicas: 2 }), "me")["spec"]).toEqual({ replicas: 2 });
    const convert = (object: KubeObject): { object: KubeObject; schema: Schema } => ({ object, schema });
    expect(refusal(() => apply(live, thing({ replicas: 2 }), "me", { convert })).message).toBe(
      'Apply failed with 1 conflict: conflict with "old": .spec.replicas',
    );
  });

  it("collapses ownership of what became atomic", () => {
    let live = apply(undefined, thing({ data: { a: "1", b: "2" } }), "me");
    const spec = schema.properties?.["spec"] as Schema;
    const data: Schema = { type: "object", mapType: "atomic", additionalProperties: text };
    const changed: Schema = {
      ...schema,
      properties: { spec: { ...spec, properties: { ...spec.properties, data } } },
    };
    live = apply(live, thing({ paused: true }), "you", { schema: changed });
    expect(fieldsOf(live, "me")).toEqual({ "f:spec": { "f:data": {} } });
  });

  it("treats __proto__ and constructor as ordinary keys", () => {
    const spec = JSON.parse('{"data":{"__proto__":"x","constructor":"y"}}') as Spec;
    const live = apply(undefined, thing(spec), "me");
    const { data } = live["spec"] as { data: Record<string, unknown> };
    expect(Object.keys(data).sort()).toEqual(["__proto__", "constructor"]);
    expect(apply(live, thing({ data: {} }), "me")["spec"]).toEqual({ data: null });
  });
});

describe("ownership over many writes", () => {
  const names = ["a", "b", "c", "d"];
  const managers = ["m1", "m2", "m3"];
  const data = fc.dictionary(fc.constantFrom(...names), fc.constantFrom("1", "2", "3"));
  const step = fc.record({
    op: fc.constantFrom("apply" as const, "update" as const),
    manager: fc.constantFrom(...managers),
    force: fc.boolean(),
    data,
  });

  /** The rules of ownership over one flat map, written down plainly. */
  class Model {
    values: Record<string, string> = {};
    owners = new Map<string, Set<string>>();

    write(op: string, manager: string, force: boolean, data: Record<string, string>): boolean {
      const id = `${op} ${manager}`;
      const mine = this.owners.get(id) ?? new Set();
      const next = op === "update" ? { ...data } : { ...this.values, ...data };
      if (op === "apply")
        for (const key of mine) if (!(key in data) && !this.ownedByOthers(id, key)) delete next[key];
      const touched = names.filter((key) => key in next && next[key] !== this.values[key]);
      const lost = names.filter((key) => key in this.values && !(key in next));
      const conflict = touched.some((key) => this.ownedByOthers(id, key));
      if (op === "apply" && conflict && !force) return false;
      for (const [other, fields] of this.owners) {
        if (other !== id || op === "update") for (const key of [...touched, ...lost]) fields.delete(key);
      }
      const before = op === "update" ? [...mine] : [];
      this.owners.set(
        id,
        new Set(
          op === "apply" ? Object.keys(data) : [...before.filter((key) => !lost.includes(key)), ...touched],
        ),
      );
      this.values = next;
      return true;
    }

    private ownedByOthers(id: string, key: string): boolean {
      return [...this.owners].some(([other, fields]) => other !== id && fields.has(key));
    }
  }

  it("follows the model", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const model = new Model();
        let live = update(undefined, thing({ data: {} }), "creator");
        for (const { op, manager, force, data } of steps) {
          const accepted = model.write(op, manager, force, data);
          const write = (): KubeObject =>
            op === "apply"
              ? apply(live, thing({ data }), manager, { force })
              : update(live, { ...live, spec: { data } }, manager);
          if (accepted) live = write();
          else expect(refusal(write).code).toBe(409);
          const spec = live["spec"] as { data: Record<string, string> | null };
          expect(spec.data ?? {}).toEqual(model.values);
          for (const [id, fields] of model.owners) {
            const [kind, name] = id.split(" ") as [string, string];
            const set = fieldsOf(live, name, kind === "apply" ? "Apply" : "Update") as Record<
              string,
              Record<string, Spec>
            >;
            const owned = Object.keys(set?.["f:spec"]?.["f:data"] ?? {}).filter((key) => key !== ".");
            expect(owned.map((key) => key.slice(2)).sort()).toEqual([...fields].sort());
          }
        }
      }),
    );
  });
});
