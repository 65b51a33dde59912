import { KustomizeError } from "../errors.js";
import {
  type Decoder,
  decodeAs,
  flag,
  integer,
  listOf,
  struct,
  text,
  textMapOf,
  texts,
} from "../kustomization/decode.js";
import {
  fieldSpecOf,
  fieldSpecsDecoder,
  type Image,
  imageDecoder,
  type PartialFieldSpec,
  patchDecoder,
  type Replacement,
  type Replica,
  replacementDecoder,
  replicaDecoder,
  type Selector,
  selectorDecoder,
} from "../kustomization/types.js";
import { type Loader, textOf } from "../loader/loader.js";
import { replacementTransformer } from "../replacement/apply.js";
import { prefixTransformer, suffixTransformer } from "../transformers/affix.js";
import { addHashSuffixes } from "../transformers/hash.js";
import { imageTransformer } from "../transformers/images.js";
import { annotationsTransformer, labelTransformer } from "../transformers/labels.js";
import { json6902Transformer, strategicMergeTransformer } from "../transformers/legacy-patches.js";
import { namespaceTransformer, type SubjectMode } from "../transformers/namespace.js";
import { patchTransformer } from "../transformers/patches.js";
import { replicaTransformer } from "../transformers/replicas.js";
import type { Transformer } from "../transformers/transformer.js";
import { type ValueAddTarget, valueAddTransformer } from "../transformers/value-add.js";
import { baseName } from "../tree/path.js";
import { readYaml11 } from "../yaml/read.js";
import type { BuildContext } from "./context.js";
import { loadPatch, loadReplacements, loadStrategicPatches } from "./load-steps.js";
import { type PluginInput, readConfig } from "./plugin-input.js";

type MakeTransformer = (input: PluginInput) => Promise<Transformer> | Transformer;

interface WithSpecs {
  readonly fieldSpecs?: readonly PartialFieldSpec[];
}

function specsOf(config: WithSpecs): ReturnType<typeof fieldSpecOf>[] {
  return (config.fieldSpecs ?? []).map(fieldSpecOf);
}

interface AffixConfig extends WithSpecs {
  readonly prefix?: string;
  readonly suffix?: string;
}

function affixConfig(input: PluginInput): AffixConfig {
  const config = readConfig<AffixConfig>(input, {
    prefix: text,
    suffix: text,
    fieldSpecs: fieldSpecsDecoder,
  });
  if (config.fieldSpecs === undefined) {
    throw new KustomizeError("transformer", "fieldSpecs is not expected to be nil");
  }
  return config;
}

interface NamespaceConfig extends WithSpecs {
  readonly metadata?: { readonly namespace?: string };
  readonly unsetOnly?: boolean;
  readonly setRoleBindingSubjects?: string;
}

const SUBJECT_MODES: readonly string[] = ["defaultOnly", "none", "allServiceAccounts"];

function namespacePlugin(input: PluginInput): Transformer {
  const config = readConfig<NamespaceConfig>(input, {
    metadata: struct<{ readonly namespace?: string }>("ObjectMeta", { namespace: text }),
    unsetOnly: flag,
    setRoleBindingSubjects: text,
    fieldSpecs: fieldSpecsDecoder,
  });
  const subjects = config.setRoleBindingSubjects || "defaultOnly";
  if (!SUBJECT_MODES.includes(subjects)) {
    throw new KustomizeError(
      "transformer",
      `invalid value "${subjects}" for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`,
    );
  }
  return namespaceTransformer(config.metadata?.namespace ?? "", specsOf(config), {
    unsetOnly: config.unsetOnly ?? false,
    subjects: subjects as SubjectMode,
  });
}

interface ValueAddConfig {
  readonly value?: string;
  readonly targets?: readonly ValueAddTarget[];
  readonly targetFilePath?: string;
}

const targetsDecoder: Decoder<ValueAddTarget[]> = listOf(
  struct<ValueAddTarget>("Target", { selector: selectorDecoder, fieldPath: text, filePathPosition: integer }),
  () => ({}),
);

async function valueAddPlugin(input: PluginInput): Promise<Transformer> {
  const config = readConfig<ValueAddConfig>(input, {
    value: text,
    targets: targetsDecoder,
    targetFilePath: text,
  });
  const value = config.value?.trim() || baseName(input.loader.root);
  const targets = [...(config.targets ?? [])];
  if (config.targetFilePath) {
    const loaded = await input.loader.load(config.targetFilePath);
    const content = readYaml11(textOf(loaded), "transformer", loaded.path);
    const more = decodeAs(
      struct<ValueAddConfig>("Targets", { value: text, targets: targetsDecoder, targetFilePath: text }),
      content,
      "Targets",
      { strict: false, coerce: true },
    );
    targets.push(...(more.targets ?? []));
  }
  return valueAddTransformer(value, targets);
}

interface LegacyJsonConfig {
  readonly target?: Selector;
  readonly path?: string;
  readonly jsonOp?: string;
}

async function legacyJsonPlugin(input: PluginInput): Promise<Transformer> {
  const config = readConfig<LegacyJsonConfig>(input, { target: selectorDecoder, path: text, jsonOp: text });
  return loadJson6902(config, input.loader, input.resource.file, input.context);
}

/** A JSON patch of the old form, from its file or inline. */
export async function loadJson6902(
  config: LegacyJsonConfig,
  loader: Loader,
  file: string,
  { budget }: BuildContext,
): Promise<Transformer> {
  const { path, jsonOp } = config;
  if (!config.target?.name) throw new KustomizeError("patch", "must specify the target name", { file });
  if (!path && !jsonOp) throw new KustomizeError("patch", "empty file path and empty jsonOp", { file });
  if (path && jsonOp) {
    throw new KustomizeError("patch", "must specify a file path or jsonOp, not both", { file });
  }
  if (!path) return json6902Transformer(config.target, jsonOp ?? "", file, budget);
  const loaded = await loader.load(path);
  const content = textOf(loaded);
  if (content === "") {
    throw new KustomizeError("patch", `patch file '${path}' empty seems to be empty`, { file: loaded.path });
  }
  return json6902Transformer(config.target, content, loaded.path, budget);
}

interface StrategicConfig {
  readonly paths?: readonly string[];
  readonly patches?: string;
}

async function strategicPlugin(input: PluginInput): Promise<Transformer> {
  const config = readConfig<StrategicConfig>(input, { paths: texts, patches: text });
  const patches = [...(config.paths ?? []), ...(config.patches ? [config.patches] : [])];
  const loaded = await loadStrategicPatches(patches, input.loader, input.resource.file, input.context);
  return strategicMergeTransformer(loaded, input.context);
}

/** The built-in transformers, by kind. */
export const TRANSFORMER_PLUGINS: ReadonlyMap<string, MakeTransformer> = new Map<string, MakeTransformer>([
  [
    "AnnotationsTransformer",
    (input) => {
      const config = readConfig<WithSpecs & { annotations?: ReadonlyMap<string, string> }>(input, {
        annotations: textMapOf,
        fieldSpecs: fieldSpecsDecoder,
      });
      return annotationsTransformer(config.annotations ?? new Map(), specsOf(config));
    },
  ],
  [
    "LabelTransformer",
    (input) => {
      const config = readConfig<WithSpecs & { labels?: ReadonlyMap<string, string> }>(input, {
        labels: textMapOf,
        fieldSpecs: fieldSpecsDecoder,
      });
      return labelTransformer(config.labels ?? new Map(), specsOf(config));
    },
  ],
  ["HashTransformer", () => ({ kind: "HashTransformer", transform: (map) => addHashSuffixes(map) })],
  [
    "ImageTagTransformer",
    (input) => {
      const config = readConfig<WithSpecs & { imageTag?: Image }>(input, {
        imageTag: imageDecoder,
        fieldSpecs: fieldSpecsDecoder,
      });
      return imageTransformer(config.imageTag ?? {}, specsOf(config));
    },
  ],
  ["NamespaceTransformer", namespacePlugin],
  ["PatchJson6902Transformer", legacyJsonPlugin],
  ["PatchStrategicMergeTransformer", strategicPlugin],
  [
    "PatchTransformer",
    async ({ config, loader, resource, context }) => {
      const patch = decodeAs(patchDecoder, config, "Patch", { strict: false, coerce: true });
      return patchTransformer(await loadPatch(patch, loader, resource.file), context);
    },
  ],
  [
    "PrefixTransformer",
    (input) => {
      const config = affixConfig(input);
      return prefixTransformer(config.prefix ?? "", specsOf(config));
    },
  ],
  [
    "SuffixTransformer",
    (input) => {
      const config = affixConfig(input);
      return suffixTransformer(config.suffix ?? "", specsOf(config));
    },
  ],
  [
    "PrefixSuffixTransformer",
    (input) => {
      const config = affixConfig(input);
      const steps = [
        prefixTransformer(config.prefix ?? "", specsOf(config)),
        suffixTransformer(config.suffix ?? "", specsOf(config)),
      ];
      return {
        kind: "PrefixSuffixTransformer",
        transform(map, note) {
          for (const step of steps) step.transform(map, note);
        },
      };
    },
  ],
  [
    "ReplacementTransformer",
    async (input) => {
      const config = readConfig<{ replacements?: readonly Replacement[] }>(input, {
        replacements: listOf(replacementDecoder, () => ({})),
      });
      const replacements = await loadReplacements(config.replacements ?? [], input.loader);
      return replacementTransformer(replacements, input.context.budget);
    },
  ],
  [
    "ReplicaCountTransformer",
    (input) => {
      const config = readConfig<WithSpecs & { replica?: Replica }>(input, {
        replica: replicaDecoder,
        fieldSpecs: fieldSpecsDecoder,
      });
      return replicaTransformer(config.replica ?? {}, specsOf(config));
    },
  ],
  ["ValueAddTransformer", valueAddPlugin],
]);
