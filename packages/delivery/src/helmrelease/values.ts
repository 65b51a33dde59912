import type { Reader } from "@capstan/controller";
import { ChartError, readValues, type SetMode, setValues } from "@capstan/helm";
import { ApiError, type KubeObject } from "@capstan/kube";
import type { HelmRelease } from "./resource.js";

export type Values = Record<string, unknown>;
type Reference = NonNullable<HelmRelease["spec"]["valuesFrom"]>[number];

/** Values that cannot be put together; the message is that of the `ValuesError` condition. */
export class ValuesProblem extends Error {
  override readonly name = "ValuesProblem";
}

/** Reads the Secret or ConfigMap of a reference; `undefined` where there is none. */
export type ReadConfig = (kind: Reference["kind"], name: string) => Promise<KubeObject | undefined>;

/** Reads configuration of a namespace, each object once. */
export function configReader(reader: Reader, namespace: string, signal: AbortSignal): ReadConfig {
  const known = new Map<string, Promise<KubeObject | undefined>>();
  return (kind, name) => {
    const key = `${kind}/${name}`;
    const read = known.get(key) ?? reader.tryGet({ apiVersion: "v1", kind, namespace, name }, { signal });
    known.set(key, read);
    return read;
  };
}

/**
 * The values of a release: those of `valuesFrom` merged in order, `values` over them; a reference with a
 * target path sets its value over what was merged before it and in what `values` gave. Throws
 * `ValuesProblem`.
 */
export async function composeValues(object: HelmRelease, read: ReadConfig): Promise<Values> {
  const { values } = object.spec;
  let state: Merging = { result: {}, inline: isPlain(values) ? values : {} };
  for (const reference of object.spec.valuesFrom ?? []) {
    const text = await readText(object, reference, read);
    if (text === undefined) continue;
    const { targetPath } = reference;
    state =
      targetPath === undefined || targetPath === ""
        ? { ...state, result: merged(state.result, parsed(object, reference, text)) }
        : setAt(object, reference, targetPath, text, state);
  }
  return merged(state.result, state.inline);
}

/**
 * What was merged so far, and the inline values. They share the maps that only `values` gave: setting a
 * path in one sets it in the other, so that the last merge does not undo it.
 */
interface Merging {
  readonly result: Values;
  readonly inline: Values;
}

/** Maps are merged; anything else of `over` replaces, by reference. */
function merged(base: Values, over: Values): Values {
  const out: Values = Object.assign(Object.create(null), base);
  for (const [key, value] of Object.entries(over)) {
    const known = out[key];
    out[key] = isPlain(known) && isPlain(value) ? merged(known, value) : value;
  }
  return out;
}

async function readText(
  object: HelmRelease,
  reference: Reference,
  read: ReadConfig,
): Promise<string | undefined> {
  const { kind, name, valuesKey = "values.yaml", optional } = reference;
  let config: KubeObject | undefined;
  try {
    config = await read(kind, name);
  } catch (error) {
    if (error instanceof ApiError) throw new ValuesProblem(error.message, { cause: error });
    throw error;
  }
  if (config === undefined) {
    if (optional === true) return undefined;
    const plural = kind === "Secret" ? "secrets" : "configmaps";
    throw problem(object, reference, `${plural} "${name}" not found`);
  }
  const data = config["data"];
  const value = isPlain(data) && Object.hasOwn(data, valuesKey) ? data[valuesKey] : undefined;
  if (typeof value !== "string") {
    if (optional === true) return undefined;
    throw problem(object, reference, "key not found");
  }
  return kind === "Secret" ? Buffer.from(value, "base64").toString("utf8") : value;
}

function parsed(object: HelmRelease, reference: Reference, text: string): Values {
  try {
    return readValues(text);
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    throw problem(object, reference, withoutContent(error.message, reference));
  }
}

/** What a parser says of a Secret may quote it. */
function withoutContent(message: string, reference: Reference): string {
  return reference.kind === "Secret"
    ? message.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`/g, "***")
    : message;
}

function setAt(
  object: HelmRelease,
  reference: Reference,
  path: string,
  text: string,
  state: Merging,
): Merging {
  const result = merged(state.result, state.inline);
  const [value, mode] = setting(reference, text);
  try {
    // One copy of both keeps the maps that they share.
    const {
      result: changed,
      inline,
      ...others
    } = setValues({ result, inline: state.inline }, `result.${path}=${value}`, mode, { integers: "bigint" });
    if (!isPlain(changed) || !isPlain(inline)) throw new ChartError(`cannot set ${path}`);
    return { result: merged(changed, others), inline };
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    throw problem(object, reference, withoutContent(error.message, reference));
  }
}

/** A value as `--set` takes it: literal ones and those in quotes are text. */
function setting(reference: Reference, text: string): [string, SetMode] {
  if (reference.literal === true) return [text.replaceAll(/[\\,[\]{}]/g, "\\$&"), "string"];
  const quoted = ["'", '"'].some((mark) => text.startsWith(mark) && text.endsWith(mark));
  return quoted ? [text.replaceAll(/^['"]+|['"]+$/g, ""), "string"] : [text, "typed"];
}

function problem(object: HelmRelease, reference: Reference, reason: string): ValuesProblem {
  const { kind, name, optional, valuesKey = "values.yaml" } = reference;
  const where = `${object.metadata.namespace ?? ""}/${name}`;
  return new ValuesProblem(
    `could not resolve${optional === true ? " optional" : ""} ${kind} chart values reference '${where}' with key '${valuesKey}': ${reason}`,
  );
}

function isPlain(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
