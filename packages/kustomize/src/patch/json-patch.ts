import { KustomizeError } from "../errors.js";
import { readYaml11 } from "../yaml/read.js";
import { setKey, type YamlValue } from "../yaml/value.js";

type Container = YamlValue[] | { [key: string]: YamlValue };
type Operation = { readonly [key: string]: YamlValue };

/** A JSON patch (RFC 6902), decoded but not checked: operations fail when they are applied. */
export type JsonPatch = readonly Operation[];

/**
 * Reads a patch written as JSON or as YAML.
 * @throws KustomizeError where it is neither, or no list of operations
 */
export function parseJsonPatch(text: string): JsonPatch {
  const value = text.startsWith("[") ? parseJson(text) : readYaml11(text, "patch");
  if (value === null) return [];
  if (!Array.isArray(value)) {
    throw failure("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
  }
  return value.map((operation) => {
    if (operation === null) return {};
    if (!isMap(operation)) {
      throw failure("json: cannot unmarshal value into Go value of type jsonpatch.Operation");
    }
    return operation;
  });
}

function parseJson(text: string): YamlValue {
  try {
    return JSON.parse(text) as YamlValue;
  } catch (error) {
    throw new KustomizeError("patch", `invalid JSON: ${(error as Error).message}`, { cause: error });
  }
}

function failure(message: string): KustomizeError {
  return new KustomizeError("patch", message);
}

function isMap(value: YamlValue | undefined): value is { [key: string]: YamlValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Values that `copy` may add to a document, which it can double each time. */
const MAX_COPIED_VALUES = 200_000;

interface Root {
  value: YamlValue;
  left: number;
}

function countValues(value: YamlValue): number {
  if (typeof value !== "object" || value === null) return 1;
  let count = 1;
  for (const inner of Object.values(value)) count += countValues(inner);
  return count;
}

/**
 * Applies a patch to a document, in place where it can; returns the result.
 * Differs from the RFC as kustomize does: `replace` of an absent key adds it, indices may be negative.
 */
export function applyJsonPatch(document: YamlValue, patch: JsonPatch): YamlValue {
  const root: Root = { value: document, left: MAX_COPIED_VALUES };
  for (const operation of patch) applyOperation(root, operation);
  return root.value;
}

function applyOperation(root: Root, operation: Operation): void {
  const op = operation["op"];
  const path = pathOf(operation, "path");
  // The patch may be applied again, elsewhere: its values must not become part of a document.
  const value = structuredClone(operation["value"] ?? null);
  switch (op) {
    case "add":
      add(root.value, path, value);
      return;
    case "remove":
      remove(root.value, path);
      return;
    case "replace":
      if (path === "") root.value = value;
      else replace(root.value, path, value);
      return;
    case "move": {
      const moved = take(root.value, pathOf(operation, "from"), "move");
      remove(root.value, pathOf(operation, "from"));
      add(root.value, path, moved, "move");
      return;
    }
    case "copy": {
      const copied = take(root.value, pathOf(operation, "from"), "copy");
      root.left -= countValues(copied);
      if (root.left < 0) throw new KustomizeError("limit", "a JSON patch copies too much");
      add(root.value, path, structuredClone(copied), "copy");
      return;
    }
    case "test":
      test(root.value, path, value);
      return;
    default:
      throw failure(`Unexpected kind: ${typeof op === "string" ? op : "unknown"}`);
  }
}

function pathOf(operation: Operation, field: "path" | "from"): string {
  const path = operation[field];
  if (typeof path !== "string") throw failure(`Unable to decode ${field} field: missing value`);
  return path;
}

interface Target {
  readonly container: Container;
  readonly key: string;
}

/** The container that holds what `path` names; undefined where it is missing or no container. */
function findContainer(document: YamlValue, path: string): Target | undefined {
  const parts = path.split("/");
  if (parts.length < 2) return undefined;
  let at: YamlValue | undefined = document;
  for (const part of parts.slice(1, -1)) {
    if (!isContainer(at)) return undefined;
    at = lookUp(at, decodeKey(part));
  }
  if (!isContainer(at)) return undefined;
  return { container: at, key: decodeKey(parts[parts.length - 1] as string) };
}

function isContainer(value: YamlValue | undefined): value is Container {
  return typeof value === "object" && value !== null;
}

function decodeKey(part: string): string {
  return part.replace(/~[01]/g, (code) => (code === "~1" ? "/" : "~"));
}

function lookUp(container: Container, key: string): YamlValue | undefined {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : undefined;
  const index = parseIndex(key);
  if (index === undefined) return undefined;
  return container[index < 0 ? index + container.length : index];
}

function parseIndex(key: string): number | undefined {
  return /^[-+]?\d{1,15}$/.test(key) ? Number(key) : undefined;
}

function add(document: YamlValue, path: string, value: YamlValue, name = "add"): void {
  const target = findContainer(document, path);
  if (target === undefined) {
    throw failure(`${name} operation does not apply: doc is missing path: "${path}": missing value`);
  }
  const { container, key } = target;
  if (!Array.isArray(container)) {
    setKey(container, key, value);
  } else if (key === "-") {
    container.push(value);
  } else {
    container.splice(insertionIndex(container, key, path, name), 0, value);
  }
}

function insertionIndex(list: readonly YamlValue[], key: string, path: string, name: string): number {
  const index = parseIndex(key);
  const prefix = `error in ${name} for path: '${path}'`;
  if (index === undefined) {
    const reason = `strconv.Atoi: parsing "${key}": invalid syntax`;
    throw failure(`${prefix}: value was not a proper array index: '${key}': ${reason}`);
  }
  if (index > list.length || index < -list.length - 1) {
    throw failure(`${prefix}: Unable to access invalid index: ${index}: invalid index referenced`);
  }
  return index < 0 ? index + list.length + 1 : index;
}

function remove(document: YamlValue, path: string): void {
  const target = findContainer(document, path);
  if (target === undefined) {
    throw failure(`remove operation does not apply: doc is missing path: "${path}": missing value`);
  }
  const { container, key } = target;
  const prefix = `error in remove for path: '${path}'`;
  if (!Array.isArray(container)) {
    if (!Object.hasOwn(container, key)) {
      throw failure(`${prefix}: Unable to remove nonexistent key: ${key}: missing value`);
    }
    delete container[key];
    return;
  }
  const index = parseIndex(key);
  if (index === undefined) throw failure(`${prefix}: strconv.Atoi: parsing "${key}": invalid syntax`);
  if (index >= container.length || index < -container.length) {
    throw failure(`${prefix}: Unable to access invalid index: ${index}: invalid index referenced`);
  }
  container.splice(index, 1);
}

function replace(document: YamlValue, path: string, value: YamlValue): void {
  const target = findContainer(document, path);
  if (target === undefined) {
    throw failure(`replace operation does not apply: doc is missing path: ${path}: missing value`);
  }
  const { container, key } = target;
  if (!Array.isArray(container)) {
    setKey(container, key, value);
    return;
  }
  const index = parseIndex(key);
  if (index === undefined || index >= container.length || index < -container.length) {
    throw failure(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  }
  container[index < 0 ? index + container.length : index] = value;
}

function take(document: YamlValue, from: string, name: string): YamlValue {
  const target = findContainer(document, from);
  if (target === undefined) {
    throw failure(`${name} operation does not apply: doc is missing from path: ${from}: missing value`);
  }
  const value = lookUp(target.container, target.key);
  if (value === undefined && Array.isArray(target.container)) {
    throw failure(`error in ${name} for path: '${target.key}': invalid index referenced`);
  }
  return value ?? null;
}

function test(document: YamlValue, path: string, expected: YamlValue): void {
  const target = findContainer(document, path);
  if (target === undefined) {
    throw failure(`test operation for path does not apply: doc is missing path: ${path}: missing value`);
  }
  const actual = lookUp(target.container, target.key);
  if (actual === undefined && Array.isArray(target.container)) {
    throw failure(`error in test for path: '${path}': invalid index referenced`);
  }
  if (!equal(actual ?? null, expected)) throw failure(`testing value ${path} failed: test failed`);
}

function equal(a: YamlValue, b: YamlValue): boolean {
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => equal(item, b[index] as YamlValue))
    );
  }
  if (isMap(a)) {
    if (!isMap(b)) return false;
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && equal(a[key] as YamlValue, b[key] as YamlValue))
    );
  }
  return a === b;
}
