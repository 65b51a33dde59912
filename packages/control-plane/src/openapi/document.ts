import type { Schema } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import { messageSchema } from "../schema/message-schema.js";
import { Components, type Edition } from "./components.js";
import type { Descriptions } from "./descriptions.js";
import { pathsOf } from "./paths.js";

type Document = Record<string, unknown>;

/** What the documents describe. */
export const INFO = { title: "Kubernetes", version: "1.35" };

/** Name of a kind's type in OpenAPI documents: that of its published type, or its group reversed. */
export function modelName(kind: ServedKind): string {
  if (kind.protobufMessage !== undefined) return messageSchema(kind.protobufMessage).ref ?? kind.kind;
  return `${kind.group.split(".").reverse().join(".")}.${kind.version}.${kind.kind}`;
}

/** An OpenAPI document of the given kinds. */
export function openApiDocument(
  kinds: readonly ServedKind[],
  edition: Edition,
  descriptions: Descriptions,
): Document {
  const components = new Components(edition, descriptions);
  const paths: Record<string, Document> = {};
  for (const kind of kinds) {
    const object = addKind(kind, components);
    const list = addList(kind, components, object);
    Object.assign(paths, pathsOf(kind, { edition, object, list }));
    if (kind.scale !== undefined) {
      components.refer(messageSchema("autoscaling.v1.Scale"));
    }
  }
  for (const name of ["meta.v1.Status", "meta.v1.DeleteOptions"]) components.refer(messageSchema(name));
  const types = components.finish();
  if (edition === "v2") return { swagger: "2.0", info: INFO, paths, definitions: types };
  return { openapi: "3.0.0", info: INFO, paths, components: { schemas: types } };
}

function addKind(kind: ServedKind, components: Components): Document {
  const name = modelName(kind);
  const reference =
    kind.protobufMessage === undefined ? addCustom(kind, name, components) : components.refer(kind.schema);
  components.markKind(name, kind.group, kind.version, kind.kind);
  return reference;
}

/** The type of a custom resource, with the metadata that all objects share. */
function addCustom(kind: ServedKind, name: string, components: Components): Document {
  const schema: Schema = {
    ...kind.schema,
    type: "object",
    properties: {
      apiVersion: { type: "string" },
      kind: { type: "string" },
      ...kind.schema.properties,
      metadata: messageSchema("meta.v1.ObjectMeta"),
    },
  };
  components.add(name, components.write(schema));
  return components.referTo(name);
}

function addList(kind: ServedKind, components: Components, object: Document): Document {
  if (!kind.verbs.includes("list")) return object;
  const name = `${modelName(kind)}List`;
  components.add(name, {
    type: "object",
    required: ["items"],
    properties: {
      apiVersion: { type: "string" },
      items: { type: "array", items: object },
      kind: { type: "string" },
      metadata: components.refer(messageSchema("meta.v1.ListMeta")),
    },
  });
  components.markKind(name, kind.group, kind.version, kind.listKind);
  return components.referTo(name);
}
