import { KustomizeError } from "../errors.js";
import { isObject } from "../kustomization/decode.js";
import type { Loader } from "../loader/loader.js";
import { formatGvk, formatId } from "../resource/id.js";
import type { Resource } from "../resource/resource.js";
import type { Transformer } from "../transformers/transformer.js";
import { nodeToValue } from "../yaml/value.js";
import type { BuildContext } from "./context.js";
import { GENERATOR_PLUGINS, type Generator } from "./generator-plugins.js";
import type { PluginInput } from "./plugin-input.js";
import { TRANSFORMER_PLUGINS } from "./transformer-plugins.js";

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
  const known = TRANSFORMER_PLUGINS.has(id.kind) || GENERATOR_PLUGINS.has(id.kind);
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
  const make = TRANSFORMER_PLUGINS.get(resource.kind);
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
  const make = GENERATOR_PLUGINS.get(resource.kind);
  if (make === undefined) throw notA(resource, "generator");
  return configured(resource, () => make(pluginInput(resource, loader, context)));
}
