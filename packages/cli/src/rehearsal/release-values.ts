import { mergeValues, parseValues, setValues } from "@capstan/helm";
import type { KubeObject } from "@capstan/kube";
import type { FileTree } from "@capstan/kustomize";
import type { DeclaredObjects } from "./declared-objects.js";
import { isFields } from "./scan.js";
import { treePath } from "./tree-path.js";
import type { Unit } from "./unit.js";

type Values = Record<string, unknown>;

/**
 * The values of a release: the chart's `valuesFiles`, those of `valuesFrom`, then `values`. What is not in
 * the repository is told of on `unit`. Throws `ChartError` for what is no YAML.
 */
export function valuesOf(unit: Unit, declared: DeclaredObjects, chartSpec: unknown, tree: FileTree): Values {
  const spec = isFields(unit.object["spec"]) ? unit.object["spec"] : {};
  let values: Values = {};
  const given =
    isFields(chartSpec) && Array.isArray(chartSpec["valuesFiles"]) ? chartSpec["valuesFiles"] : [];
  for (const name of given.map(String)) {
    const path = treePath(name);
    if (tree.stat(path)?.kind === "file") {
      values = mergeValues(values, parseValues(new TextDecoder().decode(tree.readFile(path)), `${name}: `));
    } else if (isFields(chartSpec) && chartSpec["ignoreMissingValuesFiles"] !== true) {
      unit.find("failure", `values file ${name} is not in the repository`);
    }
  }
  const references = Array.isArray(spec["valuesFrom"]) ? spec["valuesFrom"].filter(isFields) : [];
  for (const reference of references) {
    const text = referredText(unit, declared, reference);
    if (text === undefined) continue;
    const path = reference["targetPath"];
    values =
      typeof path === "string" && path !== ""
        ? setValues(values, `${path}=${text}`)
        : mergeValues(values, parseValues(text, ""));
  }
  return isFields(spec["values"]) ? mergeValues(values, spec["values"]) : values;
}

function referredText(unit: Unit, declared: DeclaredObjects, reference: Values): string | undefined {
  const { kind, name } = reference;
  const key = String(reference["valuesKey"] ?? "values.yaml");
  const namespace = unit.object.metadata.namespace ?? "";
  const found = declared.find({ apiVersion: "v1", kind: String(kind), name: String(name), namespace });
  const data = found?.["data"];
  const value = isFields(data) && Object.hasOwn(data, key) ? data[key] : undefined;
  if (typeof value === "string") {
    return kind === "Secret" ? Buffer.from(value, "base64").toString("utf8") : value;
  }
  if (reference["optional"] !== true) {
    const what = `values come from ${String(kind)}/${String(name)}, key ${key}, which is not in the repository`;
    unit.find(kind === "Secret" ? "note" : "warning", what);
  }
  return undefined;
}

/** The name of a release, cut as Flux cuts it: 40 characters and a digest where it is longer than 53. */
export function releaseNameOf({ metadata, ...rest }: KubeObject, digest: (text: string) => string): string {
  const spec = isFields(rest["spec"]) ? rest["spec"] : {};
  const target = spec["targetNamespace"];
  const named = spec["releaseName"];
  const name =
    typeof named === "string" && named !== ""
      ? named
      : typeof target === "string" && target !== ""
        ? `${target}-${metadata.name}`
        : metadata.name;
  return name.length <= 53 ? name : `${name.slice(0, 40)}-${digest(name).slice(0, 12)}`;
}
