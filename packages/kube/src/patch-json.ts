import { PatchError } from "./patch-error.js";
import { copyJson, getOwn, isRecord, type JsonRecord, sameJson, setOwn } from "./patch-value.js";

/** One operation of a JSON patch (RFC 6902). */
export interface JsonPatchOperation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** Longest patch that the API takes. */
const MAX_OPERATIONS = 10_000;
/** How much `copy` operations of one patch may add in all, in bytes of JSON. */
const MAX_COPIED = 3 * 1024 * 1024;

type Container = JsonRecord | unknown[];

/**
 * Applies a JSON patch and returns the patched document; neither argument is changed. It does what
 * the Kubernetes API does, which is RFC 6902 but for three habits: `replace` of an absent object
 * member adds it, negative indices count from the end, and `test` for null holds for an absent
 * member. Throws `PatchError`: `malformed` unless `operations` is a list of objects, `too-large` past
 * 10,000 operations, `not-applicable` when an operation fails (then nothing is applied).
 */
export function applyJsonPatch(doc: unknown, operations: unknown): unknown {
  if (operations === null) return doc;
  if (!Array.isArray(operations)) {
    throw new PatchError(
      "malformed",
      `json: cannot unmarshal ${jsonType(operations)} into Go value of type jsonpatch.Patch`,
    );
  }
  if (operations.length > MAX_OPERATIONS) {
    throw new PatchError(
      "too-large",
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
    );
  }
  const state = new PatchState(doc);
  for (const operation of operations as unknown[]) {
    if (!isRecord(operation)) {
      throw new PatchError(
        "malformed",
        `json: cannot unmarshal ${jsonType(operation)} into Go value of type jsonpatch.Operation`,
      );
    }
    applyOperation(state, operation);
  }
  return state.document;
}

/** The document under change: containers are copied once, when they are first written to. */
class PatchState {
  document: unknown;
  copied = 0;
  private readonly owned = new WeakSet<object>();

  constructor(document: unknown) {
    this.document = document;
  }

  /** The container holding the last step of `pointer`, writable, with the step's decoded name. */
  locate(pointer: string): { container: Container; key: string } | undefined {
    const steps = pointer.split("/");
    if (steps.length < 2) return undefined;
    let container = this.own(this.document);
    if (container === undefined) return undefined;
    this.document = container;
    for (const raw of steps.slice(1, -1)) {
      const step = unescapeStep(raw);
      const key = Array.isArray(container) ? existingIndex(container, step) : step;
      if (typeof key === "object") return undefined;
      const next = this.own(readMember(container, key));
      if (next === undefined) return undefined;
      writeMember(container, key, next);
      container = next;
    }
    return { container, key: unescapeStep(steps[steps.length - 1] ?? "") };
  }

  private own(value: unknown): Container | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    if (this.owned.has(value)) return value as Container;
    const copy: Container = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as JsonRecord) };
    this.owned.add(copy);
    return copy;
  }
}

const OPERATIONS = new Map<unknown, (state: PatchState, operation: JsonRecord) => void>([
  ["add", add],
  ["remove", remove],
  ["replace", replace],
  ["move", move],
  ["copy", copy],
  ["test", test],
]);

function applyOperation(state: PatchState, operation: JsonRecord): void {
  const op = getOwn(operation, "op");
  const apply = OPERATIONS.get(op);
  if (!apply) throw refuse(`Unexpected kind: ${typeof op === "string" ? op : "unknown"}`);
  apply(state, operation);
}

function add(state: PatchState, operation: JsonRecord): void {
  const path = pointerOf(operation, "path", "add operation failed to decode path: missing value");
  const place = state.locate(path);
  if (!place) throw refuse(`add operation does not apply: doc is missing path: "${path}": missing value`);
  insert(place, operandOf(operation), `error in add for path: '${path}'`);
}

function remove(state: PatchState, operation: JsonRecord): void {
  const path = pointerOf(operation, "path", "remove operation failed to decode path: missing value");
  const place = state.locate(path);
  if (!place) throw refuse(`remove operation does not apply: doc is missing path: "${path}": missing value`);
  take(place, `error in remove for path: '${path}'`);
}

function replace(state: PatchState, operation: JsonRecord): void {
  const path = pointerOf(operation, "path", "replace operation failed to decode path: missing value");
  const value = operandOf(operation);
  if (path === "") {
    if (typeof value !== "object" || value === null) {
      throw refuse("replace operation value must be object or array");
    }
    state.document = value;
    return;
  }
  const place = state.locate(path);
  if (!place) throw refuse(`replace operation does not apply: doc is missing path: ${path}: missing value`);
  const { container, key } = place;
  if (!Array.isArray(container)) {
    setOwn(container, key, value);
    return;
  }
  const index = existingIndex(container, key);
  if (typeof index === "object") {
    throw refuse(`replace operation does not apply: doc is missing key: ${path}: missing value`);
  }
  container[index] = value;
}

function move(state: PatchState, operation: JsonRecord): void {
  const from = pointerOf(operation, "from", "move operation failed to decode from: missing value");
  const source = state.locate(from);
  if (!source)
    throw refuse(`move operation does not apply: doc is missing from path: ${from}: missing value`);
  const value = take(source, `error in move for path: '${source.key}'`);
  const path = pointerOf(operation, "path", "move operation failed to decode path: missing value");
  const place = state.locate(path);
  if (!place) {
    throw refuse(`move operation does not apply: doc is missing destination path: ${path}: missing value`);
  }
  insert(place, value, `error in move for path: '${path}'`);
}

function copy(state: PatchState, operation: JsonRecord): void {
  const from = pointerOf(operation, "from", "copy operation failed to decode from: missing value");
  const source = state.locate(from);
  if (!source)
    throw refuse(`copy operation does not apply: doc is missing from path: ${from}: missing value`);
  const value = read(source, `error in copy for from: '${from}'`);
  const path = pointerOf(operation, "path", "copy operation failed to decode path: missing value");
  const place = state.locate(path);
  if (!place) {
    throw refuse(`copy operation does not apply: doc is missing destination path: ${path}: missing value`);
  }
  const duplicate = value === undefined ? null : copyJson(value);
  state.copied += JSON.stringify(duplicate).length;
  if (state.copied > MAX_COPIED) {
    throw refuse(
      `Unable to complete the copy, the accumulated size increase of copy is ${state.copied}, exceeding the limit ${MAX_COPIED}`,
    );
  }
  insert(place, duplicate, "error while adding value during copy");
}

function test(state: PatchState, operation: JsonRecord): void {
  const path = pointerOf(operation, "path", "test operation failed to decode path: missing value");
  const expected = operandOf(operation);
  let actual: unknown = state.document;
  if (path !== "") {
    const place = state.locate(path);
    if (!place) throw refuse(`test operation does not apply: is missing path: ${path}: missing value`);
    actual = read(place, `error in test for path: '${path}'`) ?? null;
  }
  if (!sameJson(actual, expected)) throw refuse(`testing value ${path} failed: test failed`);
}

function pointerOf(operation: JsonRecord, member: "path" | "from", failure: string): string {
  const pointer = getOwn(operation, member);
  if (typeof pointer !== "string") throw refuse(failure);
  return pointer;
}

/** An absent value is a null one. */
function operandOf(operation: JsonRecord): unknown {
  return getOwn(operation, "value") ?? null;
}

function read({ container, key }: { container: Container; key: string }, failure: string): unknown {
  if (!Array.isArray(container)) return getOwn(container, key);
  const index = existingIndex(container, key);
  if (typeof index === "object") throw refuse(`${failure}: ${index.problem}`);
  return container[index];
}

function take(place: { container: Container; key: string }, failure: string): unknown {
  const { container, key } = place;
  if (!Array.isArray(container)) {
    if (!Object.hasOwn(container, key)) {
      throw refuse(`${failure}: Unable to remove nonexistent key: ${key}: missing value`);
    }
    const value = container[key];
    delete container[key];
    return value;
  }
  const index = existingIndex(container, key);
  if (typeof index === "object") throw refuse(`${failure}: ${index.problem}`);
  return container.splice(index, 1)[0];
}

function insert(place: { container: Container; key: string }, value: unknown, failure: string): void {
  const { container, key } = place;
  if (!Array.isArray(container)) {
    setOwn(container, key, value);
    return;
  }
  if (key === "-") {
    container.push(value);
    return;
  }
  const index = parseIndex(key);
  if (index === undefined) {
    throw refuse(
      `${failure}: value was not a proper array index: '${key}': strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`,
    );
  }
  const room = container.length + 1;
  if (index >= room || index < -room) {
    throw refuse(`${failure}: Unable to access invalid index: ${index}: invalid index referenced`);
  }
  container.splice(index < 0 ? index + room : index, 0, value);
}

function existingIndex(array: readonly unknown[], key: string): number | { problem: string } {
  const index = parseIndex(key);
  if (index === undefined) return { problem: `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax` };
  if (index >= array.length || index < -array.length) {
    return { problem: `Unable to access invalid index: ${index}: invalid index referenced` };
  }
  return index < 0 ? index + array.length : index;
}

function parseIndex(key: string): number | undefined {
  return /^[+-]?\d{1,15}$/.test(key) ? Number(key) : undefined;
}

function readMember(container: Container, key: string | number): unknown {
  return Array.isArray(container) ? container[Number(key)] : getOwn(container, String(key));
}

function writeMember(container: Container, key: string | number, value: unknown): void {
  if (Array.isArray(container)) container[Number(key)] = value;
  else setOwn(container, String(key), value);
}

function unescapeStep(step: string): string {
  return step.includes("~") ? step.replaceAll(/~1|~0/g, (code) => (code === "~1" ? "/" : "~")) : step;
}

function refuse(message: string): PatchError {
  return new PatchError("not-applicable", message);
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return value === null || value === undefined ? "null" : typeof value;
}
