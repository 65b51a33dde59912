import { type ChartFile, mergeValues, parseValues } from "@capstan/helm";
import { parseYamlDocuments, stringifyYaml, YamlError } from "@capstan/kube";
import { BuildError, messageOf } from "./build-error.js";

/** The values files that ask for anything: the chart's own values.yaml alone changes nothing. */
export function effectiveValuesFiles(files: readonly string[] | undefined): readonly string[] {
  const [only] = files ?? [];
  return files?.length === 1 && cleanName(only ?? "") === "values.yaml" ? [] : (files ?? []);
}

/** What came of merging values files. */
export interface MergedValues {
  /** The text to put into the place of values.yaml; `undefined` where that is it already. */
  readonly text: string | undefined;
  /** The files that were merged. */
  readonly files: readonly string[];
}

/**
 * Merges values files left to right. `read` gives a file's bytes, or `undefined` where it is not there.
 * Throws `BuildError` ValuesFilesError.
 */
export async function mergeValuesFiles(
  paths: readonly string[],
  current: ChartFile | undefined,
  read: (path: string) => Promise<Uint8Array | undefined>,
  options: { readonly ignoreMissing: boolean; readonly missing: (path: string) => string },
): Promise<MergedValues> {
  let merged: Record<string, unknown> = {};
  const files: string[] = [];
  for (const path of paths) {
    const bytes = await read(path);
    if (bytes === undefined) {
      if (options.ignoreMissing) continue;
      throw new BuildError("ValuesFilesError", options.missing(path));
    }
    merged = mergeValues(merged, parseFile(path, bytes));
    files.push(path);
  }
  const text = Object.keys(merged).length === 0 ? "" : stringifyYaml(merged);
  if (current === undefined) {
    throw new BuildError("ValuesFilesError", "failed to locate values file: values.yaml");
  }
  return Buffer.from(text).equals(current.data) ? { text: undefined, files: [] } : { text, files };
}

/** A path as it is compared with the names of a chart's files. */
export function cleanName(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

function parseFile(path: string, bytes: Uint8Array): Record<string, unknown> {
  const text = Buffer.from(bytes).toString("utf8");
  try {
    // A values file is one document; only a chart's own values.yaml may have several.
    if (cleanName(path) === "values.yaml") return parseValues(text, "");
    const [first] = parseYamlDocuments(text, { dialect: "helm" });
    const value = first?.value ?? {};
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
    throw new Error("error unmarshaling JSON: while decoding JSON: it is not a map of values");
  } catch (error) {
    if (!(error instanceof Error) && !((error as unknown) instanceof YamlError)) throw error;
    throw new BuildError(
      "ValuesFilesError",
      `unmarshaling values from '${path}' failed: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
