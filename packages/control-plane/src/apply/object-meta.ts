import type { Schema } from "@capstan/kube";

const text: Schema = { type: "string" };
const time: Schema = { type: "string", format: "date-time" };
const integer: Schema = { type: "integer", format: "int64" };
const texts: Schema = { type: "object", additionalProperties: text };

/** `metadata` of every object as server-side apply and merge patches see it. */
export const OBJECT_META_SCHEMA: Schema = {
  type: "object",
  ref: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
  properties: {
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid: text,
    resourceVersion: text,
    generation: integer,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: integer,
    labels: texts,
    annotations: texts,
    ownerReferences: {
      type: "array",
      listType: "map",
      listMapKeys: ["uid"],
      patchStrategy: ["merge"],
      patchMergeKey: "uid",
      items: {
        type: "object",
        mapType: "atomic",
        properties: {
          apiVersion: text,
          kind: text,
          name: text,
          uid: text,
          controller: { type: "boolean" },
          blockOwnerDeletion: { type: "boolean" },
        },
      },
    },
    finalizers: { type: "array", listType: "set", patchStrategy: ["merge"], items: text },
    managedFields: {
      type: "array",
      listType: "atomic",
      items: {
        type: "object",
        properties: {
          manager: text,
          operation: text,
          apiVersion: text,
          time,
          fieldsType: text,
          fieldsV1: { type: "object" },
          subresource: text,
        },
      },
    },
  },
};
