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
    items: { $ref: "#/components/schemas/io.k8s.api.core.v1.Container" },
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

test("unknown documents are not found", () => {
  expect(documents.answer({ ...request, path: "/openapi/v3/apis/nobody/v1" })).toBeUndefined();
});
