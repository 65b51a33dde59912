import type { ApiResponse, KubeObject, Status, Transport } from "@capstan/kube";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../testing/system-runtime.js";
import { type TestControlPlane, testControlPlane } from "../testing/test-control-plane.js";
import type { CustomResourceDefinition } from "./definition.js";

let plane: TestControlPlane | undefined;
afterEach(async () => {
  await plane?.close();
  plane = undefined;
});

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const WIDGETS = "/apis/example.com/v1/namespaces/default/widgets";

function definition(plural = "widgets", kind = "Widget", shortNames: string[] = ["wd"]): KubeObject {
  const spec = { type: "object", properties: { n: { type: "integer", default: 1 } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural, kind, shortNames },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
        },
      ],
    },
  };
}

const widget = (name: string, extra = {}): KubeObject => ({
  apiVersion: "example.com/v1",
  kind: "Widget",
  metadata: { name, ...extra },
  spec: { z: 1 },
});

async function open(): Promise<Transport> {
  plane = await testControlPlane();
  return plane.transport();
}

/** Asks until the answer is as wanted; the state follows by itself, without time passing. */
async function until(
  ask: () => Promise<ApiResponse>,
  wanted: (response: ApiResponse) => boolean,
): Promise<ApiResponse> {
  for (let i = 0; i < 1_000; i++) {
    const response = await ask();
    if (wanted(response)) return response;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("it did not come about");
}

function isEstablished({ body }: ApiResponse): boolean {
  const { status } = body as { status?: { conditions?: { type: string; status: string }[] } };
  return (
    status?.conditions?.some(
      (condition) => condition.type === "Established" && condition.status === "True",
    ) ?? false
  );
}

describe("DefinitionController", () => {
  it("serves objects of a definition, pruned and defaulted, once it is established", async () => {
    const api = await open();
    expect((await api.request({ method: "GET", path: WIDGETS })).status).toBe(404);
    expect((await api.request({ method: "POST", path: DEFINITIONS, body: definition() })).status).toBe(201);
    const path = `${DEFINITIONS}/widgets.example.com`;
    await until(() => api.request({ method: "GET", path }), isEstablished);
    const created = await api.request({ method: "POST", path: WIDGETS, body: widget("a") });
    expect(created.status).toBe(201);
    expect((created.body as KubeObject)["spec"]).toEqual({ n: 1 });
    const refused = await api.request({
      method: "POST",
      path: WIDGETS,
      body: { ...widget("b"), spec: { n: "x" } },
    });
    expect((refused.body as Status).message).toBe(
      'Widget.example.com "b" is invalid: spec.n: Invalid value: "string": spec.n in body must be of type integer: "string"',
    );
  });

  it("empties a definition before it lets it go, honouring the finalizers of its objects", async () => {
    const api = await open();
    const path = `${DEFINITIONS}/widgets.example.com`;
    await api.request({ method: "POST", path: DEFINITIONS, body: definition() });
    await until(() => api.request({ method: "GET", path }), isEstablished);
    await api.request({ method: "POST", path: WIDGETS, body: widget("a") });
    await api.request({
      method: "POST",
      path: WIDGETS,
      body: widget("held", { finalizers: ["example.com/hold"] }),
    });
    const deleted = await api.request({ method: "DELETE", path });
    expect((deleted.body as KubeObject).metadata.finalizers).toEqual([
      "customresourcecleanup.apiextensions.k8s.io",
    ]);
    expect((deleted.body as CustomResourceDefinition).status?.conditions?.at(-1)).toMatchObject({
      type: "Terminating",
      status: "True",
      reason: "InstanceDeletionPending",
      message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
    });
    const list = await until(
      () => api.request({ method: "GET", path: WIDGETS }),
      ({ body }) => (body as { items: unknown[] }).items.length === 1,
    );
    expect(list.status).toBe(200);
    const late = await api.request({ method: "POST", path: WIDGETS, body: widget("late") });
    expect([late.status, (late.body as Status).message]).toEqual([
      403,
      'widgets.example.com "late" is forbidden: create not allowed while custom resource definition is terminating',
    ]);
    const contentType = "application/merge-patch+json";
    await api.request({
      method: "PATCH",
      path: `${WIDGETS}/held`,
      contentType,
      body: { metadata: { finalizers: null } },
    });
    await until(
      () => api.request({ method: "GET", path }),
      ({ status }) => status === 404,
    );
    expect((await api.request({ method: "GET", path: WIDGETS })).status).toBe(404);
  });

  it("takes its objects with it where it serves them no more, and where nobody may delete them", async () => {
    const api = await open();
    const path = `${DEFINITIONS}/widgets.example.com`;
    const policies = "/apis/admissionregistration.k8s.io/v1";
    const define = async () => {
      await api.request({ method: "POST", path: DEFINITIONS, body: definition() });
      await until(() => api.request({ method: "GET", path }), isEstablished);
    };
    await define();
    await api.request({ method: "POST", path: WIDGETS, body: widget("a") });
    const apiVersion = "admissionregistration.k8s.io/v1";
    const rule = { apiGroups: ["example.com"], apiVersions: ["*"], resources: ["*"], operations: ["DELETE"] };
    await api.request({
      method: "POST",
      path: `${policies}/validatingadmissionpolicies`,
      body: {
        apiVersion,
        kind: "ValidatingAdmissionPolicy",
        metadata: { name: "keep" },
        spec: { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "false" }] },
      },
    });
    await api.request({
      method: "POST",
      path: `${policies}/validatingadmissionpolicybindings`,
      body: {
        apiVersion,
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name: "keep" },
        spec: { policyName: "keep", validationActions: ["Deny"] },
      },
    });
    expect((await api.request({ method: "DELETE", path: `${WIDGETS}/a` })).status).toBe(422);
    const versions = (definition()["spec"] as { versions: object[] }).versions;
    await api.request({
      method: "PATCH",
      path,
      contentType: "application/merge-patch+json",
      body: { spec: { versions: versions.map((each) => ({ ...each, served: false })) } },
    });
    expect((await api.request({ method: "GET", path: WIDGETS })).status).toBe(404);
    await api.request({ method: "DELETE", path });
    await until(
      () => api.request({ method: "GET", path }),
      ({ status }) => status === 404,
    );
    await define();
    expect((await api.request({ method: "GET", path: WIDGETS })).body).toMatchObject({ items: [] });
  });

  it("says so where its objects are held for long", async () => {
    let late = 0;
    plane = await testControlPlane({ clock: { ...systemClock, now: () => systemClock.now() + late } });
    const api = plane.transport();
    const path = `${DEFINITIONS}/widgets.example.com`;
    await api.request({ method: "POST", path: DEFINITIONS, body: definition() });
    await until(() => api.request({ method: "GET", path }), isEstablished);
    const held = { finalizers: ["example.com/hold"] };
    for (const name of ["a", "b"]) {
      await api.request({ method: "POST", path: WIDGETS, body: widget(name, held) });
    }
    await api.request({ method: "DELETE", path });
    const shows = (text: string) =>
      until(
        () => api.request({ method: "GET", path }),
        ({ body }) => JSON.stringify(body).includes(text),
      );
    await shows("InstanceDeletionInProgress");
    late = 61_000;
    await api.request({
      method: "PATCH",
      path: `${WIDGETS}/a`,
      contentType: "application/merge-patch+json",
      body: { metadata: { finalizers: null } },
    });
    await shows("could not confirm zero CustomResources remaining: context deadline exceeded");
  });

  it("may be changed while it is being deleted", async () => {
    const api = await open();
    const path = `${DEFINITIONS}/widgets.example.com`;
    await api.request({ method: "POST", path: DEFINITIONS, body: definition() });
    await until(() => api.request({ method: "GET", path }), isEstablished);
    const held = { finalizers: ["example.com/hold"] };
    await api.request({ method: "POST", path: WIDGETS, body: widget("a", held) });
    await api.request({ method: "DELETE", path });
    const changed = await api.request({
      method: "PATCH",
      path,
      contentType: "application/merge-patch+json",
      body: { metadata: { labels: { a: "b" } } },
    });
    expect(changed.status).toBe(200);
  });

  it("gives a name to whoever waits for it once it is free", async () => {
    const api = await open();
    await api.request({ method: "POST", path: DEFINITIONS, body: definition() });
    await until(
      () => api.request({ method: "GET", path: `${DEFINITIONS}/widgets.example.com` }),
      isEstablished,
    );
    await api.request({ method: "POST", path: DEFINITIONS, body: definition("gadgets", "Gadget") });
    const path = `${DEFINITIONS}/gadgets.example.com`;
    const waiting = await until(
      () => api.request({ method: "GET", path }),
      ({ body }) => JSON.stringify(body).includes("ShortNamesConflict"),
    );
    expect(isEstablished(waiting)).toBe(false);
    await api.request({ method: "DELETE", path: `${DEFINITIONS}/widgets.example.com` });
    await until(() => api.request({ method: "GET", path }), isEstablished);
  });

  it("refuses definitions that are not structural", async () => {
    const api = await open();
    const crd = definition();
    const versions = [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { a: {} } } },
      },
    ];
    const body = { ...crd, spec: { ...(crd["spec"] as object), versions } };
    const refused = await api.request({ method: "POST", path: DEFINITIONS, body });
    expect((refused.body as Status).message).toBe(
      'CustomResourceDefinition.apiextensions.k8s.io "widgets.example.com" is invalid: spec.validation.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields',
    );
  });
});
