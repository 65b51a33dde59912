import { deepEqual, isDns1035Label, isDns1123Subdomain } from "@capstan/kube";
import type { FieldError } from "../registry/kind.js";
import { isEstablished, isProtectedGroup } from "./conditions.js";
import { defaultErrors } from "./default-errors.js";
import {
  type CustomResourceDefinition,
  type DefinitionNames,
  type DefinitionVersion,
  type JsonSchemaProps,
  type PrinterColumn,
  type ScalePaths,
  schemaFromProps,
} from "./definition.js";
import { ruleErrors } from "./rule-errors.js";
import { structuralErrors } from "./schema-shape.js";
import { standardErrors } from "./schema-standard.js";
import { selectableFieldErrors } from "./selectable-fields.js";

/** Why a CustomResourceDefinition is refused, in the words of the Kubernetes API. */
export function validateDefinition(crd: CustomResourceDefinition): FieldError[] {
  const { metadata, spec } = crd;
  const errors: FieldError[] = [];
  if (metadata.name !== `${spec.names.plural}.${spec.group}`) {
    const problems = [...isDns1123Subdomain(metadata.name), 'must be spec.names.plural+"."+spec.group'];
    for (const detail of problems) {
      errors.push({ type: "Invalid value", field: "metadata.name", detail, value: metadata.name });
    }
  }
  errors.push(...specErrors(crd), ...storedVersionErrors(crd));
  if (isProtectedGroup(spec.group)) errors.push(...approvalErrors(crd));
  if (spec.preserveUnknownFields === true) {
    const detail =
      "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
    errors.push({ type: "Invalid value", field: "spec.preserveUnknownFields", detail, value: true });
  }
  return errors;
}

/** What must not change: group and plural ever, scope and kind once the definition is established. */
export function immutableDefinitionFields(
  next: CustomResourceDefinition,
  previous: CustomResourceDefinition,
): FieldError[] {
  const errors: FieldError[] = [];
  const immutable = (field: string, value: unknown, former: unknown): void => {
    if (!deepEqual(value, former))
      errors.push({ type: "Invalid value", field, detail: "field is immutable", value });
  };
  if (isEstablished(previous)) {
    immutable("spec.scope", next.spec.scope, previous.spec.scope);
    immutable("spec.names.kind", next.spec.names.kind, previous.spec.names.kind);
  }
  immutable("spec.group", next.spec.group, previous.spec.group);
  immutable("spec.names.plural", next.spec.names.plural, previous.spec.names.plural);
  return errors;
}

function specErrors(crd: CustomResourceDefinition): FieldError[] {
  const { spec } = crd;
  const { group, scope, versions, names } = spec;
  const errors: FieldError[] = [];
  const groupProblems = group ? isDns1123Subdomain(group) : [];
  if (!group) errors.push({ type: "Required value", field: "spec.group", detail: "" });
  else if (groupProblems.length > 0) errors.push(invalid("spec.group", group, groupProblems.join(",")));
  else if (!group.includes("."))
    errors.push(invalid("spec.group", group, "should be a domain with at least one dot"));
  if (!scope) errors.push({ type: "Required value", field: "spec.scope", detail: "" });
  else if (scope !== "Cluster" && scope !== "Namespaced") {
    errors.push({
      type: "Unsupported value",
      field: "spec.scope",
      detail: 'supported values: "Cluster", "Namespaced"',
      value: scope,
    });
  }
  for (const [index, version] of versions.entries()) {
    if (version.schema?.openAPIV3Schema) continue;
    errors.push({
      type: "Required value",
      field: `spec.versions[${index}].schema.openAPIV3Schema`,
      detail: "",
    });
  }
  errors.push(...versionErrors(versions), ...namesErrors(names), ...conversionErrors(crd));
  return errors;
}

function invalid(field: string, value: unknown, detail: string): FieldError {
  return { type: "Invalid value", field, detail, value };
}

/** Where versions all have the same schema, columns or subresources, errors name them once, above the versions. */
function versionErrors(versions: readonly DefinitionVersion[]): FieldError[] {
  const errors: FieldError[] = [];
  const shared = (part: (version: DefinitionVersion) => unknown): boolean =>
    versions.every((version) =>
      deepEqual(part(version) ?? null, versions[0] ? (part(versions[0]) ?? null) : null),
    );
  const sharedSchema = shared(({ schema }) => schema);
  const sharedColumns = shared(({ additionalPrinterColumns }) => additionalPrinterColumns);
  const sharedSubresources = shared(({ subresources }) => subresources);
  const sharedSelectable = shared(({ selectableFields }) => selectableFields);
  for (const [index, version] of versions.entries()) {
    const at = `spec.versions[${index}]`;
    const problems = isDns1035Label(version.name);
    if (problems.length > 0) {
      errors.push(invalid(`${at}.name`, version.name, problems.join(",")));
      if (index === 0) errors.push(invalid("spec.version", version.name, problems.join(",")));
    }
    errors.push(...deprecationErrors(version, at));
    const first = index === 0;
    if (!sharedSchema || first) {
      errors.push(...schemaErrors(version, sharedSchema ? "spec.validation" : `${at}.schema`));
    }
    if (!sharedSubresources || first) {
      const where = sharedSubresources ? "spec.subresources" : `${at}.subresources`;
      errors.push(...scalePathErrors(version.subresources?.scale, `${where}.scale`));
    }
    if (!sharedColumns || first) {
      const where = sharedColumns ? "spec.additionalPrinterColumns" : `${at}.additionalPrinterColumns`;
      for (const [i, column] of (version.additionalPrinterColumns ?? []).entries()) {
        errors.push(...columnErrors(column, `${where}[${i}]`));
      }
    }
    if (!sharedSelectable || first) {
      const where = sharedSelectable ? "spec.selectableFields" : `${at}.selectableFields`;
      const misplaced = misplacedSelectable(version, where, sharedSchema, sharedSelectable);
      errors.push(...(misplaced ?? selectableFieldErrors(version, where)));
    }
  }
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(invalid("spec.versions", versions, "must contain unique version names"));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    errors.push(
      invalid("spec.versions", versions, "must have exactly one version marked as storage version"),
    );
  }
  return errors;
}

/** What all versions share is known of all of them together: selectable fields need their schemas at the same place. */
function misplacedSelectable(
  { selectableFields = [] }: DefinitionVersion,
  at: string,
  sharedSchema: boolean,
  sharedSelectable: boolean,
): readonly FieldError[] | undefined {
  if (selectableFields.length === 0 || sharedSchema === sharedSelectable) return undefined;
  const detail = sharedSelectable
    ? "may only be set when validations.schema is included"
    : "may only be set when `version.schema.openAPIV3Schema` is not included";
  return [invalid(at, "", detail)];
}

function deprecationErrors(
  { deprecated, deprecationWarning: warning }: DefinitionVersion,
  at: string,
): FieldError[] {
  const field = `${at}.deprecationWarning`;
  if (warning === undefined) return [];
  if (!deprecated) return [invalid(field, warning, "can only be set for deprecated versions")];
  const errors: FieldError[] = [];
  if (Buffer.byteLength(warning) > 256)
    errors.push(invalid(field, warning, "must be <= 256 characters long"));
  if (warning === "") errors.push(invalid(field, warning, "must not be an empty string"));
  const index = warning.search(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u);
  if (index >= 0) {
    const detail = `must only contain printable UTF-8 characters; non-printable character found at index ${Buffer.byteLength(warning.slice(0, index))}`;
    errors.push(invalid(field, warning, detail));
  }
  return errors;
}

const ROOT_WITH_STATUS = new Set(["type", "properties", "required", "description", "title"]);

function schemaErrors(version: DefinitionVersion, at: string): FieldError[] {
  const props = version.schema?.openAPIV3Schema;
  if (!props) return [];
  const path = `${at}.openAPIV3Schema`;
  const errors = version.subresources?.status ? rootErrors(props, path) : [];
  if (props["nullable"] === true) {
    errors.push({
      type: "Forbidden",
      field: `${path}.nullable`,
      detail: "nullable cannot be true at the root",
    });
  }
  const standard = standardErrors(props, path);
  // A schema with parts that no structural schema has is not looked at as one.
  const structural = standard.some(isUnsupported) ? [] : structuralErrors(props, path);
  const schema = schemaFromProps(props);
  const defaults = structural.length > 0 ? [] : defaultErrors(schema, path);
  errors.push(...structural, ...defaults, ...standard);
  return errors.length > 0 ? errors : ruleErrors(schema, path);
}

function isUnsupported({ type, detail }: FieldError): boolean {
  return type === "Forbidden" && /is not supported$|^items must be a schema object/.test(detail);
}

function rootErrors(props: JsonSchemaProps, path: string): FieldError[] {
  if (props["type"] !== "object") {
    const detail =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalid(`${path}.type`, props["type"] ?? "", detail)];
  }
  const other = Object.keys(props).find(
    (key) => !ROOT_WITH_STATUS.has(key) && !key.startsWith("x-kubernetes-"),
  );
  if (other === undefined) return [];
  const allowed =
    "[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]";
  const known = new Set(
    "format maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems multipleOf items externalDocs example".split(
      " ",
    ),
  );
  if (
    Object.keys(props).every(
      (key) => ROOT_WITH_STATUS.has(key) || known.has(key) || key.startsWith("x-kubernetes-"),
    )
  )
    return [];
  return [
    invalid(
      path,
      props,
      `only ${allowed} fields are allowed at the root of the schema if the status subresource is enabled`,
    ),
  ];
}

function namesErrors(names: DefinitionNames): FieldError[] {
  const errors: FieldError[] = [];
  const { plural, kind } = names;
  const singular = names.singular ?? kind?.toLowerCase() ?? "";
  const listKind = names.listKind ?? (kind ? `${kind}List` : "");
  for (const [name, value] of Object.entries({ plural, singular, kind, listKind })) {
    if (!value) errors.push({ type: "Required value", field: `spec.names.${name}`, detail: "" });
  }
  const label = (field: string, value: string, mixedCase: boolean): void => {
    const problems = value ? isDns1035Label(mixedCase ? value.toLowerCase() : value) : [];
    if (problems.length === 0) return;
    const intro = mixedCase ? "may have mixed case, but should otherwise match: " : "";
    errors.push(invalid(`spec.names.${field}`, value, intro + problems.join(",")));
  };
  label("plural", plural, false);
  label("singular", singular, false);
  label("kind", kind, true);
  label("listKind", listKind, true);
  for (const [i, name] of (names.shortNames ?? []).entries()) label(`shortNames[${i}]`, name, false);
  if (kind && kind === listKind) {
    errors.push(invalid("spec.names.listKind", listKind, "kind and listKind may not be the same"));
  }
  for (const [i, name] of (names.categories ?? []).entries()) label(`categories[${i}]`, name, false);
  return errors;
}

const COLUMN_TYPES = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

function columnErrors({ name, type, format, jsonPath }: PrinterColumn, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push({ type: "Required value", field: `${at}.name`, detail: "" });
  const types = `must be one of ${COLUMN_TYPES.join(",")}`;
  if (!type) errors.push({ type: "Required value", field: `${at}.type`, detail: types });
  else if (!COLUMN_TYPES.includes(type)) errors.push(invalid(`${at}.type`, type, types));
  if (format && !COLUMN_FORMATS.includes(format)) {
    errors.push(invalid(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(",")}`));
  }
  if (!jsonPath) errors.push({ type: "Required value", field: `${at}.JSONPath`, detail: "" });
  else if (!jsonPath.startsWith(".")) {
    errors.push(invalid(`${at}.JSONPath`, jsonPath, "must be a simple json path starting with ."));
  }
  return errors;
}

function scalePathErrors(scale: ScalePaths | undefined, at: string): FieldError[] {
  if (!scale) return [];
  const errors: FieldError[] = [];
  const check = (name: keyof ScalePaths, parents: readonly string[], optional: boolean): void => {
    const path = scale[name];
    const field = `${at}.${name}`;
    if (!path) {
      if (!optional) errors.push({ type: "Required value", field, detail: "" });
    } else if (!path.startsWith(".") || /[[\]]/.test(path)) {
      errors.push(invalid(field, path, "must be a simple json path starting with ."));
    } else if (!parents.some((parent) => path.startsWith(`.${parent}.`))) {
      const where = parents.length > 1 ? "either .spec or .status" : `.${parents.join()}`;
      errors.push(invalid(field, path, `should be a json path under ${where}`));
    }
  };
  check("specReplicasPath", ["spec"], false);
  check("statusReplicasPath", ["status"], false);
  check("labelSelectorPath", ["spec", "status"], true);
  return errors;
}

function conversionErrors({ spec }: CustomResourceDefinition): FieldError[] {
  const { conversion } = spec;
  if (!conversion) return [];
  const { strategy, webhook } = conversion;
  if (strategy !== "None" && strategy !== "Webhook") {
    const field = "spec.conversion.strategy";
    if (!strategy) return [{ type: "Required value", field, detail: "" }];
    return [
      { type: "Unsupported value", field, detail: 'supported values: "None", "Webhook"', value: strategy },
    ];
  }
  if (strategy === "None") {
    if (!webhook) return [];
    const detail = "should not be set when strategy is not set to Webhook";
    return [{ type: "Forbidden", field: "spec.conversion.webhook", detail }];
  }
  const { clientConfig, conversionReviewVersions: versions } = webhook ?? {};
  const errors: FieldError[] = [];
  if (!clientConfig) {
    errors.push({
      type: "Required value",
      field: "spec.conversion.webhookClientConfig",
      detail: "required when strategy is set to Webhook",
    });
  }
  if (!Array.isArray(versions) || versions.length === 0) {
    errors.push({ type: "Required value", field: "spec.conversion.conversionReviewVersions", detail: "" });
  } else if (!versions.some((version) => version === "v1" || version === "v1beta1")) {
    errors.push(
      invalid(
        "spec.conversion.conversionReviewVersions",
        versions,
        "must include at least one of v1, v1beta1",
      ),
    );
  }
  return errors;
}

function storedVersionErrors({ spec, status }: CustomResourceDefinition): FieldError[] {
  const storedVersions = status?.storedVersions ?? [];
  const field = "status.storedVersions";
  const storage = spec.versions.find((version) => version.storage)?.name;
  if (storedVersions.length === 0) {
    return storage === undefined ? [invalid(field, null, "must have at least one stored version")] : [];
  }
  const errors: FieldError[] = [];
  if (storage !== undefined && !storedVersions.includes(storage)) {
    errors.push(invalid(field, storedVersions, `must have the storage version ${storage}`));
  }
  const served = new Set(spec.versions.map(({ name }) => name));
  for (const [index, name] of storedVersions.entries()) {
    if (served.has(name)) continue;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(`status.storedVersions[${index}]`, name, detail));
  }
  return errors;
}

function approvalErrors({ metadata }: CustomResourceDefinition): FieldError[] {
  const annotation = "api-approved.kubernetes.io";
  const approval = metadata.annotations?.[annotation] ?? "";
  const field = `metadata.annotations[${annotation}]`;
  const see = "see https://github.com/kubernetes/enhancements/pull/1111";
  if (approval === "") {
    const detail = `protected groups must have approval annotation ${JSON.stringify(annotation)}, ${see}`;
    return [{ type: "Required value", field, detail }];
  }
  if (approval.startsWith("unapproved") || /^https?:\/\/[^/]/.test(approval)) return [];
  const detail = `protected groups must have approval annotation ${JSON.stringify(annotation)} with either a URL or a reason starting with "unapproved", ${see}`;
  return [invalid(field, approval, detail)];
}
