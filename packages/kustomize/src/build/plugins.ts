import { KustomizeError } from "../errors.js";
import { generateMap } from "../generators/generate.js";
import { generateHelmChart } from "../generators/helm-chart.js";
import {
  type Decoder,
  decodeAs,
  flag,
  integer,
  isObject,
  listOf,
  struct,
  text,
  textMapOf,
  texts,
} from "../kustomization/decode.js";
import {
  configMapArgsDecoder,
  fieldSpecOf,
  fieldSpecsDecoder,
  type GeneratorArgs,
  helmPluginDecoder,
  type Image,
  imageDecoder,
  type PartialFieldSpec,
  patchDecoder,
  type Replacement,
  type Replica,
  replacementDecoder,
  replicaDecoder,
  type Selector,
  secretArgsDecoder,
  selectorDecoder,
} from "../kustomization/types.js";
import { decodeText, type Loader } from "../loader/loader.js";
import { replacementTransformer } from "../replacement/apply.js";
import { formatGvk, formatId } from "../resource/id.js";
import { Resource } from "../resource/resource.js";
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
import { newMap, newScalar, newString } from "../yaml/node.js";
import { readYaml11 } from "../yaml/read.js";
import { nodeToValue } from "../yaml/value.js";
import type { BuildContext } from "./context.js";
import { loadPatch, loadReplacements, loadStrategicPatches } from "./load-steps.js";

/** A step that makes resources. */
export interface Generator {
  readonly kind: string;
  generate(): Promise<Resource[]>;
}

/** What a plugin's configuration is read with. */
interface PluginInput {
  readonly config: Record<string, unknown>;
  readonly resource: Resource;
  readonly loader: Loader;
  readonly context: BuildContext;
}

type MakeTransformer = (input: PluginInput) => Promise<Transformer> | Transformer;

interface WithSpecs {
  readonly fieldSpecs?: readonly PartialFieldSpec[];
}

function specsOf(config: WithSpecs): ReturnType<typeof fieldSpecOf>[] {
  return (config.fieldSpecs ?? []).map(fieldSpecOf);
}

function read<T extends object>(input: PluginInput, fields: Parameters<typeof struct<T>>[1]): T {
  return decodeAs(struct<T>("Plugin", fields), input.config, "Plugin", { strict: false, coerce: true });
}

interface AffixConfig extends WithSpecs {
  readonly prefix?: string;
  readonly suffix?: string;
}

function affixConfig(input: PluginInput): AffixConfig {
  const config = read<AffixConfig>(input, { prefix: text, suffix: text, fieldSpecs: fieldSpecsDecoder });
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
  const config = read<NamespaceConfig>(input, {
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
  const config = read<ValueAddConfig>(input, { value: text, targets: targetsDecoder, targetFilePath: text });
  const value = config.value?.trim() || baseName(input.loader.root);
  const targets = [...(config.targets ?? [])];
  if (config.targetFilePath) {
    const loaded = await input.loader.load(config.targetFilePath);
    const content = readYaml11(decodeText(loaded.bytes), "transformer", loaded.path);
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
  const config = read<LegacyJsonConfig>(input, { target: selectorDecoder, path: text, jsonOp: text });
  return loadJson6902(config, input.loader, input.resource.file);
}

/** A JSON patch of the old form, from its file or inline. */
export async function loadJson6902(
  config: LegacyJsonConfig,
  loader: Loader,
  file: string,
): Promise<Transformer> {
  const { path, jsonOp } = config;
  if (!config.target?.name) throw new KustomizeError("patch", "must specify the target name", { file });
  if (!path && !jsonOp) throw new KustomizeError("patch", "empty file path and empty jsonOp", { file });
  if (path && jsonOp) {
    throw new KustomizeError("patch", "must specify a file path or jsonOp, not both", { file });
  }
  if (!path) return json6902Transformer(config.target, jsonOp ?? "", file);
  const loaded = await loader.load(path);
  const content = decodeText(loaded.bytes);
  if (content === "") {
    throw new KustomizeError("patch", `patch file '${path}' empty seems to be empty`, { file: loaded.path });
  }
  return json6902Transformer(config.target, content, loaded.path);
}

interface StrategicConfig {
  readonly paths?: readonly string[];
  readonly patches?: string;
}

async function strategicPlugin(input: PluginInput): Promise<Transformer> {
  const config = read<StrategicConfig>(input, { paths: texts, patches: text });
  const patches = [...(config.paths ?? []), ...(config.patches ? [config.patches] : [])];
  const loaded = await loadStrategicPatches(patches, input.loader, input.resource.file, input.context);
  return strategicMergeTransformer(loaded, input.context);
}

const TRANSFORMERS: ReadonlyMap<string, MakeTransformer> = new Map<string, MakeTransformer>([
  [
    "AnnotationsTransformer",
    (input) => {
      const config = read<WithSpecs & { annotations?: ReadonlyMap<string, string> }>(input, {
        annotations: textMapOf,
        fieldSpecs: fieldSpecsDecoder,
      });
      return annotationsTransformer(config.annotations ?? new Map(), specsOf(config));
    },
  ],
  [
    "LabelTransformer",
    (input) => {
      const config = read<WithSpecs & { labels?: ReadonlyMap<string, string> }>(input, {
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
      const config = read<WithSpecs & { imageTag?: Image }>(input, {
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
      const config = read<{ replacements?: readonly Replacement[] }>(input, {
        replacements: listOf(replacementDecoder, () => ({})),
      });
      return replacementTransformer(await loadReplacements(config.replacements ?? [], input.loader));
    },
  ],
  [
    "ReplicaCountTransformer",
    (input) => {
      const config = read<WithSpecs & { replica?: Replica }>(input, {
        replica: replicaDecoder,
        fieldSpecs: fieldSpecsDecoder,
      });
      return replicaTransformer(config.replica ?? {}, specsOf(config));
    },
  ],
  ["ValueAddTransformer", valueAddPlugin],
]);

const GENERATORS: ReadonlyMap<string, (input: PluginInput) => Generator> = new Map([
  ["ConfigMapGenerator", (input: PluginInput) => mapPlugin(input, "ConfigMap")],
  ["SecretGenerator", (input: PluginInput) => mapPlugin(input, "Secret")],
  ["HelmChartInflationGenerator", helmPlugin],
  ["IAMPolicyGenerator", iamPlugin],
]);

function mapPlugin(input: PluginInput, kind: "ConfigMap" | "Secret"): Generator {
  const decoder = kind === "Secret" ? secretArgsDecoder : configMapArgsDecoder;
  const written: GeneratorArgs = decodeAs(decoder, input.config, "Generator", {
    strict: false,
    coerce: true,
  });
  const { resource, loader, context } = input;
  const args: GeneratorArgs = {
    ...written,
    name: written.name || resource.name,
    namespace: written.namespace || resource.namespace,
  };
  return {
    kind: `${kind}Generator`,
    generate: async () => [await generateMap(kind, args, loader, context.scopes, resource.file)],
  };
}

function helmPlugin(input: PluginInput): Generator {
  const chart = decodeAs(helmPluginDecoder, input.config, "HelmChart", { strict: false, coerce: true });
  const { resource, loader, context } = input;
  return {
    kind: "HelmChartInflationGenerator",
    generate: () => generateHelmChart(chart, loader, context.inflateHelmChart, context.scopes, resource.file),
  };
}

interface IamConfig {
  readonly cloud?: string;
  readonly kubernetesService?: { readonly namespace?: string; readonly name?: string };
  readonly serviceAccount?: { readonly name?: string; readonly projectId?: string };
}

function iamPlugin(input: PluginInput): Generator {
  const config = read<IamConfig>(input, {
    cloud: text,
    kubernetesService: struct<NonNullable<IamConfig["kubernetesService"]>>("KubernetesService", {
      namespace: text,
      name: text,
    }),
    serviceAccount: struct<NonNullable<IamConfig["serviceAccount"]>>("ServiceAccount", {
      name: text,
      projectId: text,
    }),
  });
  const { resource, context } = input;
  return {
    kind: "IAMPolicyGenerator",
    generate: async () => {
      if (config.cloud !== "gke") {
        throw new KustomizeError("generator", `cloud provider ${config.cloud ?? ""} not supported yet`);
      }
      return [iamServiceAccount(config, resource.file, context)];
    },
  };
}

function iamServiceAccount(config: IamConfig, file: string, context: BuildContext): Resource {
  const { name = "", projectId = "" } = config.serviceAccount ?? {};
  const made = new Resource(newMap(), file, 0, context.scopes);
  made.node.content.push(
    newScalar("apiVersion"),
    newString("v1"),
    newScalar("kind"),
    newString("ServiceAccount"),
  );
  made.setAnnotations(
    new Map([["iam.gke.io/gcp-service-account", `${name}@${projectId}.iam.gserviceaccount.com`]]),
  );
  made.setName(config.kubernetesService?.name ?? "");
  made.setNamespace(config.kubernetesService?.namespace ?? "");
  return made;
}

function pluginInput(resource: Resource, loader: Loader, context: BuildContext): PluginInput {
  const value = nodeToValue(resource.node);
  return { config: isObject(value) ? value : {}, resource, loader, context };
}

function refuseExternal(resource: Resource): void {
  const { group, version, kind } = resource.id;
  if (group === "" && version === "builtin") return;
  const message = `external plugins disabled; unable to load external plugin '${kind}'`;
  throw new KustomizeError("plugin", message, { file: resource.file, line: resource.line });
}

async function configured<T>(resource: Resource, make: () => Promise<T> | T): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const prefix = `plugin ${formatId(resource.originalId())} fails configuration`;
    throw KustomizeError.from(error, "plugin").wrap(prefix, resource.file);
  }
}

function notA(resource: Resource, what: string): KustomizeError {
  const { id, file, line } = resource;
  const known = TRANSFORMERS.has(id.kind) || GENERATORS.has(id.kind);
  const message = known
    ? `plugin ${formatId(resource.originalId())} not a ${what}`
    : `unable to load builtin ${formatGvk(id)}`;
  return new KustomizeError("plugin", message, { file, line });
}

/** Reads a resource as the configuration of a built-in transformer. */
export async function transformerPlugin(
  resource: Resource,
  loader: Loader,
  context: BuildContext,
): Promise<Transformer> {
  refuseExternal(resource);
  const make = TRANSFORMERS.get(resource.kind);
  if (make === undefined) throw notA(resource, "transformer");
  return configured(resource, () => make(pluginInput(resource, loader, context)));
}

/** Reads a resource as the configuration of a built-in generator. */
export async function generatorPlugin(
  resource: Resource,
  loader: Loader,
  context: BuildContext,
): Promise<Generator> {
  refuseExternal(resource);
  const make = GENERATORS.get(resource.kind);
  if (make === undefined) throw notA(resource, "generator");
  return configured(resource, () => make(pluginInput(resource, loader, context)));
}
