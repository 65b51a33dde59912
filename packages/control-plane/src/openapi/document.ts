import type { Schema } from "@capstan/kube";
import { builtInKinds } from "../kinds/built-in-kinds.js";
import type { ServedKind } from "../registry/kind.js";
import { messageSchema } from "../schema/message-schema.js";
import { Components, type Edition } from "./components.js";
import type { Descriptions } from "./descriptions.js";
import { listType } from "./list-type.js";
import { pathsOf } from "./paths.js";

type Document = Record<string, unknown>;

/** What the documents describe. */
const INFO = { title: "Kubernetes", version: "1.35" };

const SECURITY = {
  BearerToken: {
    description: "Bearer Token authentication",
    type: "apiKey",
    name: "authorization",
    in: "header",
  },
};

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
  markPublished(components);
  const paths: Record<string, Document> = {};
  for (const kind of kinds) {
    const object = addKind(kind, components);
    const list = addList(kind, components, object);
    Object.assign(paths, pathsOf(kind, { edition, components, object, list }));
  }
  const types = components.finish();
  if (edition === "v2") {
    const security = { securityDefinitions: SECURITY, security: [{ BearerToken: [] }] };
    return { swagger: "2.0", info: INFO, paths, definitions: types, ...security };
  }
  return {
    openapi: "3.0.0",
    info: INFO,
    paths,
    components: { schemas: types, securitySchemes: SECURITY },
  };
}

/** Kinds whose types other types refer to, wherever they are served. */
function markPublished(components: Components): void {
  const mark = (message: string, group: string, version: string, kind: string) =>
    components.markKind(messageSchema(message).ref ?? "", group, version, kind);
  mark("meta.v1.Status", "", "v1", "Status");
  mark("autoscaling.v1.Scale", "autoscaling", "v1", "Scale");
  mark("policy.v1.Eviction", "policy", "v1", "Eviction");
  mark("authentication.v1.TokenRequest", "authentication.k8s.io", "v1", "TokenRequest");
  for (const kind of builtInKinds()) {
    components.markKind(modelName(kind), kind.group, kind.version, kind.kind);
    mark("meta.v1.DeleteOptions", kind.group, kind.version, "DeleteOptions");
  }
}

function addKind(kind: ServedKind, components: Components): Document {
  const name = modelName(kind);
  components.markKind(name, kind.group, kind.version, kind.kind);
  return kind.protobufMessage === undefined
    ? addCustom(kind, name, components)
    : components.refer(kind.schema);
}

/** The type of a custom resource, with the fields that all objects share. */
function addCustom(kind: ServedKind, name: string, components: Components): Document {
  const typeMeta = (field: "apiVersion" | "kind"): Schema => {
    const description = components.typeMetaText(field);
    return { ...(description === undefined ? {} : { description }), type: "string" };
  };
  const schema: Schema = {
    ...kind.schema,
    type: "object",
    properties: {
      ...kind.schema.properties,
      apiVersion: typeMeta("apiVersion"),
      kind: typeMeta("kind"),
      metadata: { ...messageSchema("meta.v1.ObjectMeta"), ...components.metadataText() },
    },
  };
  const isOpen = components.edition === "v2" && kind.schema.preserveUnknownFields === true;
  // Clients would take the fields that are named for all that there may be.
  components.add(name, { ...(isOpen ? { type: "object" } : components.write(schema)), ...selectable(kind) });
  return components.referTo(name);
}

function selectable({ selectableFields }: ServedKind): Document {
  const paths = Object.keys(selectableFields).map((fieldPath) => ({ fieldPath }));
  return paths.length === 0 ? {} : { "x-kubernetes-selectable-fields": paths };
}

function addList(kind: ServedKind, components: Components, object: Document): Document {
  if (!kind.verbs.includes("list")) return object;
  const name = `${modelName(kind)}List`;
  components.add(name, {
    ...listType(kind, modelName(kind), components, object),
    ...(kind.protobufMessage === undefined ? selectable(kind) : {}),
  });
  components.markKind(name, kind.group, kind.version, kind.listKind);
  return components.referTo(name);
}
