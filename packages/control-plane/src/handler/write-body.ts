import type { KubeObject } from "@capstan/kube";
import type { Call, Machinery } from "./call.js";
import { badRequest } from "./errors.js";
import { servedVersion } from "./object-storage.js";
import type { FieldValidation } from "./write-options.js";

/** Makes a parsed body an object of the endpoint's kind. Throws 400 when it is of another. */
export function asEndpointObject(call: Call, value: unknown): KubeObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest(
      `${call.kind.kind} in version "${call.kind.version}" cannot be handled as a ${call.kind.kind}: ` +
        "json: cannot unmarshal the body into an object",
    );
  }
  const expected = servedVersion(call.kind);
  const body = value as Record<string, unknown>;
  if (call.kind.protobufMessage === undefined && (body["kind"] ?? "") === "") {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${call.kind.kind}): ` +
        `Object 'Kind' is missing in '${JSON.stringify(value)}'`,
    );
  }
  const apiVersion = body["apiVersion"] ?? expected;
  const kind = body["kind"] ?? call.kind.kind;
  if (kind !== call.kind.kind && call.kind.protobufMessage !== undefined) {
    const version = String(apiVersion).split("/").at(-1);
    const [internal] = (call.kind.group || "core").split(".");
    throw badRequest(
      `${String(kind)} in version "${version}" cannot be handled as a ${call.kind.kind}: ` +
        `converting (${version}.${String(kind)}) to (${internal}.${call.kind.kind}): unknown conversion`,
    );
  }
  if (apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected})`,
    );
  }
  if (kind !== call.kind.kind) {
    throw badRequest(
      `the kind in the data (${String(kind)}) does not match the expected kind (${call.kind.kind})`,
    );
  }
  const metadata = body["metadata"] ?? {};
  if (typeof metadata !== "object" || Array.isArray(metadata)) {
    throw badRequest(
      `${call.kind.kind} in version "${call.kind.version}" cannot be handled as a ${call.kind.kind}: ` +
        "json: cannot unmarshal metadata into Go struct field .metadata of type v1.ObjectMeta",
    );
  }
  return { ...body, apiVersion: expected, kind: call.kind.kind, metadata } as KubeObject;
}

/**
 * Drops unknown fields and fills in defaults. What was unknown or duplicate is refused, warned of or
 * passed over, as `fieldValidation` says. Parts of `live`, the stored object, stay the very same.
 */
export function decodeObject(
  machinery: Machinery,
  call: Call,
  object: KubeObject,
  duplicates: readonly string[],
  validation: FieldValidation,
  live?: KubeObject,
): KubeObject {
  const { object: known, unknown } = machinery.decoder.decode(object, call.kind, live);
  const inYaml = duplicates.length > 0 && duplicates.every((each) => each.startsWith("line "));
  const complaints = inYaml ? [...duplicates, ...unknown] : [...unknown, ...duplicates];
  if (complaints.length > 0 && validation === "Strict") {
    const listed = inYaml
      ? ["yaml: unmarshal errors:\n", `  ${complaints.join(", ")}`]
      : [complaints.join(", ")];
    throw badRequest(
      `${call.kind.kind} in version "${call.kind.version}" cannot be handled as a ${call.kind.kind}: ` +
        `strict decoding error: ${listed.join("")}`,
    );
  }
  if (validation === "Warn") for (const complaint of complaints) call.warn(complaint);
  const decoded = withDefaults(call, withSingleOwners(call, known), live);
  // Of a patch, this is the result, not what was sent.
  if (call.info.verb !== "patch") call.received?.(decoded);
  return decoded;
}

/** The object with defaults; what is as it is stored, of a built-in kind, has them and stays the very same. */
export function withDefaults(call: Call, object: KubeObject, live: KubeObject | undefined): KubeObject {
  const defaulted = call.kind.strategy.setDefaults(object);
  // The defaults of a definition may be newer than what is stored.
  if (live === undefined || call.kind.protobufMessage === undefined) return defaulted;
  // A member that came may be there to change another, as `stringData` does.
  if (Object.keys(object).some((name) => !Object.hasOwn(live, name))) return defaulted;
  const stored = Object.keys(defaulted).filter(
    (name) => name !== "metadata" && object[name] === live[name] && defaulted[name] !== live[name],
  );
  if (stored.length === 0) return defaulted;
  return { ...defaulted, ...Object.fromEntries(stored.map((name) => [name, live[name]])) };
}

/** The object with every owner once, and a warning about those that were there more often. */
function withSingleOwners(call: Call, object: KubeObject): KubeObject {
  const references = object.metadata.ownerReferences;
  if (!Array.isArray(references) || references.length < 2) return object;
  const byUid = new Map([...references].reverse().map((reference) => [reference.uid, reference]));
  if (byUid.size === references.length) return object;
  const ownerReferences = references.filter((reference) => byUid.get(reference.uid) === reference);
  const surplus = references.filter((reference) => byUid.get(reference.uid) !== reference);
  call.warn(
    ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may " +
      "reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: " +
      surplus.map(({ uid }) => uid).join(", "),
  );
  return { ...object, metadata: { ...object.metadata, ownerReferences } };
}
