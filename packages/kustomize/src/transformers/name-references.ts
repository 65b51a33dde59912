import { KustomizeError } from "../errors.js";
import { type FieldSpec, FieldWalk } from "../fieldspec/field-spec.js";
import type { NameReference } from "../fieldspec/transformer-config.js";
import {
  CLUSTER_SCOPE,
  effectiveNamespace,
  formatId,
  type GvkSelector,
  gvkSelected,
  type ResId,
} from "../resource/id.js";
import type { ResMap } from "../resource/res-map.js";
import type { Resource } from "../resource/resource.js";
import { getField, isNull, newScalar, type YamlNode } from "../yaml/node.js";
import { setScalar, setScalarField } from "../yaml/set.js";

/** A resource with what every look-up asks of it, read once. */
interface Known {
  readonly resource: Resource;
  readonly id: ResId;
  readonly originalNamespace: string;
  readonly namespace: string;
  readonly previous: readonly ResId[];
}

/** Makes references follow the names that their targets have been given. */
export function fixNameReferences(map: ResMap, references: readonly NameReference[]): void {
  const index = new Index(map.resources);
  const specs = specsByKind(references);
  for (const referrer of index.all) {
    const original = referrer.resource.originalId();
    const applicable = specs(original.kind);
    if (applicable.length === 0) continue;
    let fix: ReferrerFix | undefined;
    for (const { spec, walk, target } of applicable) {
      if (!gvkSelected(original, spec)) continue;
      fix ??= new ReferrerFix(referrer, index);
      fix.apply(walk, target);
    }
  }
  map.changed();
}

interface Applicable {
  readonly spec: FieldSpec;
  /** For objects of any kind: that the kind fits was found by the original one. */
  readonly walk: FieldWalk;
  readonly target: GvkSelector;
}

/** The specs in order, by the kind they are for, so that most are never looked at. */
function specsByKind(references: readonly NameReference[]): (kind: string) => readonly Applicable[] {
  const kinds = new Map<string, Applicable[]>();
  return (kind) => {
    let found = kinds.get(kind);
    if (found === undefined) {
      found = [];
      for (const target of references) {
        for (const spec of target.fieldSpecs)
          if (!spec.kind || spec.kind === kind) {
            const walk = new FieldWalk({ path: spec.path, create: spec.create }, "none");
            found.push({ spec, walk, target });
          }
      }
      kinds.set(kind, found);
    }
    return found;
  };
}

class Index {
  readonly all: readonly Known[];
  readonly #byPreviousName = new Map<string, Known[]>();
  readonly #byOriginalNamespace = new Map<string, Known[]>();

  constructor(resources: readonly Resource[]) {
    this.all = resources.map((resource) => {
      const { id } = resource;
      const previous = resource.previousIds();
      return {
        resource,
        id,
        previous,
        namespace: effectiveNamespace(id),
        originalNamespace: effectiveNamespace(resource.originalId()),
      };
    });
    for (const known of this.all) {
      for (const name of new Set(known.previous.map((id) => id.name))) {
        addTo(this.#byPreviousName, name, known);
      }
      addTo(this.#byOriginalNamespace, known.originalNamespace, known);
    }
  }

  /** Those that were in this namespace before the build. */
  onceIn(namespace: string): readonly Known[] {
    return this.#byOriginalNamespace.get(namespace) ?? [];
  }

  /** Those that once had this name, in the order of the build. */
  onceNamed(name: string): readonly Known[] {
    return this.#byPreviousName.get(name) ?? [];
  }
}

function addTo(map: Map<string, Known[]>, key: string, known: Known): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [known]);
  else list.push(known);
}

class ReferrerFix {
  readonly #referrer: Known;
  readonly #index: Index;
  readonly #bindingNamespaces: ReadonlySet<string>;

  constructor(referrer: Known, index: Index) {
    this.#referrer = referrer;
    this.#index = index;
    this.#bindingNamespaces = subjectNamespaces(referrer.resource);
  }

  apply(walk: FieldWalk, target: GvkSelector): void {
    const { resource, id } = this.#referrer;
    const { spec } = walk;
    const set = (node: YamlNode): void => this.#set(node, spec, target);
    try {
      walk.apply(resource.node, id, set);
    } catch (error) {
      const prefix = `updating name reference in '${spec.path}' field of '${formatId(id)}'`;
      throw KustomizeError.from(error, "transformer").wrap(prefix, resource.file);
    }
  }

  #set(node: YamlNode, spec: FieldSpec, target: GvkSelector): void {
    if (isNull(node)) return;
    if (node.kind !== "seq") {
      this.#setOne(node, spec, target);
      return;
    }
    for (const element of node.content) {
      if (isNull(element)) continue;
      if (element.kind === "seq") {
        throw new KustomizeError("transformer", "node is expected to be either a string or a map of string");
      }
      this.#setOne(element, spec, target);
    }
  }

  #setOne(node: YamlNode, spec: FieldSpec, target: GvkSelector): void {
    if (node.kind === "scalar") this.#setScalar(node, spec, target);
    else this.#setMap(node, spec, target);
  }

  #setScalar(node: YamlNode, spec: FieldSpec, target: GvkSelector): void {
    const found = this.#select(node.value, spec, target, () => true, sameName);
    if (found === undefined) return;
    const { name } = found.resource;
    if (name !== node.value) setScalar(node, newScalar(name));
  }

  #setMap(node: YamlNode, spec: FieldSpec, target: GvkSelector): void {
    const name = getField(node, "name");
    if (name === undefined) {
      throw new KustomizeError("transformer", "path config error; no 'name' field in node");
    }
    const inNamespace = this.#namespaceFilter(getField(node, "namespace"));
    const found = this.#select(name.value, spec, target, inNamespace, sameNameAndNamespace);
    if (found === undefined) return;
    const { resource } = found;
    if (resource.name === name.value && resource.namespace === "") return;
    setScalarField(node, "name", newScalar(resource.name));
    if (resource.namespace !== "") setScalarField(node, "namespace", newScalar(resource.namespace));
  }

  /** A namespace beside the name means the original one if any candidate has that, else the current. */
  #namespaceFilter(node: YamlNode | undefined): (known: Known) => boolean {
    if (node === undefined) return () => true;
    const wanted = node.value;
    if (wanted === CLUSTER_SCOPE) return () => false;
    const byOriginal = this.#index.onceIn(wanted).some((known) => this.#couldBeReferenced(known));
    return byOriginal ? (known) => known.originalNamespace === wanted : (known) => known.namespace === wanted;
  }

  #couldBeReferenced(known: Known): boolean {
    const referrer = this.#referrer;
    return (
      referrer.id.clusterScoped ||
      known.id.clusterScoped ||
      known.namespace === referrer.namespace ||
      this.#bindingNamespaces.has(known.resource.namespace)
    );
  }

  #select(
    name: string,
    spec: FieldSpec,
    target: GvkSelector,
    inNamespace: (known: Known) => boolean,
    identical: (candidates: readonly Known[]) => boolean,
  ): Known | undefined {
    const onceNamed = this.#index.onceNamed(name);
    if (onceNamed.length === 0) return undefined;
    const role = spec.path.endsWith("roleRef/name") ? roleRefKind(this.#referrer.resource) : undefined;
    const referrer = this.#referrer;
    let candidates = onceNamed.filter(
      (known) =>
        this.#couldBeReferenced(known) &&
        inNamespace(known) &&
        known.previous.some((id) => gvkSelected(id, target)) &&
        (role === undefined || known.previous.some((id) => gvkSelected(id, role))) &&
        (referrer.id.clusterScoped ||
          known.id.clusterScoped ||
          known.id.kind === "ServiceAccount" ||
          known.namespace === referrer.namespace),
    );
    if (candidates.length === 1) return candidates[0];
    candidates = candidates.filter((known) => sameAffixes(known.resource, referrer.resource, true));
    if (candidates.length > 1) {
      candidates = candidates.filter((known) => sameAffixes(known.resource, referrer.resource, false));
    }
    if (candidates.length <= 1 || identical(candidates)) return candidates[0];
    const ids = candidates.map((known) => formatId(known.id)).join(", ");
    throw new KustomizeError("transformer", `found multiple possible referrals: ${ids}`);
  }
}

function sameName(candidates: readonly Known[]): boolean {
  const name = candidates[0]?.resource.name;
  return candidates.every((known) => known.resource.name === name);
}

function sameNameAndNamespace(candidates: readonly Known[]): boolean {
  const namespace = candidates[0]?.namespace;
  return sameName(candidates) && candidates.every((known) => known.namespace === namespace);
}

function sameAffixes(a: Resource, b: Resource, allowEmpty: boolean): boolean {
  return sameEnding(a.prefixes, b.prefixes, allowEmpty) && sameEnding(a.suffixes, b.suffixes, allowEmpty);
}

/** Whether the shorter list is the ending of the longer one. */
function sameEnding(a: readonly string[], b: readonly string[], allowEmpty: boolean): boolean {
  if (a.length === 0 || b.length === 0) return allowEmpty || a.length === b.length;
  const length = Math.min(a.length, b.length);
  for (let i = 1; i <= length; i++) if (a[a.length - i] !== b[b.length - i]) return false;
  return true;
}

function roleRefKind(resource: Resource): GvkSelector | undefined {
  const roleRef = getField(resource.node, "roleRef");
  const group = getField(roleRef, "apiGroup");
  const kind = getField(roleRef, "kind");
  return group === undefined || kind === undefined ? undefined : { group: group.value, kind: kind.value };
}

/** Namespaces of the service accounts that a RoleBinding is for: it may refer to objects there. */
function subjectNamespaces(resource: Resource): ReadonlySet<string> {
  const found = new Set<string>();
  if (resource.kind !== "RoleBinding") return found;
  const subjects = getField(resource.node, "subjects");
  if (subjects?.kind !== "seq") return found;
  for (const subject of subjects.content) {
    const namespace = getField(subject, "namespace");
    if (namespace === undefined || getField(subject, "kind")?.value !== "ServiceAccount") continue;
    if (isNull(namespace)) {
      const message = `Invalid Input: namespace is blank for resource "${formatId(resource.id)}"\n`;
      throw new KustomizeError("resource", message, { file: resource.file, line: resource.line });
    }
    found.add(namespace.value);
  }
  return found;
}
