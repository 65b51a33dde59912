import { isLabelValue, isQualifiedName, type KubeObject } from "@capstan/kube";
import { listAt, type Members, membersAt, textAt, textsAt } from "../members.js";
import type { Problems } from "./problems.js";

const ANNOTATIONS_LIMIT = 262_144;
/** Namespaces judge their own finalizers only; the other two are not of Kubernetes' core, whose rule it is. */
const UNQUALIFIED_FINALIZERS = new Set(["Namespace", "CustomResourceDefinition", "APIService"]);
const STANDARD_FINALIZERS = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** The metadata that all objects share, with the kind's rule for names. */
export function validateObjectMeta(
  problems: Problems,
  object: KubeObject,
  nameMessages: (name: string) => readonly string[],
): void {
  const metadata = object.metadata as unknown as Members;
  const generateName = textAt(metadata, "generateName");
  if (generateName !== "") {
    const masked = generateName.endsWith("-") ? `${generateName.slice(0, -2)}a` : generateName;
    problems.names("metadata.generateName", generateName, () => nameMessages(masked));
  }
  const name = textAt(metadata, "name");
  if (name === "") problems.required("metadata.name", "name or generateName is required");
  else problems.names("metadata.name", name, nameMessages);
  validateMetaContents(problems, object);
  validateFinalizers(problems, textsAt(metadata, "finalizers"), object.kind);
}

export function validateLabels(problems: Problems, field: string, labels: Members | undefined): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    problems.names(field, key, isQualifiedName);
    problems.names(field, String(value), isLabelValue);
  }
}

export function validateAnnotations(
  problems: Problems,
  field: string,
  annotations: Members | undefined,
): void {
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    problems.names(field, key, (text) => isQualifiedName(text.toLowerCase()));
    size += Buffer.byteLength(key) + Buffer.byteLength(String(value));
  }
  if (size > ANNOTATIONS_LIMIT) problems.tooLong(field, ANNOTATIONS_LIMIT);
}

function validateOwners(problems: Problems, owners: readonly Members[]): void {
  const controllers: string[] = [];
  for (const owner of owners) {
    const field = "metadata.ownerReferences";
    const apiVersion = textAt(owner, "apiVersion");
    if (apiVersion === "" || apiVersion.endsWith("/")) {
      problems.invalid(`${field}.apiVersion`, apiVersion, "version must not be empty");
    }
    for (const name of ["kind", "name", "uid"]) {
      if (textAt(owner, name) === "") problems.invalid(`${field}.${name}`, "", "must not be empty");
    }
    if (apiVersion === "v1" && owner["kind"] === "Event") {
      problems.invalid(field, owner, "/v1, Kind=Event is disallowed from being an owner");
    }
    if (owner["controller"] === true) controllers.push(`${textAt(owner, "kind")}/${textAt(owner, "name")}`);
  }
  if (controllers.length > 1) {
    problems.invalid(
      "metadata.ownerReferences",
      owners,
      `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${controllers[1]}`,
    );
  }
}

function validateFinalizers(problems: Problems, finalizers: readonly string[], kind: string): void {
  finalizers.forEach((finalizer, index) => {
    problems.names("metadata.finalizers", finalizer, isQualifiedName);
    if (finalizer.includes("/") || STANDARD_FINALIZERS.has(finalizer)) return;
    if (UNQUALIFIED_FINALIZERS.has(kind)) return;
    problems.invalid(
      `metadata.finalizers[${index}]`,
      finalizer,
      "name is neither a standard finalizer name nor is it fully qualified",
    );
  });
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")) {
    problems.invalid(
      "metadata.finalizers",
      finalizers,
      "finalizer orphan and foregroundDeletion cannot be both set",
    );
  }
}

/** Labels, annotations and owners, which Kubernetes checks once more with updates. */
export function validateMetaContents(problems: Problems, object: KubeObject): void {
  const metadata = object.metadata as unknown as Members;
  validateLabels(problems, "metadata.labels", membersAt(metadata, "labels"));
  validateAnnotations(problems, "metadata.annotations", membersAt(metadata, "annotations"));
  validateOwners(problems, listAt(metadata, "ownerReferences"));
}

/** What an update of any object may not do to its metadata. */
export function validateMetaUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  if (previous.metadata.deletionTimestamp === undefined) return;
  const known = new Set(previous.metadata.finalizers ?? []);
  const added = (next.metadata.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
  if (added.length === 0) return;
  const list = added.map((finalizer) => `"${finalizer}"`).join(", ");
  problems.forbidden(
    "metadata.finalizers",
    `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
  );
}
