import type { Schema } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import { messageSchema } from "../schema/message-schema.js";
import type { Components } from "./components.js";

type Document = Record<string, unknown>;

const CONVENTIONS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md";

/** The type of lists of a kind, whose own type has the given name. */
export function listType(kind: ServedKind, name: string, components: Components, object: Document): Document {
  const list = `${name}List`;
  const isCustom = kind.protobufMessage === undefined;
  const text = (field: "" | "items" | "metadata", otherwise?: string) =>
    described(isCustom ? otherwise : components.textOf(list, field));
  // What Go cannot leave out has a default.
  const zero = isCustom ? {} : { default: {} };
  const metadata: Schema = { ...messageSchema("meta.v1.ListMeta"), ...zero };
  const metadataText = components.textOf("io.k8s.api.core.v1.PodList", "metadata");
  return {
    ...text("", `${kind.listKind} is a list of ${kind.kind}`),
    type: "object",
    required: ["items"],
    properties: {
      apiVersion: { ...described(components.typeMetaText("apiVersion")), type: "string" },
      items: {
        ...text("items", `List of ${kind.resource}. More info: ${CONVENTIONS}`),
        type: "array",
        items: isCustom ? object : components.withDefault(object, {}),
      },
      kind: { ...described(components.typeMetaText("kind")), type: "string" },
      metadata: components.write({ ...metadata, ...text("metadata", metadataText) }),
    },
  };
}

function described(description: string | undefined): { description?: string } {
  return description === undefined ? {} : { description };
}
