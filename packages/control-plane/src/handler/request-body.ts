import { deepCopy, parseYamlDocuments, YamlError } from "@capstan/kube";
import { duplicateFields } from "./duplicate-fields.js";
import { badRequest, unsupportedMediaType } from "./errors.js";
import { goJsonError } from "./go-json-error.js";

/** A request's body as it came: bytes off the wire, or plain data of an in-process caller. */
export interface RequestBody {
  /** Without parameters, lower case; empty when the client sent none. */
  readonly contentType: string;
  readonly bytes?: Uint8Array;
  readonly value?: unknown;
}

/** A body read into plain data that belongs to the request. */
export interface ParsedBody {
  readonly value: unknown;
  /** `duplicate field "a.b"` for members that came twice; `line 3: key "a" already set in map` in YAML. */
  readonly duplicates: readonly string[];
}

/** Reads Kubernetes protobuf (with its envelope) into plain data. */
export type ProtobufReader = (bytes: Uint8Array) => unknown;

const OBJECT_TYPES = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"] as const;

const decoder = new TextDecoder("utf-8", { fatal: false });
/** Deeper nesting than any object of Kubernetes has; keeps recursive walks off the end of the stack. */
const MAX_DEPTH = 512;

export function isEmptyBody(body: RequestBody): boolean {
  return body.value === undefined && (body.bytes === undefined || body.bytes.length === 0);
}

/** Reads an object body, which should be of `kind`. Throws 415 for an unknown media type and 400 for what cannot be read. */
export function parseObjectBody(
  body: RequestBody,
  protobuf: ProtobufReader | undefined,
  withDuplicates: boolean,
  kind = "Object",
): ParsedBody {
  const accepted = protobuf === undefined ? OBJECT_TYPES.slice(0, 2) : OBJECT_TYPES;
  switch (body.contentType) {
    case "":
    case "application/json":
      return parseJson(body, withDuplicates, kind);
    case "application/yaml":
      return parseYamlBody(body);
    case "application/vnd.kubernetes.protobuf":
      if (protobuf === undefined) throw unsupportedMediaType(accepted);
      return {
        value: body.bytes === undefined ? deepCopy(body.value) : protobuf(body.bytes),
        duplicates: [],
      };
    default:
      throw unsupportedMediaType(accepted);
  }
}

/** Reads a JSON body, whatever its media type claims; errors name the `kind` that was expected. */
export function parseJson(body: RequestBody, withDuplicates: boolean, kind = "Object"): ParsedBody {
  if (body.bytes === undefined) return { value: deepCopy(body.value), duplicates: [] };
  const text = decoder.decode(body.bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; ` +
        `json parse error: ${goJsonError(text)} (${head(body.bytes)})`,
    );
  }
  assertShallow(value, 0);
  return { value, duplicates: withDuplicates ? duplicateFields(text) : [] };
}

/** Reads a body that may be YAML or JSON (apply patches, YAML requests). */
export function parseYamlBody(body: RequestBody): ParsedBody {
  if (body.bytes === undefined) return { value: deepCopy(body.value), duplicates: [] };
  const first = body.bytes[0];
  if (first === 0x7b) {
    try {
      return parseJson(body, true);
    } catch {
      // Not JSON after all: flow YAML starts with a brace too.
    }
  }
  try {
    const text = decoder.decode(body.bytes);
    const documents = parseYamlDocuments(text);
    const value = documents[0]?.value;
    assertShallow(value, 0);
    return { value, duplicates: yamlDuplicates(text) };
  } catch (error) {
    throw badRequest(`error decoding YAML: ${describe(error)}`);
  }
}

function assertShallow(value: unknown, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (depth > MAX_DEPTH) throw badRequest(`exceeded max depth of ${MAX_DEPTH}`);
  for (const member of Object.values(value)) assertShallow(member, depth + 1);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The first key of a YAML text that is there twice: the stricter reader stops at it. */
function yamlDuplicates(text: string): readonly string[] {
  try {
    parseYamlDocuments(text, { dialect: "kustomize" });
  } catch (error) {
    const key = /mapping key (".*") already defined/.exec(describe(error))?.[1];
    // Whatever else the stricter reader does not take is no duplicate.
    if (error instanceof YamlError && key !== undefined)
      return [`line ${error.line}: key ${key} already set in map`];
  }
  return [];
}

/** The beginning of a body: objects as text, anything else in hexadecimal. */
function head(bytes: Uint8Array): string {
  if (bytes.length === 0) return "<empty>";
  const encoding = bytes[0] === BRACE ? "utf8" : "hex";
  const text = Buffer.from(bytes.subarray(0, 30)).toString(encoding);
  return bytes.length > 30 ? `${text} ...` : text;
}

const BRACE = 0x7b;
