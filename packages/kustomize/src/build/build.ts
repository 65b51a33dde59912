import type { KubeObject } from "@capstan/kube";
import { KustomizeError } from "../errors.js";
import type { InflateHelmChart } from "../generators/helm-chart.js";
import type { LoadedKustomization } from "../kustomization/load.js";
import { Budget, DEFAULT_LIMITS, type Limits } from "../loader/limits.js";
import { Loader, type LoadRestrictor } from "../loader/loader.js";
import type { RemotePort } from "../loader/remote.js";
import type { Resource, Touch } from "../resource/resource.js";
import { addHashSuffixes } from "../transformers/hash.js";
import { fixNameReferences } from "../transformers/name-references.js";
import { sortResources } from "../transformers/sort-order.js";
import { resolveVars } from "../transformers/vars.js";
import type { FileTree } from "../tree/file-tree.js";
import { printYaml } from "../yaml/print.js";
import { nodeToValue, setKey, type YamlValue } from "../yaml/value.js";
import { Accumulator } from "./accumulator.js";
import { BuildContext } from "./context.js";
import { dropLocalConfig, labelManagedBy, stripAnnotations } from "./finish.js";
import { Target } from "./target.js";

/** How to build; everything is optional. */
export interface BuildOptions {
  /** `rootOnly` (the default) refuses files outside the kustomization that names them. */
  readonly loadRestrictor?: LoadRestrictor;
  /** Order of the result where the kustomization does not say: `legacy` as the CLI, `none` as Flux. */
  readonly reorder?: "legacy" | "none";
  /** Lets remote files and bases be loaded; without it they are refused. */
  readonly remote?: RemotePort;
  /** Renders `helmCharts`; without it they are refused. */
  readonly inflateHelmChart?: InflateHelmChart;
  readonly limits?: Partial<Limits>;
  /** Goes on after a file that cannot be read, to tell all of them in the error's `errors`. */
  readonly collectErrors?: boolean;
}

/** An object of the result, and where it comes from. */
export interface BuiltResource {
  /** Plain data. Integers beyond 2^53 have lost precision here, but not in `toYaml`. */
  readonly object: KubeObject;
  /** Path in the tree of the file that declares it; for a generated one the kustomization. */
  readonly file: string;
  /** 1-based line of the object in `file`; undefined for a generated one. */
  readonly line: number | undefined;
  /** The steps that acted on it, in order. */
  readonly touches: readonly Touch[];
  /** The same data with integers of any size, which `toYaml` prints. */
  readonly exact: YamlValue;
}

/** What a build makes. */
export interface BuildResult {
  readonly resources: readonly BuiltResource[];
  /** Deprecated fields and the like, as the CLI words them. */
  readonly warnings: readonly string[];
}

/**
 * Builds the kustomization in a directory of a tree, as `kubectl kustomize` does.
 * @param path directory within the tree; the tree's root is `/`
 * @throws KustomizeError
 */
export async function build(tree: FileTree, path: string, options: BuildOptions = {}): Promise<BuildResult> {
  try {
    return await run(tree, path, options);
  } catch (error) {
    throw KustomizeError.from(error, "resource", path);
  }
}

async function run(tree: FileTree, path: string, options: BuildOptions): Promise<BuildResult> {
  const budget = new Budget({ ...DEFAULT_LIMITS, ...options.limits });
  const context = new BuildContext(budget, options.inflateHelmChart, options.collectErrors ?? false);
  const restrictor = options.loadRestrictor ?? "rootOnly";
  const loader = Loader.open(tree, path, { budget, remote: options.remote, restrictor });
  const loaded = Target.load(loader, context);
  try {
    return await finish(loader, context, loaded, options);
  } catch (error) {
    throw KustomizeError.from(error, "resource", loaded.file);
  }
}

async function finish(
  loader: Loader,
  context: BuildContext,
  loaded: LoadedKustomization,
  options: BuildOptions,
): Promise<BuildResult> {
  await Target.useSchemas(loader, context, loaded);
  const metadata = loaded.kustomization.buildMetadata ?? [];
  const origin = metadata.length > 0 ? { path: "" } : undefined;
  const target = new Target(loader, context, loaded, origin);
  const accumulator = await target.accumulate(new Accumulator()).catch((error: unknown) => {
    // What fails after files were left out may only fail because of that.
    failIfCollected(context);
    throw error;
  });
  failIfCollected(context);
  const { map } = accumulator;
  addHashSuffixes(map);
  fixNameReferences(map, accumulator.config.nameReference);
  const unused = resolveVars(map, accumulator.vars, accumulator.config.varReference);
  if (unused.length > 0) {
    context.warnings.push(`well-defined vars that were never replaced: ${unused.join(",")}`);
  }
  dropLocalConfig(map);
  const fallback = options.reorder === "none" ? undefined : { order: "legacy" };
  const sortOptions = loaded.kustomization.sortOptions ?? fallback;
  if (sortOptions !== undefined) sortResources(map, sortOptions);
  if (metadata.includes("managedByLabel")) labelManagedBy(map);
  stripAnnotations(map, {
    origin: metadata.includes("originAnnotations"),
    transformations: metadata.includes("transformerAnnotations"),
  });
  return { resources: map.resources.map(toBuilt), warnings: context.warnings };
}

function failIfCollected(context: BuildContext): void {
  const errors = context.collected ?? [];
  const first = errors[0];
  if (first === undefined) return;
  const message = errors.map((error) => error.message).join("\n");
  throw new KustomizeError(first.code, message, { file: first.file, line: first.line, errors });
}

function toBuilt(resource: Resource): BuiltResource {
  const { file, line } = resource;
  let exact: YamlValue;
  try {
    exact = nodeToValue(resource.node);
  } catch (error) {
    throw KustomizeError.from(error, "output", file);
  }
  const object = plainNumbers(exact) as unknown as KubeObject;
  return { object, file, line: line > 0 ? line : undefined, touches: resource.touches, exact };
}

/** The value itself where it has nothing that plain JSON numbers cannot hold. */
function plainNumbers(value: YamlValue): YamlValue {
  if (typeof value === "bigint") return Number(value);
  if (Object.is(value, -0)) return 0;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(plainNumbers);
    return items.every((item, index) => Object.is(item, value[index])) ? value : items;
  }
  const keys = Object.keys(value);
  const converted = keys.map((key) => plainNumbers(value[key] as YamlValue));
  if (converted.every((item, index) => Object.is(item, value[keys[index] as string]))) return value;
  const copy: Record<string, YamlValue> = {};
  for (const [index, key] of keys.entries()) setKey(copy, key, converted[index]);
  return copy;
}

/** Prints resources as the CLI does: documents separated by `---`, keys in natural order. */
export function toYaml(resources: readonly Pick<BuiltResource, "exact">[]): string {
  return resources.map((resource) => printYaml(resource.exact)).join("---\n");
}
