import {
  inlineRenderer,
  type Kustomization,
  RenderError,
  type Rendered,
  renderKustomization,
} from "@capstan/delivery";
import { build, type FileTree, KustomizeError } from "@capstan/kustomize";
import type { DeclaredObjects } from "./declared-objects.js";
import type { SourceTree } from "./sources.js";
import { shownPath } from "./tree-path.js";
import { deliveredBy, type Unit } from "./unit.js";
import {
  knownVariables,
  missingVariables,
  referredVariables,
  withoutMissing,
  withoutPostBuild,
  withPlaceholders,
} from "./variables.js";

export interface RenderContext {
  readonly declared: DeclaredObjects;
  /** Whether a variable that is set nowhere fails; else it is empty, and told of. */
  readonly strict: boolean;
  /** Whether files must lie below the build file that names them, as for `kubectl`; Flux knows no such rule. */
  readonly rootOnly: boolean;
  readonly signal: AbortSignal;
}

type Found = Extract<SourceTree, { tree: FileTree }>;

/** Builds a Kustomization from its source's files; what goes wrong is a finding of `unit`. */
export async function renderUnit(
  unit: Unit,
  object: Kustomization,
  source: Found,
  context: RenderContext,
): Promise<void> {
  const incomplete = missingVariables(object, context.declared).some(({ optional }) => !optional);
  const present = withoutMissing(withoutDecryption(object), context.declared, unit);
  try {
    const rendered = await renderWithVariables(unit, present, source, { ...context, incomplete });
    unit.delivered = rendered.objects.map((desired) => {
      const delivered = deliveredBy(desired);
      return delivered.file === undefined
        ? delivered
        : { ...delivered, file: source.repositoryPath(`/${delivered.file}`).slice(1) };
    });
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    const failures = failuresOf(error);
    const remote = failures.find(({ isRemote }) => isRemote);
    if (remote !== undefined && failures.every(({ isRemote }) => isRemote)) {
      const asked = /remote (?:base|file) '([^']+)'/.exec(remote.message)?.[1];
      unit.skip(`it needs ${asked ?? "files"} from the network`);
      return;
    }
    for (const { isRemote: _isRemote, ...failure } of failures) {
      const file = failure.file === undefined ? undefined : source.repositoryPath(failure.file);
      unit.find("failure", failure.message, file === undefined ? {} : { ...failure, file });
    }
  }
}

async function renderWithVariables(
  unit: Unit,
  object: Kustomization,
  source: Found,
  context: RenderContext & { readonly incomplete: boolean },
): Promise<Rendered> {
  const render = (wanted: Kustomization, strict: boolean) => renderFrom(wanted, source.tree, strict, context);
  if (context.incomplete) {
    const names = await unsetVariables(object, render, context.declared);
    if (names.length > 0) unit.find("note", `stood in for variables: ${names.join(", ")}`);
    return render(withPlaceholders(object, names), false);
  }
  try {
    return await render(object, true);
  } catch (error) {
    const unset = error instanceof RenderError && error.message.includes("variable not set");
    if (!unset || context.strict) throw error;
    const names = await unsetVariables(object, render, context.declared);
    unit.find("warning", `variables are set nowhere and become empty: ${names.join(", ")}`);
    return render(object, false);
  }
}

/** The variables that a build refers to, and that nothing gives a value. */
async function unsetVariables(
  object: Kustomization,
  render: (object: Kustomization, strict: boolean) => Promise<Rendered>,
  declared: DeclaredObjects,
): Promise<readonly string[]> {
  const plain = await render(withoutPostBuild(object), false);
  const names = new Set(plain.objects.flatMap(({ json }) => [...referredVariables(json)]));
  const known = knownVariables(object, declared);
  return [...names].filter((name) => !known.has(name)).sort();
}

async function renderFrom(
  object: Kustomization,
  tree: FileTree,
  strict: boolean,
  { declared, rootOnly, signal }: RenderContext,
): Promise<Rendered> {
  const renderer = inlineRenderer(rootOnly ? buildRootOnly : undefined, () => tree);
  return renderKustomization(object, {
    directory: "/",
    reader: declared,
    renderer,
    strictSubstitutions: strict,
    signal,
  });
}

/** Builds as `kubectl kustomize` does, and tells every file that cannot be read. */
async function buildRootOnly(tree: FileTree, directory: string) {
  const { resources } = await build(tree, directory, { reorder: "none", collectErrors: true });
  return resources.map(({ object, file, line }) => ({
    object,
    origin: { file: shownPath(file), ...(line === undefined ? {} : { line }) },
  }));
}

/** Keys are not in a repository: encrypted values are taken as they are, and replaced later. */
function withoutDecryption(object: Kustomization): Kustomization {
  const { decryption: _decryption, ...spec } = object.spec;
  return { ...object, spec };
}

interface Failure {
  readonly message: string;
  /** What is missing is elsewhere, and nothing is wrong with the repository. */
  readonly isRemote?: boolean;
  readonly file?: string;
  readonly line?: number;
}

/** What went wrong, one by one, each with its place. */
function failuresOf(error: RenderError): readonly Failure[] {
  const { cause } = error;
  if (cause instanceof KustomizeError) {
    return (cause.errors.length > 0 ? cause.errors : [cause]).map(({ message, file, line, code }) => ({
      message,
      isRemote: code === "remote",
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    }));
  }
  return error.message.split("\n").map((text): Failure => {
    const place = /^([^\s:]+\.[a-zA-Z]+)(?::(\d+))?: (.*)$/s.exec(text);
    if (place === null) return { message: text };
    const [, file = "", line, message = ""] = place;
    return { message, file: `/${file}`, ...(line === undefined ? {} : { line: Number(line) }) };
  });
}
