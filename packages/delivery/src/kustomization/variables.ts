import type { Reader } from "@capstan/controller";
import { ApiError, type KubeObject } from "@capstan/kube";
import { RenderError } from "../render/desired-object.js";
import type { Kustomization } from "./resource.js";

/**
 * The variables of a Kustomization's post-build step: those of `substituteFrom` in order, then the
 * inline ones. Throws `RenderError` where an object that is not optional is missing.
 */
export async function loadVariables(
  object: Kustomization,
  reader: Reader,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const variables = new Map<string, string>();
  const { substituteFrom = [], substitute = {} } = object.spec.postBuild ?? {};
  for (const { kind, name, optional } of substituteFrom) {
    const namespace = object.metadata.namespace ?? "";
    const found = await read(reader, { apiVersion: "v1", kind, namespace, name }, optional, signal);
    const data = found?.["data"];
    if (typeof data !== "object" || data === null) continue;
    for (const [key, value] of Object.entries(data)) {
      const text = kind === "Secret" ? Buffer.from(String(value), "base64").toString("utf8") : String(value);
      variables.set(key, withoutNewlines(text));
    }
  }
  for (const [key, value] of Object.entries(substitute)) variables.set(key, withoutNewlines(value));
  return variables;
}

async function read(
  reader: Reader,
  ref: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  },
  optional: boolean | undefined,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  try {
    return await reader.get(ref, { signal });
  } catch (error) {
    if (optional === true && ApiError.is(error, "NotFound")) return undefined;
    if (!(error instanceof ApiError)) throw error;
    const what = `substitute from '${ref.kind}/${ref.name}' error: ${error.message}`;
    throw new RenderError("BuildFailed", `post build failed: ${what}`, { cause: error });
  }
}

function withoutNewlines(text: string): string {
  return text.replaceAll("\n", "");
}
