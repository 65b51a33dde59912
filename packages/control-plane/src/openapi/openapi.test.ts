import { expect, test } from "vitest";
import { builtInKinds } from "../kinds/built-in-kinds.js";
import type { ServedKind } from "../registry/kind.js";
import type { Descriptions } from "./descriptions.js";
import { OpenApi } from "./openapi.js";

const request = { hash: undefined, accept: undefined, ifNoneMatch: undefined };

interface V3 {
  paths: Record<
    string,
    Record<string, { parameters?: { name: string }[]; "x-kubernetes-group-version-kind": unknown }>
  >;
  components: { schemas: Record<string, { properties?: Record<string, Record<string, unknown>> }> };
}

function widget(): ServedKind {
  const deployment = builtInKinds().find((kind) => kind.kind === "Deployment");
  if (deployment === undefined) throw new Error("no Deployment");
  const { protobufMessage: _message, ...rest } = deployment;
  return {
    ...rest,
    group: "example.com",
    version: "v1",
    kind: "Widget",
    listKind: "WidgetList",
    resource: "widgets",
    strategicMergePatch: false,
    schema: {
      type: "object",
      properties: {
        spec: {
          type: "object",
          properties: { size: { type: "integer", minimum: 1 } },
          validations: [{ rule: "self.size > 0" }],
        },
      },
    },
  };
}

const documents = new OpenApi(
  () => [...builtInKinds(), widget()],
  () => 0,
);

test("the index leads to a document of every group version", () => {
  const index = JSON.parse(documents.answer({ ...request, path: "/openapi/v3" })?.body.toString() ?? "") as {
    paths: Record<string, { serverRelativeURL: string }>;
  };
  expect(Object.keys(index.paths)).toContain("api/v1");
  for (const [name, { serverRelativeURL }] of Object.entries(index.paths)) {
    const url = new URL(serverRelativeURL, "https://host");
    const answer = documents.answer({
      ...request,
      path: url.pathname,
      hash: url.searchParams.get("hash") ?? undefined,
    });
    expect(answer?.status, name).toBe(200);
    expect(answer?.headers["cache-control"]).toContain("immutable");
    const document = JSON.parse(answer?.body.toString() ?? "") as V3;
    for (const match of (answer?.body.toString() ?? "").matchAll(
      /"\$ref":"#\/components\/schemas\/([^"]+)"/g,
    )) {
      expect(document.components.schemas).toHaveProperty([match[1] ?? ""]);
    }
  }
});

test("types and operations say what clients look for", () => {
  const body = documents.answer({ ...request, path: "/openapi/v3/apis/apps/v1" })?.body.toString() ?? "";
  const document = JSON.parse(body) as V3;
  const spec = document.components.schemas["io.k8s.api.core.v1.PodSpec"]?.properties?.["containers"];
  expect(spec).toMatchObject({
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    "x-kubernetes-patch-merge-key": "name",
    "x-kubernetes-patch-strategy": "merge",
    items: { allOf: [{ $ref: "#/components/schemas/io.k8s.api.core.v1.Container" }] },
  });
  expect(document.components.schemas["io.k8s.api.apps.v1.Deployment"]).toMatchObject({
    "x-kubernetes-group-version-kind": [{ group: "apps", kind: "Deployment", version: "v1" }],
  });
  const patch = document.paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]?.["patch"];
  expect(patch?.parameters?.map((parameter) => parameter.name)).toContain("fieldValidation");
});

test("fields and their types are described each by its own text", () => {
  const texts: Descriptions = { of: (type, field) => `${type.split(".").at(-1)}#${field ?? ""}` };
  const described = new OpenApi(builtInKinds, () => 0, texts);
  const body = described.answer({ ...request, path: "/openapi/v3/apis/apps/v1" })?.body.toString() ?? "";
  const schemas = (JSON.parse(body) as { components: { schemas: Record<string, Record<string, unknown>> } })
    .components.schemas;
  expect(schemas["io.k8s.api.apps.v1.DeploymentStrategy"]?.["description"]).toBe("DeploymentStrategy#");
  const spec = schemas["io.k8s.api.apps.v1.DeploymentSpec"] as { properties: Record<string, unknown> };
  expect(spec.properties["strategy"]).toMatchObject({
    description: "DeploymentSpec#strategy",
    allOf: [{ $ref: "#/components/schemas/io.k8s.api.apps.v1.DeploymentStrategy" }],
  });
});

test("custom resources appear with their own schema", () => {
  const body =
    documents.answer({ ...request, path: "/openapi/v3/apis/example.com/v1" })?.body.toString() ?? "";
  const widgetType = (JSON.parse(body) as V3).components.schemas["com.example.v1.Widget"];
  expect(widgetType?.properties?.["spec"]).toEqual({
    type: "object",
    properties: { size: { type: "integer", minimum: 1 } },
    "x-kubernetes-validations": [{ rule: "self.size > 0" }],
  });
  expect(widgetType?.properties?.["metadata"]).toEqual({
    $ref: "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
  });
});

/** The document of one group version, or of all in the second edition, as far as a test wants to read it. */
function read(path: string, from = documents) {
  type Members = Record<string, unknown>;
  const document = JSON.parse(from.answer({ ...request, path })?.body.toString() ?? "") as {
    paths: Record<string, Record<string, Members>>;
    components?: { schemas: Record<string, Members> };
    definitions?: Record<string, Members>;
  };
  const schemas = document.components?.schemas ?? document.definitions ?? {};
  const property = (type: string, name: string) =>
    (schemas[type]?.["properties"] as Record<string, Members> | undefined)?.[name];
  return { ...document, schemas, property };
}

const ref = (name: string) => ({ $ref: `#/components/schemas/io.k8s.${name}` });

test("what Go cannot leave out has a default in the third edition alone", () => {
  const { property } = read("/openapi/v3/api/v1");
  expect(property("io.k8s.api.core.v1.Pod", "spec")).toMatchObject({
    default: {},
    allOf: [ref("api.core.v1.PodSpec")],
  });
  expect(property("io.k8s.api.core.v1.PodSpec", "securityContext")).toEqual(
    ref("api.core.v1.PodSecurityContext"),
  );
  expect(property("io.k8s.api.core.v1.PodSpec", "containers")).toMatchObject({
    items: { default: {}, allOf: [ref("api.core.v1.Container")] },
  });
  expect(property("io.k8s.api.core.v1.Container", "args")).toMatchObject({
    items: { type: "string", default: "" },
  });
  expect(property("io.k8s.api.core.v1.Secret", "data")).toMatchObject({
    additionalProperties: { type: "string", format: "byte" },
  });
  expect(property("io.k8s.api.core.v1.Secret", "data")?.["additionalProperties"]).not.toHaveProperty(
    "default",
  );
  const second = read("/openapi/v2");
  expect(second.property("io.k8s.api.core.v1.Pod", "spec")).not.toHaveProperty("default");
  expect(second.property("io.k8s.api.core.v1.ContainerPort", "protocol")).not.toHaveProperty("default");
});

test("what a field says of its type stays with the field", () => {
  const { schemas, property } = read("/openapi/v3/apis/storage.k8s.io/v1");
  expect(schemas["io.k8s.api.core.v1.ObjectReference"]).toMatchObject({ "x-kubernetes-map-type": "atomic" });
  expect(property("io.k8s.api.core.v1.PersistentVolumeSpec", "claimRef")).toMatchObject({
    "x-kubernetes-map-type": "granular",
  });
});

test("lists and the fields of all objects are described", () => {
  const texts: Descriptions = { of: (type, field) => `${type.split(".").at(-1)}#${field ?? ""}` };
  const all = () => [...builtInKinds(), widget()];
  const { schemas, property } = read("/openapi/v3/api/v1", new OpenApi(all, () => 0, texts));
  expect(schemas["io.k8s.api.core.v1.PodList"]?.["description"]).toBe("PodList#");
  expect(property("io.k8s.api.core.v1.PodList", "items")).toMatchObject({
    description: "PodList#items",
    items: { default: {}, allOf: [ref("api.core.v1.Pod")] },
  });
  const custom = read("/openapi/v3/apis/example.com/v1", new OpenApi(all, () => 0, texts));
  expect(custom.schemas["com.example.v1.WidgetList"]?.["description"]).toBe("WidgetList is a list of Widget");
  expect(custom.property("com.example.v1.Widget", "apiVersion")?.["description"]).toContain("#apiVersion");
  expect(custom.property("com.example.v1.WidgetList", "items")?.["items"]).toEqual({
    $ref: "#/components/schemas/com.example.v1.Widget",
  });
});

test("deletions take options and answer with a status, or with the object of some kinds", () => {
  const { paths } = read("/openapi/v3/api/v1");
  const answer = (path: string) =>
    (paths[path]?.["delete"]?.["responses"] as Record<string, unknown> | undefined)?.["200"];
  const item = "/api/v1/namespaces/{namespace}/configmaps/{name}";
  expect(paths[item]?.["delete"]?.["requestBody"]).toEqual({
    content: { "*/*": { schema: ref("apimachinery.pkg.apis.meta.v1.DeleteOptions") } },
  });
  const json = (schema: object) => ({ content: { "application/json": { schema } } });
  expect(answer(item)).toMatchObject(json(ref("apimachinery.pkg.apis.meta.v1.Status")));
  expect(answer("/api/v1/namespaces/{namespace}/pods/{name}")).toMatchObject(json(ref("api.core.v1.Pod")));
  expect(paths["/api/v1/namespaces/{namespace}/pods"]?.["delete"]?.["operationId"]).toBe(
    "deleteCoreV1CollectionNamespacedPod",
  );
});

test("parts of objects that can be read and written have paths, connections have none", () => {
  const { paths } = read("/openapi/v3/api/v1");
  const pod = "/api/v1/namespaces/{namespace}/pods/{name}";
  expect(paths[`${pod}/eviction`]?.["post"]).toMatchObject({
    operationId: "createCoreV1NamespacedPodEviction",
    requestBody: { content: { "*/*": { schema: ref("api.policy.v1.Eviction") } }, required: true },
    "x-kubernetes-group-version-kind": { group: "policy", version: "v1", kind: "Eviction" },
  });
  expect(Object.keys(paths[`${pod}/resize`] ?? {}).sort()).toEqual(["get", "parameters", "patch", "put"]);
  expect(paths[`${pod}/exec`]).toBeUndefined();
  const scale =
    read("/openapi/v3/apis/apps/v1").paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"];
  expect(scale?.["patch"]).toMatchObject({
    operationId: "patchAppsV1NamespacedDeploymentScale",
    "x-kubernetes-group-version-kind": { group: "autoscaling", version: "v1", kind: "Scale" },
  });
});

test("operations on custom resources are described as theirs alone", () => {
  const scaled: ServedKind = {
    ...widget(),
    scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" },
    selectableFields: { "spec.mode": () => "" },
  };
  const own = new OpenApi(
    () => [scaled],
    () => 0,
  );
  const { paths, schemas } = read("/openapi/v3/apis/example.com/v1", own);
  const item = "/apis/example.com/v1/namespaces/{namespace}/widgets/{name}";
  const patch = paths[`${item}/scale`]?.["patch"];
  expect(patch).toMatchObject({
    "x-kubernetes-group-version-kind": { group: "example.com", version: "v1", kind: "Widget" },
  });
  expect(Object.keys(patch?.["responses"] ?? {})).toEqual(["200", "401"]);
  expect(paths[item]?.["get"]?.["parameters"]).toMatchObject([{ name: "resourceVersion" }]);
  expect(paths["/apis/example.com/v1/widgets"]?.["get"]?.["description"]).toBe("list objects of kind Widget");
  for (const name of ["com.example.v1.Widget", "com.example.v1.WidgetList"]) {
    expect(schemas[name]?.["x-kubernetes-selectable-fields"]).toEqual([{ fieldPath: "spec.mode" }]);
  }
});

test("documents of the third edition are JSON or protobuf, and nothing for clients that take neither", () => {
  const path = "/openapi/v3/apis/apps/v1";
  const refused = documents.answer({ ...request, path, accept: "text/html" });
  expect(refused).toMatchObject({ status: 406, body: "" });
  expect(documents.answer({ ...request, path, accept: "text/html,application/*;q=0.1" })?.status).toBe(200);
  expect(documents.answer({ ...request, path: "/openapi/v3", accept: "text/html" })?.status).toBe(200);
  const accept = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";
  const gnostic = documents.answer({ ...request, path, accept });
  expect(gnostic?.contentType).toBe("application/com.github.proto-openapi.spec.v3.v1.0+protobuf");
  expect(Buffer.from(gnostic?.body as Uint8Array).toString("latin1")).toContain(
    "io.k8s.api.apps.v1.Deployment",
  );
  expect(gnostic?.headers).toEqual(documents.answer({ ...request, path })?.headers);
  expect(documents.answer({ ...request, path: "/openapi/v2", accept })?.status).toBe(406);
});

test("every operation has a name of its own", () => {
  const { paths } = read("/openapi/v2");
  const names = Object.values(paths).flatMap((path) =>
    Object.values(path).flatMap(({ operationId }) => (typeof operationId === "string" ? [operationId] : [])),
  );
  expect(names.length).toBeGreaterThan(500);
  expect(new Set(names).size).toBe(names.length);
});

test("the second edition leaves open what it cannot say of custom resources", () => {
  const kind = widget();
  const spec = {
    type: "object",
    required: ["size", "port"],
    properties: {
      size: { type: "integer", nullable: true, default: 3 },
      port: { intOrString: true, anyOf: [{ type: "integer" }, { type: "string" }] },
      raw: { type: "object", preserveUnknownFields: true, properties: { a: { type: "string" } } },
      inner: { type: "object", embeddedResource: true, properties: { spec: { type: "object" } } },
    },
  } as const;
  const served = { ...kind, schema: { type: "object", properties: { spec } } } as const;
  const own = new OpenApi(
    () => [served],
    () => 0,
  );
  const second = read("/openapi/v2", own).property("com.example.v1.Widget", "spec");
  expect(second).toMatchObject({ required: ["port"] });
  expect(second?.["properties"]).toEqual({
    size: {},
    port: { "x-kubernetes-int-or-string": true },
    raw: { "x-kubernetes-preserve-unknown-fields": true },
    inner: {
      type: "object",
      "x-kubernetes-embedded-resource": true,
      properties: { spec: { type: "object" } },
    },
  });
  const third = read("/openapi/v3/apis/example.com/v1", own).property("com.example.v1.Widget", "spec");
  expect(third).toMatchObject({
    required: ["size", "port"],
    properties: {
      size: { type: "integer", nullable: true, default: 3 },
      raw: { type: "object" },
      inner: {
        required: ["kind", "apiVersion"],
        properties: { kind: { type: "string" }, spec: { type: "object" } },
      },
    },
  });
});

test("values of enumerations may be several words", () => {
  const { property } = read("/openapi/v3/apis/certificates.k8s.io/v1");
  const usages = property("io.k8s.api.certificates.v1.CertificateSigningRequestSpec", "usages");
  expect(usages?.["items"]).toMatchObject({ enum: expect.arrayContaining(["any", "digital signature"]) });
});

test("a kind's PATCH lists the patches that the kind takes, by which kubectl apply chooses", () => {
  const types = (group: string, resource: string) => {
    const body =
      documents.answer({ ...request, path: `/openapi/v3/apis/${group}/v1` })?.body.toString() ?? "";
    const { paths } = JSON.parse(body) as {
      paths: Record<string, { patch: { requestBody: { content: object } } }>;
    };
    const path = `/apis/${group}/v1/namespaces/{namespace}/${resource}/{name}`;
    return Object.keys(paths[path]?.patch.requestBody.content ?? {});
  };
  expect(types("apps", "deployments")).toContain("application/strategic-merge-patch+json");
  expect(types("example.com", "widgets")).toEqual([
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
  ]);
});

test("documents are cached by their hash", () => {
  const path = "/openapi/v3/apis/apps/v1";
  const etag = documents.answer({ ...request, path })?.headers["etag"] ?? "";
  expect(documents.answer({ ...request, path, ifNoneMatch: etag })?.status).toBe(304);
  const moved = documents.answer({ ...request, path, hash: "OLD" });
  expect(moved?.status).toBe(301);
  expect(moved?.headers["location"]).toBe(`${path}?hash=${etag.slice(1, -1)}`);
});

test("the second edition comes as JSON or as protobuf, whichever a client prefers", () => {
  const path = "/openapi/v2";
  const proto = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  const json = documents.answer({ ...request, path });
  expect(json?.contentType).toBe("application/json");
  const { definitions } = JSON.parse(json?.body.toString() ?? "") as { definitions: object };
  expect(Object.keys(definitions)).toContain("com.example.v1.Widget");
  const gnostic = documents.answer({ ...request, path, accept: proto });
  expect(gnostic?.status).toBe(200);
  expect(gnostic?.contentType).toBe("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  const body = Buffer.from(gnostic?.body as Uint8Array).toString("latin1");
  for (const name of Object.keys(definitions)) expect(body).toContain(name);
  expect(gnostic?.headers).toEqual(json?.headers);
  expect(gnostic?.headers["vary"]).toBe("Accept");
  const ifNoneMatch = gnostic?.headers["etag"];
  expect(documents.answer({ ...request, path, accept: proto, ifNoneMatch })?.status).toBe(304);
  expect(documents.answer({ ...request, path, accept: proto })?.body).toBe(gnostic?.body);
  const type = (accept: string) => documents.answer({ ...request, path, accept })?.contentType;
  expect(type(`${proto};q=0.5,application/json`)).toBe("application/json");
  expect(type(`${proto.replace("@", ".")},*/*;q=0.1`)).toBe(gnostic?.contentType);
  expect(type(`text/html,application/*`)).toBe("application/json");
  expect(documents.answer({ ...request, path, accept: "text/html" })).toMatchObject({
    status: 406,
    body: "",
  });
});

test("a document as protobuf changes with what is served", () => {
  const kinds = [...builtInKinds()];
  const changing = new OpenApi(
    () => kinds,
    () => kinds.length,
  );
  const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  const text = () =>
    Buffer.from(changing.answer({ ...request, path: "/openapi/v2", accept })?.body as Uint8Array).toString();
  expect(text()).not.toContain("com.example.v1.Widget");
  kinds.push(widget());
  expect(text()).toContain("com.example.v1.Widget");
});

test("the hash of a document changes with all that it says of a custom resource", () => {
  const hash = (kind: ServedKind) => {
    const own = new OpenApi(
      () => [kind],
      () => 0,
    );
    return own.answer({ ...request, path: "/openapi/v3/apis/example.com/v1" })?.headers["etag"];
  };
  const changed: Partial<ServedKind>[] = [
    { selectableFields: { "spec.size": () => "" } },
    { listKind: "Widgets" },
    { scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" } },
    { namespaced: false },
    { verbs: ["get"] },
  ];
  const plain = { ...widget(), selectableFields: {} };
  const { scale: _, ...unscaled } = plain;
  const hashes = [unscaled, ...changed.map((change) => ({ ...unscaled, ...change }))].map(hash);
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("unknown documents are not found", () => {
  expect(documents.answer({ ...request, path: "/openapi/v3/apis/nobody/v1" })).toBeUndefined();
});
