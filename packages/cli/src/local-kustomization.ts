import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ignoreRules, parseIgnorePatterns } from "@capstan/artifacts";
import type { Reader } from "@capstan/controller";
import {
  type DesiredObject,
  inlineRenderer,
  Kustomization,
  RenderError,
  renderKustomization,
} from "@capstan/delivery";
import { parseYamlDocuments, YamlError } from "@capstan/kube";
import { diskTree, type FileTree } from "@capstan/kustomize";
import { boundedRenderer } from "./bounded-renderer.js";
import { CommandError, exitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import { DeclaredObjects } from "./rehearsal/declared-objects.js";
import { isKubeObject } from "./rehearsal/scan.js";

/** How a Kustomization is built from a directory of this machine. */
export interface LocalOptions {
  /** Directory to build in the place of the Kustomization's own. */
  readonly path: string;
  /** Variables without value or default fail. */
  readonly strictSubstitute?: boolean;
  /** Patterns of paths to leave out, with commas between. */
  readonly ignorePaths?: string;
  /** Directories by `Kind/namespace/name` of a source; Kustomizations of these are built as well. */
  readonly localSources?: ReadonlyMap<string, string>;
}

/** The Kustomization of that name in a file. Rejects with `CommandError` where there is none. */
export async function readKustomization(
  file: string,
  name: string,
  namespace: string,
): Promise<Kustomization> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new CommandError(`cannot read ${file}: ${(error as Error).message}`, exitCode.failure, {
      cause: error,
    });
  }
  try {
    const objects = parseYamlDocuments(text, { file })
      .map(({ value }) => value)
      .filter(isKubeObject);
    const found = objects.find(
      (object) =>
        object.kind === Kustomization.kind &&
        object.apiVersion.startsWith("kustomize.toolkit.fluxcd.io/") &&
        object.metadata.name === name,
    );
    if (found === undefined) throw new CommandError(`${file} holds no Kustomization ${name}`);
    const metadata = { ...found.metadata, namespace: found.metadata.namespace ?? namespace };
    return { ...found, metadata } as Kustomization;
  } catch (error) {
    if (error instanceof YamlError) throw new CommandError(error.message, exitCode.failure, { cause: error });
    throw error;
  }
}

/**
 * What a Kustomization would apply from a directory of this machine; encrypted values stay encrypted. Without
 * a reader, variables of ConfigMaps and Secrets are left out. Rejects with `CommandError` where it does not build.
 */
export async function renderLocal(
  object: Kustomization,
  reader: Reader | undefined,
  options: LocalOptions,
  io: Io,
): Promise<readonly DesiredObject[]> {
  const objects: DesiredObject[] = [];
  const waiting = [{ object, path: resolve(options.path) }];
  const seen = new Set<string>();
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { namespace = "", name } = next.object.metadata;
    if (seen.has(`${namespace}/${name}`)) continue;
    seen.add(`${namespace}/${name}`);
    const rendered = await renderOne(next.object, reader, { ...options, path: next.path }, io);
    objects.push(...rendered);
    if (options.localSources !== undefined) waiting.push(...localChildren(rendered, options.localSources));
  }
  return objects;
}

async function renderOne(
  object: Kustomization,
  reader: Reader | undefined,
  options: LocalOptions,
  io: Io,
): Promise<readonly DesiredObject[]> {
  // Threads read the disk as it is; a tree with holes is read here.
  const renderer =
    options.ignorePaths === undefined
      ? boundedRenderer(io.clock)
      : inlineRenderer(undefined, () => withoutIgnored(options.path, options.ignorePaths ?? ""));
  const { decryption: _decryption, postBuild, ...spec } = object.spec;
  const { substituteFrom, ...own } = postBuild ?? {};
  const from = reader === undefined || substituteFrom === undefined ? {} : { substituteFrom };
  const local = {
    ...object,
    spec: {
      ...spec,
      path: options.path,
      ...(postBuild === undefined ? {} : { postBuild: { ...own, ...from } }),
    },
  };
  try {
    const { objects } = await renderKustomization(local, {
      directory: "/",
      reader: reader ?? new DeclaredObjects(),
      renderer,
      strictSubstitutions: options.strictSubstitute === true,
      signal: io.signal,
    });
    return objects;
  } catch (error) {
    if (error instanceof RenderError)
      throw new CommandError(error.message, exitCode.failure, { cause: error });
    throw error;
  } finally {
    await renderer.close();
  }
}

/** The Kustomizations among objects whose sources are directories of this machine. */
function localChildren(
  objects: readonly DesiredObject[],
  sources: ReadonlyMap<string, string>,
): readonly { readonly object: Kustomization; readonly path: string }[] {
  return objects
    .filter(({ kind, group }) => kind === Kustomization.kind && group === "kustomize.toolkit.fluxcd.io")
    .flatMap(({ json }) => {
      const object = JSON.parse(json) as Kustomization;
      const { kind, name, namespace = object.metadata.namespace ?? "" } = object.spec.sourceRef;
      const directory = sources.get(`${kind}/${namespace}/${name}`);
      return directory === undefined ? [] : [{ object, path: join(directory, object.spec.path ?? ".") }];
    });
}

/** Reads `--local-sources` (`Kind/namespace/name=PATH,…`) into directories of this machine. */
export function parseLocalSources(text: string | undefined): ReadonlyMap<string, string> {
  const directories = new Map<string, string>();
  for (const pair of (text ?? "").split(",").filter((each) => each !== "")) {
    const equals = pair.indexOf("=");
    const source = pair.slice(0, Math.max(0, equals));
    if (source.split("/").length !== 3) {
      throw new CommandError(
        `--local-sources takes Kind/namespace/name=PATH, not ${JSON.stringify(pair)}`,
        exitCode.usage,
      );
    }
    const path = resolve(pair.slice(equals + 1));
    if (!existsSync(path)) throw new CommandError(`there is no ${path}`, exitCode.usage);
    directories.set(source, path);
  }
  return directories;
}

function withoutIgnored(path: string, ignorePaths: string): FileTree {
  const tree = diskTree("/");
  const root = resolve(path);
  const rules = ignoreRules(parseIgnorePatterns(ignorePaths.split(",").join("\n")));
  const hidden = (asked: string) => {
    const inside = asked.startsWith(`${root}/`) ? asked.slice(root.length + 1) : "";
    return inside !== "" && rules.ignores(inside, tree.stat(asked)?.kind === "directory");
  };
  return {
    stat: (asked) => (hidden(asked) ? undefined : tree.stat(asked)),
    readFile: (asked) => tree.readFile(asked),
    readDir: (asked) => tree.readDir(asked).filter((name) => !hidden(join(asked, name))),
  };
}
