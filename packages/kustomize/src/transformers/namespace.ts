import { KustomizeError } from "../errors.js";
import { type FieldSpec, FieldWalk, fieldWalks, wrongKind } from "../fieldspec/field-spec.js";
import { idKey } from "../resource/id.js";
import type { ResMap } from "../resource/res-map.js";
import type { Resource } from "../resource/resource.js";
import { getField, isNull, isNullOrEmpty, newScalar, TAG_STR, type YamlNode } from "../yaml/node.js";
import { setScalar } from "../yaml/set.js";
import type { Note, Transformer } from "./transformer.js";

/** Which subjects of role bindings get the namespace: those named `default`, all service accounts, none. */
export type SubjectMode = "defaultOnly" | "allServiceAccounts" | "none";

/** What only a transformer's own configuration can ask for. */
export interface NamespaceOptions {
  /** Only where there is no namespace yet. */
  readonly unsetOnly?: boolean;
  /** Which subjects of role bindings get the namespace. */
  readonly subjects?: SubjectMode;
}

const OWN_NAMESPACE = new FieldWalk({ path: "metadata/namespace", create: true }, "scalar");

/** Puts everything that can be in a namespace into one. */
export function namespaceTransformer(
  namespace: string,
  specs: readonly FieldSpec[],
  options: NamespaceOptions = {},
): Transformer {
  return {
    kind: "NamespaceTransformer",
    transform: (map, note) => transformAll(map, namespace, fieldWalks(specs, "scalar"), options, note),
  };
}

function transformAll(
  map: ResMap,
  namespace: string,
  walks: readonly FieldWalk[],
  options: NamespaceOptions,
  note: Note,
): void {
  if (namespace === "") return;
  const ids = new Map<string, number>();
  const count = (resource: Resource, by: number): number => {
    const key = idKey(resource.id);
    const now = (ids.get(key) ?? 0) + by;
    ids.set(key, now);
    return now;
  };
  for (const resource of map.resources) count(resource, 1);
  for (const resource of map.resources) {
    if (isNullOrEmpty(resource.node)) continue;
    resource.storePreviousId();
    count(resource, -1);
    if (setNamespaces(resource, namespace, walks, options) > 0) note(resource);
    resource.changed();
    if (count(resource, 1) !== 1) throw conflict(map, resource);
  }
  map.changed();
}

function conflict(map: ResMap, resource: Resource): KustomizeError {
  const key = idKey(resource.id);
  const matches = map.resources.filter((other) => idKey(other.id) === key);
  const names = matches.map((other) => `${other.kind}/${other.name} from ${other.file}`).join(" ");
  return new KustomizeError("transformer", `namespace transformation produces ID conflict: [${names}]`, {
    file: resource.file,
    line: resource.line > 0 ? resource.line : undefined,
  });
}

/** Sets the namespace in one object; returns in how many places. */
export function setNamespaces(
  resource: Resource,
  namespace: string,
  walks: readonly FieldWalk[],
  options: NamespaceOptions,
): number {
  const { apiVersion, kind, node } = resource;
  const set = (field: YamlNode): void => setText(field, namespace, options.unsetOnly ?? false);
  let count = 0;
  if (!resource.id.clusterScoped) count += OWN_NAMESPACE.apply(node, resource.id, set);
  const binding = kind === "RoleBinding" || kind === "ClusterRoleBinding";
  if (binding) count += setSubjects(node, options.subjects ?? "defaultOnly", set);
  for (const walk of walks) {
    const { spec } = walk;
    if (spec.path === "metadata/namespace") continue;
    if (spec.path === "metadata/name" && apiVersion !== "v1") continue;
    if (binding && isBinding(spec.kind) && spec.path === "subjects/namespace") continue;
    count += applyWalk(resource, walk, set);
  }
  return count;
}

function applyWalk(resource: Resource, walk: FieldWalk, set: (field: YamlNode) => void): number {
  try {
    return walk.apply(resource.node, resource.id, set);
  } catch (error) {
    throw KustomizeError.from(error, "transformer").wrap("namespace transformation failed");
  }
}

function isBinding(kind: string | undefined): boolean {
  return kind === "RoleBinding" || kind === "ClusterRoleBinding";
}

function setText(field: YamlNode, namespace: string, unsetOnly: boolean): void {
  if (!isNull(field) && field.kind !== "scalar") throw wrongKind("ScalarNode", field);
  if (unsetOnly && !isNull(field) && field.value !== "") return;
  setScalar(field, newScalar(namespace, TAG_STR));
}

function setSubjects(node: YamlNode, mode: SubjectMode, set: (field: YamlNode) => void): number {
  const subjects = getField(node, "subjects");
  if (mode === "none" || subjects === undefined || isNull(subjects)) return 0;
  if (subjects.kind !== "seq") {
    throw wrongKind("SequenceNode", subjects).wrap("setting namespace on (cluster)role binding subjects");
  }
  let count = 0;
  for (const subject of subjects.content) {
    const key = mode === "defaultOnly" ? "name" : "kind";
    const wanted = mode === "defaultOnly" ? "default" : "ServiceAccount";
    const field = getField(subject, key);
    if (field === undefined || isNull(field) || field.value !== wanted) continue;
    let namespace = getField(subject, "namespace");
    if (namespace === undefined) {
      namespace = newScalar("");
      subject.content.push(newScalar("namespace"), namespace);
    }
    set(namespace);
    count++;
  }
  return count;
}
