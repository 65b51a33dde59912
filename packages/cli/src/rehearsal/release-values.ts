import { composeValues, type HelmRelease } from "@capstan/delivery";
import { mergeValues, parseValues } from "@capstan/helm";
import type { FileTree } from "@capstan/kustomize";
import type { DeclaredObjects } from "./declared-objects.js";
import { isFields } from "./scan.js";
import { treePath } from "./tree-path.js";
import type { Unit } from "./unit.js";

type Values = Record<string, unknown>;

/**
 * The values of a release: the chart's `valuesFiles`, those of `valuesFrom`, then `values`. What is not in
 * the repository is told of on `unit`. Rejects with `ChartError` or `ValuesProblem` for what is no YAML.
 */
export async function valuesOf(
  unit: Unit,
  declared: DeclaredObjects,
  chartSpec: unknown,
  tree: FileTree,
): Promise<Values> {
  const release = withoutMissing(unit, declared);
  const composed = await composeValues(release, async (kind, name) =>
    declared.find({ apiVersion: "v1", kind, name, namespace: release.metadata.namespace ?? "" }),
  );
  return mergeValues(fileValues(unit, chartSpec, tree), composed);
}

function fileValues(unit: Unit, chartSpec: unknown, tree: FileTree): Values {
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
  return values;
}

/** The release without references to what nothing delivers; Secrets rarely are in a repository. */
function withoutMissing(unit: Unit, declared: DeclaredObjects): HelmRelease {
  const release = unit.object as HelmRelease;
  const namespace = release.metadata.namespace ?? "";
  const valuesFrom = (release.spec.valuesFrom ?? []).filter(({ kind, name, optional, valuesKey }) => {
    if (declared.has({ apiVersion: "v1", kind, name, namespace })) return true;
    if (optional !== true) {
      const key = valuesKey ?? "values.yaml";
      const what = `values come from ${kind}/${name}, key ${key}, which is not in the repository`;
      unit.find(kind === "Secret" ? "note" : "warning", what);
    }
    return false;
  });
  return { ...release, spec: { ...release.spec, valuesFrom } };
}
