import { formatApiVersion, type KubeObject, type Schema } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import { isEstablished } from "./conditions.js";
import { type ConversionClient, conversionClient } from "./conversion-review.js";
import { customStrategy } from "./custom-strategy.js";
import { applyDefaults } from "./defaults.js";
import { type CustomResourceDefinition, type DefinitionVersion, schemaFromProps } from "./definition.js";
import { printerColumns } from "./printer-columns.js";
import { pruneObject } from "./prune.js";
import { readPath } from "./scale-validation.js";
import { compareVersions } from "./version-order.js";
import type { WebhookConversion } from "./webhook-conversion.js";

const VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/**
 * The kinds that a definition serves, one per served version, by its accepted names; none before its
 * names are accepted. Schemas are compiled when first used.
 */
export function crdToServedKinds(
  crd: CustomResourceDefinition,
  connect: (client: ConversionClient) => WebhookConversion = unreachable,
): ServedKind[] {
  const { spec, status } = crd;
  const namesAccepted = status?.conditions?.some(
    ({ type, status }) => type === "NamesAccepted" && status === "True",
  );
  if (!namesAccepted && !isEstablished(crd)) return [];
  const stored = spec.versions.find(({ storage }) => storage);
  if (!stored) return [];
  const served = spec.versions.filter((version) => version.served);
  const webhook = webhookOf(crd, connect);
  return served.map((version) => servedKind(crd, version, stored, webhook));
}

/** What the objects of an established definition are stored as, whether that is served or not. */
export function storedKind(
  crd: CustomResourceDefinition,
  connect: (client: ConversionClient) => WebhookConversion,
): ServedKind | undefined {
  const stored = crd.spec.versions.find(({ storage }) => storage);
  if (stored === undefined || !isEstablished(crd)) return undefined;
  return servedKind(crd, stored, stored, webhookOf(crd, connect));
}

function webhookOf(
  { spec }: CustomResourceDefinition,
  connect: (client: ConversionClient) => WebhookConversion,
): WebhookConversion | undefined {
  const client = conversionClient(spec.conversion);
  return client === undefined ? undefined : connect(client);
}

function unreachable(): never {
  throw new Error("nobody calls conversion webhooks here");
}

function servedKind(
  crd: CustomResourceDefinition,
  version: DefinitionVersion,
  stored: DefinitionVersion,
  webhook: WebhookConversion | undefined,
): ServedKind {
  const { spec } = crd;
  const { group } = spec;
  const names = { ...spec.names, ...crd.status?.acceptedNames };
  const schema = schemaOf(version);
  const apiVersion = formatApiVersion(group, version.name);
  const statusSubresource = version.subresources?.status !== undefined;
  const scale = version.subresources?.scale;
  return {
    group,
    version: version.name,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    resource: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: spec.names.categories ?? [],
    namespaced: spec.scope === "Namespaced",
    verbs: VERBS,
    statusSubresource,
    ...(scale ? { scale } : {}),
    generation: true,
    schema,
    columns: printerColumns(version.additionalPrinterColumns),
    selectableFields: selectableFields(version),
    strategy: customStrategy({
      schema,
      statusSubresource,
      scale,
      apiVersion,
      kind: names.kind,
    }),
    deprecations: deprecationWarnings(crd, version),
    unconditionalUpdate: false,
    strategicMergePatch: false,
    typedListItems: true,
    storage: {
      prefix: `${group}/${names.plural}`,
      apiVersion: formatApiVersion(group, stored.name),
      // Objects stay at the version that they were stored at, whichever is stored now.
      ...(spec.versions.length < 2 && !hasChanged(crd)
        ? {}
        : { convert: conversion(apiVersion, schema, stored, group, webhook, hasChanged(crd)) }),
      ...(webhook === undefined || spec.versions.length < 2 ? {} : { remote: webhook }),
    },
  };
}

const schemas = new WeakMap<DefinitionVersion, Schema>();
const ANYTHING: Schema = { type: "object", preserveUnknownFields: true };

/** The schema of a version, the same object as long as the version is the same. */
function schemaOf(version: DefinitionVersion): Schema {
  let schema = schemas.get(version);
  if (!schema) {
    const props = version.schema?.openAPIV3Schema;
    schema = props ? schemaFromProps(props) : ANYTHING;
    schemas.set(version, schema);
  }
  return schema;
}

/** Whether objects may have been stored under another schema than the one of now. */
function hasChanged({ metadata }: CustomResourceDefinition): boolean {
  return (metadata.generation ?? 1) > 1;
}

/** Conversion by the webhook, or else to another `apiVersion`; then what the other schema leaves and adds. */
function conversion(
  apiVersion: string,
  schema: Schema,
  stored: DefinitionVersion,
  group: string,
  webhook: WebhookConversion | undefined,
  isDated: boolean,
): NonNullable<ServedKind["storage"]["convert"]> {
  const convert = (object: KubeObject, to: string, by: Schema): KubeObject => {
    if (object.apiVersion === to) return object;
    const converted = webhook?.converted(object, to) ?? { ...object, apiVersion: to };
    return applyDefaults(pruneObject(converted, by).object, by);
  };
  return {
    toStorage: (object) => convert(object, formatApiVersion(group, stored.name), schemaOf(stored)),
    fromStorage: (object) =>
      isDated && object.apiVersion === apiVersion
        ? applyDefaults(pruneObject(object, schema).object, schema)
        : convert(object, apiVersion, schema),
  };
}

function selectableFields(version: DefinitionVersion): ServedKind["selectableFields"] {
  const fields: Record<string, (object: KubeObject) => string> = {};
  for (const { jsonPath } of version.selectableFields ?? []) {
    fields[jsonPath.replace(/^\./, "")] = (object) => {
      const value = readPath(object, jsonPath);
      return value === undefined || value === null ? "" : String(value);
    };
  }
  return fields;
}

function deprecationWarnings({ spec }: CustomResourceDefinition, version: DefinitionVersion): string[] {
  if (!version.deprecated) return [];
  if (version.deprecationWarning !== undefined) return [version.deprecationWarning];
  const { group, names } = spec;
  const [newest] = spec.versions
    .filter(({ served, deprecated }) => served && !deprecated)
    .sort((a, b) => compareVersions(b.name, a.name));
  const instead =
    newest && compareVersions(newest.name, version.name) > 0
      ? `; use ${group}/${newest.name} ${names.kind}`
      : "";
  return [`${group}/${version.name} ${names.kind} is deprecated${instead}`];
}
