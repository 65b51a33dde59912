import { KustomizeError } from "../errors.js";
import { loadConfigurations, loadCrds } from "../fieldspec/load-config.js";
import { absorb } from "../generators/absorb.js";
import { type LoadedKustomization, loadKustomization } from "../kustomization/load.js";
import { HttpStatusError, type Loader, textOf } from "../loader/loader.js";
import { parseRepoSpec } from "../loader/repo-spec.js";
import {
  addOriginText,
  annotateStep,
  appendOrigin,
  builtinStep,
  formatOrigin,
  formatStep,
  ORIGIN_ANNOTATION,
  type Origin,
  type StepOrigin,
  setOriginText,
} from "../resource/origin.js";
import { readResources } from "../resource/read.js";
import type { Resource } from "../resource/resource.js";
import { customSchemas, versionedSchemas } from "../schema/openapi.js";
import type { Transformer } from "../transformers/transformer.js";
import { bindVars, boundVar } from "../transformers/vars.js";
import { goQuote } from "../yaml/go-quote.js";
import { Accumulator } from "./accumulator.js";
import type { BuildContext } from "./context.js";
import type { Generator } from "./generator-plugins.js";
import { readInline } from "./load-steps.js";
import { generatorPlugin, transformerPlugin } from "./plugins.js";
import { fieldGenerators, fieldTransformers } from "./steps.js";
import { checkUnchanged } from "./validate.js";

/** One kustomization directory on its way to resources. */
export class Target {
  readonly loader: Loader;
  readonly context: BuildContext;
  readonly loaded: LoadedKustomization;
  /** Present where the root asks for build metadata. */
  readonly #origin: Origin | undefined;

  constructor(
    loader: Loader,
    context: BuildContext,
    loaded: LoadedKustomization,
    origin: Origin | undefined,
  ) {
    this.loader = loader;
    this.context = context;
    this.loaded = loaded;
    this.#origin = origin;
  }

  /** Loads a kustomization and the schema that it may name. */
  static load(loader: Loader, context: BuildContext): LoadedKustomization {
    context.budget.takeKustomization(loader.root, loader.depth);
    const loaded = loadKustomization(loader);
    context.warnings.push(...loaded.warnings);
    return loaded;
  }

  /** Uses the schema that a kustomization brings, unless one is in use already. */
  static async useSchemas(loader: Loader, context: BuildContext, loaded: LoadedKustomization): Promise<void> {
    const { openapi } = loaded.kustomization;
    const path = openapi?.get("path");
    const version = openapi?.get("version");
    const content = path === undefined ? undefined : await loader.load(path);
    if (context.hasSchemas) return;
    if (content !== undefined) {
      if (version !== undefined) {
        const message = "builtin version and custom schema provided, cannot use both";
        throw new KustomizeError("kustomization", message, { file: loaded.file });
      }
      context.setSchemas(customSchemas(textOf(content), content.path, context.scopes, context.builtinInUse));
    } else if (version) {
      context.setSchemas(versionedSchemas(version));
    }
  }

  /** Runs this level on top of what `into` has gathered. */
  async accumulate(into: Accumulator): Promise<Accumulator> {
    try {
      return await this.#run(into);
    } catch (error) {
      throw KustomizeError.from(error, "resource", this.loaded.file);
    }
  }

  async #run(into: Accumulator): Promise<Accumulator> {
    const { kustomization } = this.loaded;
    const accumulator = await this.#accumulateResources(into, kustomization.resources ?? []).catch(
      (error) => {
        throw this.#failed(error, "accumulating resources");
      },
    );
    accumulator.mergeConfig(await loadConfigurations(this.loader, kustomization.configurations ?? []));
    accumulator.mergeConfig(await loadCrds(this.loader, kustomization.crds ?? []));
    await this.#runGenerators(accumulator);
    let current = accumulator;
    for (const path of kustomization.components ?? []) {
      try {
        current = await this.#accumulateComponent(current, path);
      } catch (error) {
        throw this.#failed(error, "accumulating components");
      }
    }
    await this.#runTransformers(current);
    await this.#runValidators(current);
    try {
      const vars = (kustomization.vars ?? []).map((variable) => boundVar(variable, this.context.scopes));
      bindVars(current.map, current.vars, vars);
    } catch (error) {
      throw this.#failed(error, "merging vars");
    }
    return current;
  }

  #failed(error: unknown, prefix: string): KustomizeError {
    return KustomizeError.from(error, "resource").wrap(prefix, this.loaded.file);
  }

  async #accumulateResources(into: Accumulator, paths: readonly string[]): Promise<Accumulator> {
    let accumulator = into;
    for (const path of paths) {
      try {
        accumulator = await this.#accumulateEntry(accumulator, path);
      } catch (error) {
        const failed = KustomizeError.from(error, "resource", this.loaded.file);
        const { collected } = this.context;
        if (collected === undefined || failed.code === "limit") throw failed;
        collected.push(failed);
      }
    }
    return accumulator;
  }

  /** An entry is a file if it can be read as one, else a directory or a repository. */
  async #accumulateEntry(accumulator: Accumulator, path: string): Promise<Accumulator> {
    let fileError: KustomizeError;
    try {
      await this.#accumulateFile(accumulator, path);
      return accumulator;
    } catch (error) {
      fileError = KustomizeError.from(error, "resource");
      if (fileError.code === "limit" || error instanceof HttpStatusError) throw fileError;
    }
    let base: Loader;
    try {
      base = await this.loader.enter(path);
    } catch (error) {
      if (fileError.code === "yaml") throw fileError;
      throw bothFailed(fileError, KustomizeError.from(error, "not-found"));
    }
    try {
      const target = await this.#openBase(base, path, false);
      return await mergeBase(accumulator, target);
    } catch (error) {
      const failed = KustomizeError.from(error, "resource");
      throw failed.reword(`accumulation err='${fileError.message}': ${failed.message}`);
    }
  }

  async #accumulateFile(accumulator: Accumulator, path: string): Promise<void> {
    let resources: Resource[];
    try {
      const content = await this.loader.load(path);
      resources = readResources(textOf(content), content.path, this.context.scopes);
      refuseDuplicates(resources);
    } catch (error) {
      throw inFile(KustomizeError.from(error, "resource"), path);
    }
    if (this.#origin !== undefined) {
      const text = formatOrigin(originOf(this.#origin, path));
      for (const resource of resources) addOriginText(resource, text);
    }
    try {
      accumulator.map.appendAll(resources);
    } catch (error) {
      throw KustomizeError.from(error, "duplicate").wrap(`merging resources from '${path}'`);
    }
    this.context.budget.checkResources(accumulator.map.resources.length, this.loaded.file);
  }

  async #openBase(base: Loader, path: string, component: boolean): Promise<Target> {
    let loaded: LoadedKustomization;
    try {
      loaded = Target.load(base, this.context);
    } catch (error) {
      throw KustomizeError.from(error, "kustomization").wrap(`couldn't make target for path '${base.root}'`);
    }
    await Target.useSchemas(base, this.context, loaded);
    if (component && loaded.kind !== "Component") {
      const message = `expected kind 'Component' for path '${base.root}' but got '${loaded.kind}'`;
      throw new KustomizeError("kustomization", message, { file: loaded.file });
    }
    if (!component && loaded.kind === "Component") {
      const message = `expected kind != 'Component' for path '${base.root}'`;
      throw new KustomizeError("kustomization", message, { file: loaded.file });
    }
    const origin = this.#origin === undefined ? undefined : originOf(this.#origin, path);
    return new Target(base, this.context, loaded, origin);
  }

  async #accumulateComponent(accumulator: Accumulator, path: string): Promise<Accumulator> {
    let base: Loader;
    try {
      base = await this.loader.enter(path);
    } catch (error) {
      const failed = KustomizeError.from(error, "not-found", this.loaded.file);
      throw failed.reword(`loader.New ${goQuote(failed.message)}`);
    }
    try {
      const target = await this.#openBase(base, path, true);
      const result = new Accumulator();
      result.merge(await recursed(target, accumulator));
      return result;
    } catch (error) {
      const failed = KustomizeError.from(error, "resource");
      throw failed.reword(`accumulateDirectory: ${goQuote(failed.message)}`);
    }
  }

  async #runGenerators(accumulator: Accumulator): Promise<void> {
    const { loaded } = this;
    const generators: { generator: Generator; step: StepOrigin | undefined }[] = [];
    for (const generator of fieldGenerators(this)) {
      const step = this.#origin && builtinStep(this.#origin, loaded.fileName, generator.kind);
      generators.push({ generator, step });
    }
    for (const resource of await this.#pluginConfigs(
      loaded.kustomization.generators ?? [],
      "loading generator plugins",
    )) {
      try {
        const generator = await generatorPlugin(resource, this.loader, this.context);
        generators.push({ generator, step: pluginStep(resource, this.#origin) });
      } catch (error) {
        throw KustomizeError.from(error, "plugin").wrap(
          "loading generator plugins: failed to load generator",
        );
      }
    }
    for (const { generator, step } of generators) await this.#runGenerator(accumulator, generator, step);
  }

  async #runGenerator(
    accumulator: Accumulator,
    generator: Generator,
    step: StepOrigin | undefined,
  ): Promise<void> {
    const { file } = this.loaded;
    let made: Resource[];
    try {
      made = await generator.generate();
    } catch (error) {
      throw KustomizeError.from(error, "generator", file);
    }
    for (const resource of made) {
      resource.touch({ configuredIn: file, by: generator.kind });
      if (step !== undefined && resource.annotation(ORIGIN_ANNOTATION) === undefined) {
        setOriginText(resource, formatStep(step));
      }
      try {
        absorb(accumulator.map, resource);
      } catch (error) {
        throw KustomizeError.from(error, "generator", file).wrap("merging from generator");
      }
    }
    this.context.budget.checkResources(accumulator.map.resources.length, file);
  }

  /** Configurations of plugins: those written inline first, then those in files and directories. */
  async #pluginConfigs(entries: readonly string[], prefix?: string): Promise<readonly Resource[]> {
    if (entries.length === 0) return [];
    const configs = new Accumulator();
    const paths: string[] = [];
    for (const entry of entries) {
      const inline = readInline(entry, this.loaded.file, this.context);
      if (inline === undefined) {
        paths.push(entry);
        continue;
      }
      for (const resource of inline) {
        if (this.#origin === undefined) continue;
        setOriginText(resource, formatOrigin(appendOrigin(this.#origin, this.loaded.fileName)));
      }
      configs.map.appendAll(inline);
    }
    try {
      return (await this.#accumulateResources(configs, paths)).map.resources;
    } catch (error) {
      const failed = KustomizeError.from(error, "resource", this.loaded.file);
      throw prefix === undefined ? failed : failed.wrap(prefix);
    }
  }

  async #runTransformers(accumulator: Accumulator): Promise<void> {
    const { loaded } = this;
    const steps: { transformer: Transformer; step: StepOrigin | undefined }[] = [];
    for (const transformer of await fieldTransformers(this, accumulator.config)) {
      const step = this.#origin && builtinStep(this.#origin, loaded.fileName, transformer.kind);
      steps.push({ transformer, step });
    }
    for (const resource of await this.#pluginConfigs(loaded.kustomization.transformers ?? [])) {
      const transformer = await transformerPlugin(resource, this.loader, this.context);
      steps.push({ transformer, step: pluginStep(resource, this.#origin) });
    }
    for (const { transformer, step } of steps) {
      this.#transform(accumulator, transformer);
      if (step !== undefined) for (const resource of accumulator.map.resources) annotateStep(resource, step);
      accumulator.map.dropEmpty();
    }
  }

  #transform(accumulator: Accumulator, transformer: Transformer): void {
    const touch = { configuredIn: this.loaded.file, by: transformer.kind };
    try {
      transformer.transform(accumulator.map, (resource) => resource.touch(touch));
    } catch (error) {
      throw KustomizeError.from(error, "transformer", this.loaded.file);
    }
  }

  async #runValidators(accumulator: Accumulator): Promise<void> {
    for (const resource of await this.#pluginConfigs(this.loaded.kustomization.validators ?? [])) {
      const validator = await transformerPlugin(resource, this.loader, this.context);
      const before = accumulator.map.copy();
      this.#transform(accumulator, validator);
      checkUnchanged(before, accumulator.map, resource.file);
    }
  }
}

/** Says of the file of an entry what is wrong with it, as kustomize does. */
function inFile(error: KustomizeError, path: string): KustomizeError {
  const message =
    error.code === "yaml" && error.message.startsWith("MalformedYAMLError")
      ? `${error.message} in File: ${path}`
      : error.message;
  return error.reword(`accumulating resources from '${path}': ${message}`);
}

/** Neither a file nor a directory: the place is that of the file if there is one. */
function bothFailed(fileError: KustomizeError, directoryError: KustomizeError): KustomizeError {
  const message = `accumulation err='${fileError.message}': ${directoryError.message}`;
  const telling =
    fileError.code === "not-found" && directoryError.code !== "not-found" ? directoryError : fileError;
  return telling.reword(message);
}

function refuseDuplicates(resources: readonly Resource[]): void {
  if (resources.length < 2) return;
  new Accumulator().map.appendAll(resources);
}

async function recursed(target: Target, into: Accumulator): Promise<Accumulator> {
  try {
    return await target.accumulate(into);
  } catch (error) {
    throw KustomizeError.from(error, "resource").wrap(
      `recursed accumulation of path '${target.loader.root}'`,
    );
  }
}

async function mergeBase(accumulator: Accumulator, target: Target): Promise<Accumulator> {
  const base = await recursed(target, new Accumulator());
  try {
    accumulator.merge(base);
  } catch (error) {
    throw KustomizeError.from(error, "duplicate").wrap(`recursed merging from path '${target.loader.root}'`);
  }
  return accumulator;
}

function originOf(origin: Origin, path: string): Origin {
  const repo = parseRepoSpec(path);
  if (repo === undefined) return appendOrigin(origin, path);
  return { path: repo.path, repo: repo.cloneUrl, ref: repo.ref };
}

function pluginStep(resource: Resource, origin: Origin | undefined): StepOrigin | undefined {
  const text = resource.annotation(ORIGIN_ANNOTATION);
  if (text === undefined || origin === undefined) return undefined;
  const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1];
  const repo = field("repo");
  const ref = field("ref");
  return {
    ...(repo !== undefined && { repo }),
    ...(ref !== undefined && { ref }),
    configuredIn: field("path") ?? "",
    configuredBy: {
      apiVersion: resource.apiVersion,
      kind: resource.kind,
      name: resource.name,
      namespace: resource.namespace,
    },
  };
}
