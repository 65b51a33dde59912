import type { FieldSpec } from "../fieldspec/field-spec.js";
import type { ResIdSelector } from "../resource/id.js";
import {
  type Decoder,
  type Fields,
  flag,
  integer,
  integer64,
  listOf,
  mapOf,
  object,
  struct,
  text,
  textMapOf,
  texts,
} from "./decode.js";

/** Selects objects; names are regular expressions, the two selectors Kubernetes label selectors. */
export interface Selector extends ResIdSelector {
  readonly annotationSelector?: string;
  readonly labelSelector?: string;
}

export interface Patch {
  readonly path?: string;
  readonly patch?: string;
  readonly target?: Selector;
  readonly options?: ReadonlyMap<string, boolean>;
}

export interface Image {
  readonly name?: string;
  readonly newName?: string;
  readonly tagSuffix?: string;
  readonly newTag?: string;
  readonly digest?: string;
}

export interface Replica {
  readonly name?: string;
  readonly count?: number;
}

export interface Label {
  readonly pairs?: ReadonlyMap<string, string>;
  readonly includeSelectors?: boolean;
  readonly includeTemplates?: boolean;
  readonly fields?: readonly PartialFieldSpec[];
}

/** A field spec as written, before its defaults. */
export interface PartialFieldSpec {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly path?: string;
  readonly create?: boolean;
}

export interface FieldOptions {
  readonly delimiter?: string;
  readonly index?: number;
  readonly encoding?: string;
  readonly create?: boolean;
}

export interface SourceSelector extends ResIdSelector {
  readonly fieldPath?: string;
  readonly options?: FieldOptions;
}

export interface TargetSelector {
  readonly select?: Selector;
  readonly reject?: readonly Selector[];
  readonly fieldPaths?: readonly string[];
  readonly options?: FieldOptions;
}

export interface Replacement {
  readonly source?: SourceSelector;
  readonly targets?: readonly TargetSelector[];
  readonly sourceValue?: string;
  readonly path?: string;
}

export interface Var {
  readonly name?: string;
  readonly objref?: VarTarget;
  readonly fieldref?: { readonly fieldPath?: string };
}

interface VarTarget extends ResIdSelector {
  readonly apiVersion?: string;
}

export interface GeneratorOptions {
  readonly labels?: ReadonlyMap<string, string>;
  readonly annotations?: ReadonlyMap<string, string>;
  readonly disableNameSuffixHash?: boolean;
  readonly immutable?: boolean;
}

/** A ConfigMap or Secret to generate; `type` is for Secrets. */
export interface GeneratorArgs {
  readonly name?: string;
  readonly namespace?: string;
  readonly behavior?: string;
  readonly literals?: readonly string[];
  readonly files?: readonly string[];
  readonly envs?: readonly string[];
  readonly env?: string;
  readonly options?: GeneratorOptions;
  readonly type?: string;
}

export interface SortOptions {
  readonly order?: string;
  readonly legacySortOptions?: {
    readonly orderFirst?: readonly string[];
    readonly orderLast?: readonly string[];
  };
}

export interface HelmGlobals {
  readonly chartHome?: string;
  readonly configHome?: string;
}

export interface HelmChart {
  readonly name?: string;
  readonly version?: string;
  readonly repo?: string;
  readonly releaseName?: string;
  readonly namespace?: string;
  readonly additionalValuesFiles?: readonly string[];
  readonly valuesFile?: string;
  readonly valuesInline?: Record<string, unknown>;
  readonly valuesMerge?: string;
  readonly includeCRDs?: boolean;
  readonly skipHooks?: boolean;
  readonly apiVersions?: readonly string[];
  readonly kubeVersion?: string;
  readonly nameTemplate?: string;
  readonly skipTests?: boolean;
  readonly debug?: boolean;
  readonly devel?: boolean;
}

/** The old form of `helmCharts`. */
interface HelmChartArgs {
  readonly chartName?: string;
  readonly chartVersion?: string;
  readonly chartRepoUrl?: string;
  readonly chartHome?: string;
  readonly chartRepoName?: string;
  readonly helmBin?: string;
  readonly helmHome?: string;
  readonly values?: string;
  readonly valuesLocal?: Record<string, unknown>;
  readonly valuesMerge?: string;
  readonly releaseName?: string;
  readonly releaseNamespace?: string;
  readonly extraArgs?: readonly string[];
}

interface ObjectMeta {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: ReadonlyMap<string, string>;
  readonly annotations?: ReadonlyMap<string, string>;
}

/** A kustomization file, as written. */
export interface Kustomization {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
  readonly openapi?: ReadonlyMap<string, string>;
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  readonly namespace?: string;
  readonly commonLabels?: ReadonlyMap<string, string>;
  readonly labels?: readonly Label[];
  readonly commonAnnotations?: ReadonlyMap<string, string>;
  readonly patchesStrategicMerge?: readonly string[];
  readonly patchesJson6902?: readonly Patch[];
  readonly patches?: readonly Patch[];
  readonly images?: readonly Image[];
  readonly imageTags?: readonly Image[];
  readonly replacements?: readonly Replacement[];
  readonly replicas?: readonly Replica[];
  readonly vars?: readonly Var[];
  readonly sortOptions?: SortOptions;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly crds?: readonly string[];
  readonly bases?: readonly string[];
  readonly configMapGenerator?: readonly GeneratorArgs[];
  readonly secretGenerator?: readonly GeneratorArgs[];
  readonly helmGlobals?: HelmGlobals;
  readonly helmCharts?: readonly HelmChart[];
  readonly helmChartInflationGenerator?: readonly HelmChartArgs[];
  readonly generatorOptions?: GeneratorOptions;
  readonly configurations?: readonly string[];
  readonly generators?: readonly string[];
  readonly transformers?: readonly string[];
  readonly validators?: readonly string[];
  readonly buildMetadata?: readonly string[];
}

const GVK = { group: text, version: text, kind: text } as const;
const RES_ID = { ...GVK, name: text, namespace: text } as const;

export const selectorDecoder: Decoder<Selector> = struct<Selector>("Selector", {
  ...RES_ID,
  annotationSelector: text,
  labelSelector: text,
});

export const patchDecoder: Decoder<Patch> = struct<Patch>("Patch", {
  path: text,
  patch: text,
  target: selectorDecoder,
  options: mapOf(flag, () => false),
});

export const imageDecoder: Decoder<Image> = struct<Image>("Image", {
  name: text,
  newName: text,
  tagSuffix: text,
  newTag: text,
  digest: text,
});

export const replicaDecoder: Decoder<Replica> = struct<Replica>("Replica", { name: text, count: integer64 });

const fieldSpecDecoder: Decoder<PartialFieldSpec> = struct<PartialFieldSpec>("FieldSpec", {
  ...GVK,
  path: text,
  create: flag,
});

export const fieldSpecsDecoder: Decoder<PartialFieldSpec[]> = listOf(fieldSpecDecoder, () => ({}));

const labelDecoder = struct<Label>("Label", {
  pairs: textMapOf,
  includeSelectors: flag,
  includeTemplates: flag,
  fields: fieldSpecsDecoder,
});

const fieldOptionsDecoder = struct<FieldOptions>("FieldOptions", {
  delimiter: text,
  index: integer,
  encoding: text,
  create: flag,
});

const replacementFields: Omit<Fields<Replacement>, "path"> = {
  source: struct<SourceSelector>("SourceSelector", {
    ...RES_ID,
    fieldPath: text,
    options: fieldOptionsDecoder,
  }),
  targets: listOf(
    struct<TargetSelector>("TargetSelector", {
      select: selectorDecoder,
      reject: listOf(selectorDecoder, () => ({})),
      fieldPaths: texts,
      options: fieldOptionsDecoder,
    }),
    () => ({}),
  ),
  sourceValue: text,
};

export const replacementDecoder: Decoder<Replacement> = struct<Replacement>("ReplacementField", {
  ...replacementFields,
  path: text,
});

const varDecoder = struct<Var>("Var", {
  name: text,
  objref: struct<VarTarget>("Target", { apiVersion: text, ...RES_ID }),
  fieldref: struct<{ readonly fieldPath?: string }>("FieldSelector", { fieldPath: text }),
});

const generatorOptionsDecoder: Decoder<GeneratorOptions> = struct<GeneratorOptions>("GeneratorOptions", {
  labels: textMapOf,
  annotations: textMapOf,
  disableNameSuffixHash: flag,
  immutable: flag,
});

const GENERATOR: Omit<Fields<GeneratorArgs>, "type"> = {
  name: text,
  namespace: text,
  behavior: text,
  literals: texts,
  files: texts,
  envs: texts,
  env: text,
  options: generatorOptionsDecoder,
};

export const configMapArgsDecoder: Decoder<GeneratorArgs> = struct<GeneratorArgs>(
  "ConfigMapArgs",
  GENERATOR as Fields<GeneratorArgs>,
);
export const secretArgsDecoder: Decoder<GeneratorArgs> = struct<GeneratorArgs>("SecretArgs", {
  ...GENERATOR,
  type: text,
});

const sortOptionsDecoder: Decoder<SortOptions> = struct<SortOptions>("SortOptions", {
  order: text,
  legacySortOptions: struct<NonNullable<SortOptions["legacySortOptions"]>>("LegacySortOptions", {
    orderFirst: texts,
    orderLast: texts,
  }),
});

const HELM_GLOBALS: Fields<HelmGlobals> = { chartHome: text, configHome: text };
const HELM_CHART: Fields<HelmChart> = {
  name: text,
  version: text,
  repo: text,
  releaseName: text,
  namespace: text,
  additionalValuesFiles: texts,
  valuesFile: text,
  valuesInline: object,
  valuesMerge: text,
  includeCRDs: flag,
  skipHooks: flag,
  apiVersions: texts,
  kubeVersion: text,
  nameTemplate: text,
  skipTests: flag,
  debug: flag,
  devel: flag,
};

const helmChartDecoder: Decoder<HelmChart> = struct<HelmChart>("HelmChart", HELM_CHART);
export const helmPluginDecoder: Decoder<HelmChart & HelmGlobals> = struct<HelmChart & HelmGlobals>(
  "HelmChart",
  {
    ...HELM_GLOBALS,
    ...HELM_CHART,
  },
);

const helmChartArgsDecoder = struct<HelmChartArgs>("HelmChartArgs", {
  chartName: text,
  chartVersion: text,
  chartRepoUrl: text,
  chartHome: text,
  chartRepoName: text,
  helmBin: text,
  helmHome: text,
  values: text,
  valuesLocal: object,
  valuesMerge: text,
  releaseName: text,
  releaseNamespace: text,
  extraArgs: texts,
});

const patches = listOf(patchDecoder, () => ({}));
const images = listOf(imageDecoder, () => ({}));

export const kustomizationDecoder: Decoder<Kustomization> = struct<Kustomization>("Kustomization", {
  apiVersion: text,
  kind: text,
  metadata: struct<ObjectMeta>("ObjectMeta", {
    name: text,
    namespace: text,
    labels: textMapOf,
    annotations: textMapOf,
  }),
  openapi: textMapOf,
  namePrefix: text,
  nameSuffix: text,
  namespace: text,
  commonLabels: textMapOf,
  labels: listOf(labelDecoder, () => ({})),
  commonAnnotations: textMapOf,
  patchesStrategicMerge: listOf({ ...text, goType: "types.PatchStrategicMerge" }, () => ""),
  patchesJson6902: patches,
  patches,
  images,
  imageTags: images,
  replacements: listOf(replacementDecoder, () => ({})),
  replicas: listOf(replicaDecoder, () => ({})),
  vars: listOf(varDecoder, () => ({})),
  sortOptions: sortOptionsDecoder,
  resources: texts,
  components: texts,
  crds: texts,
  bases: texts,
  configMapGenerator: listOf(configMapArgsDecoder, () => ({})),
  secretGenerator: listOf(secretArgsDecoder, () => ({})),
  helmGlobals: struct<HelmGlobals>("HelmGlobals", HELM_GLOBALS),
  helmCharts: listOf(helmChartDecoder, () => ({})),
  helmChartInflationGenerator: listOf(helmChartArgsDecoder, () => ({})),
  generatorOptions: generatorOptionsDecoder,
  configurations: texts,
  generators: texts,
  transformers: texts,
  validators: texts,
  buildMetadata: texts,
});

/** Fills in what a written field spec leaves out. */
export function fieldSpecOf(spec: PartialFieldSpec): FieldSpec {
  return {
    group: spec.group ?? "",
    version: spec.version ?? "",
    kind: spec.kind ?? "",
    path: spec.path ?? "",
    create: spec.create ?? false,
  };
}
