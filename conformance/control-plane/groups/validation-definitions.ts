import type { Refusals } from "./validation.js";

/** Objects that the API refuses, and the beginnings of all that it says about them. */
export const definitions: Refusals = {
  "customresourcedefinitions apiextensions.k8s.io/v1": [
    [
      "a definition is named after its plural and group",
      "{spec: {group: a.example.com, scope: Namespaced, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}",
      'metadata.name: Invalid value: "a": must be spec.names.plural+"."+spec.group',
    ],
    [
      "a group has a dot, a scope is known",
      "{metadata: {name: as.nodot}, spec: {group: nodot, scope: Some, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}",
      'spec.group: Invalid value: "nodot": should be a domain with at least one dot',
      'spec.scope: Unsupported value: "Some": supported values: "Cluster", "Namespaced"',
    ],
    [
      "one version is stored, names of versions are labels",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: V1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}, {name: V1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}]}}",
      'spec.versions[0].name: Invalid value: "V1": a DNS-1035 label must consist of',
      'spec.versions[1].name: Invalid value: "V1": a DNS-1035 label must consist of',
      "spec.versions: Invalid value:",
      'spec.version: Invalid value: "V1": a DNS-1035 label must consist of',
      "status.storedVersions: Invalid value: null: must have at least one stored version",
    ],
    [
      "a version has a schema",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true}]}}",
      "spec.versions[0].schema.openAPIV3Schema: Required value",
    ],
    [
      "a schema is structural",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {properties: {a: {}}}, l: {type: array}}}}}]}}",
      "spec.validation.openAPIV3Schema.properties[l].items: Required value: must be specified",
      "spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields",
      "spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields",
    ],
    [
      "what stands in oneOf has no types, and stands outside too",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, oneOf: [{type: object, properties: {none: {minimum: 1}}}]}}}]}}",
      "spec.validation.openAPIV3Schema.oneOf[0].type: Forbidden: must be empty to be structural",
      "spec.validation.openAPIV3Schema.properties[none]: Required value: because it is defined in spec.validation.openAPIV3Schema.oneOf[0].properties[none]",
    ],
    [
      "references, patterns of keys and unique items are not",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {a: {$ref: '#/x'}, b: {type: array, uniqueItems: true, items: {type: string}}}}}}]}}",
      "spec.validation.openAPIV3Schema.properties[a].$ref: Forbidden: $ref is not supported",
      "spec.validation.openAPIV3Schema.properties[b].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
    ],
    [
      "map lists have keys, sets scalars",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {m: {type: array, x-kubernetes-list-type: map, items: {type: object}}, s: {type: array, x-kubernetes-list-type: set, items: {type: object}}}}}}]}}",
      "spec.validation.openAPIV3Schema.properties[m].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map",
      "spec.validation.openAPIV3Schema.properties[s].items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-lis",
    ],
    [
      "defaults fit their schema",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {a: {type: integer, default: text}, b: {type: object, default: {unknown: 1}}}}}}]}}",
      "spec.validation.openAPIV3Schema.properties[b].default: Invalid value:",
      'spec.validation.openAPIV3Schema.properties[a].default: Invalid value: "string":  in body must be of type integer: "string"',
    ],
    [
      "rules compile to booleans",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {a: {type: integer, x-kubernetes-validations: [{rule: 'self.x > 1'}, {rule: 'self + 1'}]}}}}}]}}",
      "spec.validation.openAPIV3Schema.properties[a].x-kubernetes-validations[0].rule: Invalid value:",
      "spec.validation.openAPIV3Schema.properties[a].x-kubernetes-validations[1].rule: Invalid value:",
    ],
    [
      "rules are not too costly",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {a: {type: array, items: {type: array, items: {type: string}}, x-kubernetes-validations: [{rule: 'self.all(x, x.all(y, y.contains(\"a\")))'}]}}}}}]}}",
      "spec.validation.openAPIV3Schema.properties[a].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 1",
      "spec.validation.openAPIV3Schema.properties[a].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost lim",
      "spec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of",
    ],
    [
      "a webhook converts between known review versions",
      "{metadata: {name: as.a.example.com}, spec: {conversion: {strategy: Webhook}, group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}",
      "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
      "spec.conversion.conversionReviewVersions: Required value",
    ],
    [
      "paths of scale are below spec and status",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, subresources: {scale: {specReplicasPath: .status.x, statusReplicasPath: .spec.x}}, schema: {openAPIV3Schema: {type: object}}}]}}",
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.x": should be a json path under .spec',
      'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.x": should be a json path under .status',
    ],
    [
      "columns and selectable fields are paths",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, additionalPrinterColumns: [{name: '', type: color, jsonPath: x}], selectableFields: [{jsonPath: .metadata.x}], schema: {openAPIV3Schema: {type: object}}}]}}",
      "spec.additionalPrinterColumns[0].name: Required value",
      'spec.additionalPrinterColumns[0].type: Invalid value: "color": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "x": must be a simple json path starting with .',
      'spec.selectableFields[0].jsonPath: Invalid value: ".metadata.x": is an invalid path: does not refer to a valid field',
    ],
    [
      "protected groups want an approval",
      "{metadata: {name: as.a.k8s.io}, spec: {group: a.k8s.io, scope: Cluster, names: {plural: as, kind: A}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}",
      'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see htt',
    ],
    [
      "kind and list kind differ",
      "{metadata: {name: as.a.example.com}, spec: {group: a.example.com, scope: Cluster, names: {plural: as, kind: A, listKind: A, singular: B_}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}",
      'spec.names.singular: Invalid value: "B_": a DNS-1035 label must consist of',
      'spec.names.listKind: Invalid value: "A": kind and listKind may not be the same',
    ],
  ],
};
