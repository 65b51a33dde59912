import { decodeAs, type Fields, struct } from "../kustomization/decode.js";
import type { Loader } from "../loader/loader.js";
import type { Resource } from "../resource/resource.js";
import type { BuildContext } from "./context.js";

/** What a plugin is configured with. */
export interface PluginInput {
  /** The resource's fields as plain data. */
  readonly config: Record<string, unknown>;
  readonly resource: Resource;
  readonly loader: Loader;
  readonly context: BuildContext;
}

/** Reads a plugin's configuration; fields that it does not know are left alone. */
export function readConfig<T extends object>(input: PluginInput, fields: Fields<T>): T {
  return decodeAs(struct<T>("Plugin", fields), input.config, "Plugin", { strict: false, coerce: true });
}
