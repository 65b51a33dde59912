import { ApiError, type KubeObject, objectHealth, type TypeMeta } from "@capstan/kube";
import { type ActionContext, ActionError } from "./action-context.js";
import { parseObjects } from "./resource.js";

const CRD = "CustomResourceDefinition";
const WAIT_MS = 60_000;

export interface DefinitionOptions {
  /** `Create`: only those that are not there. `CreateReplace`: as the chart has them, none deleted. */
  readonly policy: "Skip" | "Create" | "CreateReplace";
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly ssa: boolean;
}

/** Applies the definitions in a chart's crds directory, and waits until they are served. */
export async function applyDefinitions(context: ActionContext, options: DefinitionOptions): Promise<void> {
  if (options.policy === "Skip") return;
  const objects = options.files.flatMap((file) => parseObjects(file.text));
  const definitions = objects
    .filter(({ kind }) => kind === CRD)
    .map((object) => labelled(object, options.labels));
  for (const { kind, metadata } of objects.filter((object) => object.kind !== CRD)) {
    context.log.add(`warning: ignoring ${kind}/${metadata.name} in the chart's crds directory`);
  }
  const written: KubeObject[] = [];
  try {
    for (const definition of definitions) {
      const result = await applyOne(context, definition, options);
      if (result !== undefined) written.push(result);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const what = options.policy === "Create" ? "create" : "update";
    throw new ActionError(
      `failed to apply CustomResourceDefinitions: failed to ${what} CustomResourceDefinition(s): ${error.message}`,
      { cause: error },
    );
  }
  await untilServed(context, written);
}

async function applyOne(
  context: ActionContext,
  definition: KubeObject,
  { policy, ssa }: DefinitionOptions,
): Promise<KubeObject | undefined> {
  const { client, fieldManager, signal } = context;
  const ref = { apiVersion: definition.apiVersion, kind: CRD, name: definition.metadata.name };
  const live = await client.tryGet(ref, { signal });
  if (live !== undefined && policy === "Create") {
    context.log.add(`CustomResourceDefinition ${ref.name} is already present. Skipping.`);
    return undefined;
  }
  if (ssa) return client.apply(definition, { fieldManager, force: true, signal });
  if (live === undefined) return client.create(definition, { fieldManager, signal });
  const { resourceVersion } = live.metadata;
  const metadata = { ...definition.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return client.update({ ...definition, metadata }, { fieldManager, signal });
}

async function untilServed(context: ActionContext, definitions: readonly KubeObject[]): Promise<void> {
  const { client, clock, signal } = context;
  const timeout = new AbortController();
  const cancel = clock.after(WAIT_MS, () => timeout.abort());
  try {
    for (const definition of definitions) {
      if (objectHealth(definition).status === "Current") continue;
      const events = client.watch(definition, {
        fieldSelector: `metadata.name=${definition.metadata.name}`,
        signal: AbortSignal.any([signal, timeout.signal]),
      });
      for await (const event of events) {
        if (event.type !== "ERROR" && objectHealth(event.object).status === "Current") break;
      }
    }
  } finally {
    cancel();
  }
  signal.throwIfAborted();
  // Asked for, so that what is known of the API includes them from here on.
  for (const type of definitions.flatMap(typesOf)) await client.resourceFor(type, { signal });
  if (timeout.signal.aborted) {
    throw new ActionError(
      "failed to apply CustomResourceDefinitions: failed to wait for CustomResourceDefinition(s): context deadline exceeded",
    );
  }
}

function labelled(object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  const { status: _, ...rest } = object;
  return {
    ...rest,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
  } as KubeObject;
}

interface DefinitionSpec {
  readonly group?: string;
  readonly names?: { readonly kind?: string };
  readonly versions?: readonly { readonly name?: string }[];
}

/** The types that a definition serves. */
function typesOf(definition: KubeObject): readonly TypeMeta[] {
  // The API has validated it.
  const { group = "", names, versions = [] } = (definition["spec"] ?? {}) as DefinitionSpec;
  return versions.map(({ name = "" }) => ({ apiVersion: `${group}/${name}`, kind: names?.kind ?? "" }));
}
