import { KustomizeError } from "../errors.js";
import type { FieldSpec } from "../fieldspec/field-spec.js";
import { mergeFieldSpec, mergeFieldSpecs, type TransformerConfig } from "../fieldspec/transformer-config.js";
import { generateMap, withGlobalOptions } from "../generators/generate.js";
import { generateHelmChart } from "../generators/helm-chart.js";
import type { LoadedKustomization } from "../kustomization/load.js";
import { fieldSpecOf, type Label } from "../kustomization/types.js";
import type { Loader } from "../loader/loader.js";
import { replacementTransformer } from "../replacement/apply.js";
import { prefixTransformer, suffixTransformer } from "../transformers/affix.js";
import { imageTransformer } from "../transformers/images.js";
import { annotationsTransformer, labelTransformer } from "../transformers/labels.js";
import { strategicMergeTransformer } from "../transformers/legacy-patches.js";
import { namespaceTransformer } from "../transformers/namespace.js";
import { patchTransformer } from "../transformers/patches.js";
import { replicaTransformer } from "../transformers/replicas.js";
import type { Transformer } from "../transformers/transformer.js";
import type { BuildContext } from "./context.js";
import type { Generator } from "./generator-plugins.js";
import { loadPatch, loadReplacements, loadStrategicPatches } from "./load-steps.js";
import { loadJson6902 } from "./transformer-plugins.js";

/** A kustomization with what its steps need. */
export interface StepInput {
  readonly loaded: LoadedKustomization;
  readonly loader: Loader;
  readonly context: BuildContext;
}

/** The generators that a kustomization's fields ask for, in their fixed order. */
export function fieldGenerators({ loaded, loader, context }: StepInput): Generator[] {
  const { kustomization, file } = loaded;
  const generators: Generator[] = [];
  for (const [kind, list] of [
    ["ConfigMap", kustomization.configMapGenerator],
    ["Secret", kustomization.secretGenerator],
  ] as const) {
    for (const written of list ?? []) {
      const options = withGlobalOptions(written.options, kustomization.generatorOptions);
      const args = { ...written, ...(options !== undefined && { options }) };
      const generate = async () => [await generateMap(kind, args, loader, context.scopes, file)];
      generators.push({ kind: `${kind}Generator`, generate });
    }
  }
  for (const chart of kustomization.helmCharts ?? []) {
    const all = { ...kustomization.helmGlobals, ...chart };
    const generate = () => generateHelmChart(all, loader, context.inflateHelmChart, context.scopes, file);
    generators.push({ kind: "HelmChartInflationGenerator", generate });
  }
  return generators;
}

/** The transformers that a kustomization's fields ask for, in their fixed order. */
export async function fieldTransformers(input: StepInput, config: TransformerConfig): Promise<Transformer[]> {
  const { kustomization } = input.loaded;
  const steps: Transformer[] = [...(await patchSteps(input))];
  const { namespace, namePrefix, nameSuffix, commonAnnotations } = kustomization;
  if (namespace) steps.push(namespaceTransformer(namespace, config.namespace));
  if (namePrefix) steps.push(prefixTransformer(namePrefix, config.namePrefix));
  if (nameSuffix) steps.push(suffixTransformer(nameSuffix, config.nameSuffix));
  steps.push(...labelSteps(input, config));
  if (commonAnnotations?.size) {
    steps.push(annotationsTransformer(commonAnnotations, config.commonAnnotations));
  }
  for (const { target, path, patch } of kustomization.patchesJson6902 ?? []) {
    const written = { ...(target && { target }), ...(path && { path }), ...(patch && { jsonOp: patch }) };
    steps.push(
      await configuring(input, "PatchJson6902Transformer", () =>
        loadJson6902(written, input.loader, input.loaded.file, input.context),
      ),
    );
  }
  for (const replica of kustomization.replicas ?? [])
    steps.push(replicaTransformer(replica, config.replicas));
  for (const image of kustomization.images ?? []) steps.push(imageTransformer(image, config.images));
  if (kustomization.replacements?.length) {
    const replacements = await configuring(input, "ReplacementTransformer", () =>
      loadReplacements(kustomization.replacements ?? [], input.loader),
    );
    steps.push(replacementTransformer(replacements, input.context.budget));
  }
  return steps;
}

async function patchSteps(input: StepInput): Promise<Transformer[]> {
  const { loaded, loader, context } = input;
  const { patchesStrategicMerge, patches } = loaded.kustomization;
  const steps: Transformer[] = [];
  if (patchesStrategicMerge?.length) {
    const merges = await configuring(input, "PatchStrategicMergeTransformer", () =>
      loadStrategicPatches(patchesStrategicMerge, loader, loaded.file, context),
    );
    steps.push(strategicMergeTransformer(merges, context));
  }
  for (const patch of patches ?? []) {
    steps.push(
      await configuring(input, "PatchTransformer", async () =>
        patchTransformer(await loadPatch(patch, loader, loaded.file), context),
      ),
    );
  }
  return steps;
}

function labelSteps({ loaded }: StepInput, config: TransformerConfig): Transformer[] {
  const { labels = [], commonLabels } = loaded.kustomization;
  if (labels.length === 0 && !commonLabels?.size) return [];
  const steps = labels.map((label) => {
    try {
      return labelTransformer(label.pairs ?? new Map(), labelSpecs(label, config));
    } catch (error) {
      throw KustomizeError.from(error, "transformer").wrap("failed to merge labels", loaded.file);
    }
  });
  return [...steps, labelTransformer(commonLabels ?? new Map(), config.commonLabels)];
}

const METADATA_LABELS: FieldSpec = {
  group: "",
  version: "",
  kind: "",
  path: "metadata/labels",
  create: true,
};

function labelSpecs(label: Label, config: TransformerConfig): readonly FieldSpec[] {
  let specs = mergeFieldSpecs((label.fields ?? []).map(fieldSpecOf), config.labels);
  if (label.includeSelectors) return mergeFieldSpecs(specs, config.commonLabels);
  if (label.includeTemplates) specs = mergeFieldSpecs(specs, config.templateLabels);
  return mergeFieldSpec(specs, METADATA_LABELS);
}

/** Says which step could not be set up. */
async function configuring<T>(input: StepInput, kind: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw KustomizeError.from(error, "transformer").wrap(
      `trouble configuring builtin ${kind}`,
      input.loaded.file,
    );
  }
}
