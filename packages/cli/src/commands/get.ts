import { type Client, isNoKindMatch } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { findReconciledKind, type ReconciledKind, reconciledKinds } from "../kinds.js";
import { reconciledColumns } from "../output/reconciled-columns.js";
import { objectStream } from "../output/stream.js";
import { type OutputFormat, renderView, type View } from "../output/view.js";

export interface GetOptions extends ConnectionOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly watch?: boolean;
}

type Section = Extract<View, { kind: "objects" }>;

/** `capstan get sources|kustomizations|all|KIND [NAME]`, in the columns of `flux get`. */
export async function get(
  words: readonly string[],
  options: GetOptions,
  format: OutputFormat,
  io: Io,
): Promise<void> {
  const { kinds, name } = selectKinds(words);
  await withClient(options, io, async (client) => {
    if (options.watch === true) return watch(client, { kinds, name }, options, format, io);
    const sections = await readSections(client, kinds, name, options, io);
    if (sections.every((section) => section.objects.length === 0)) throw nothingFound(kinds, name, options);
    const [only] = sections;
    const view: View =
      kinds.length === 1 && only !== undefined
        ? { ...only, single: name !== undefined }
        : { kind: "sections", sections };
    io.out(renderView(view, format));
  });
}

/** The kinds that the words name, and the one object where they name one. Throws `CommandError`. */
export function selectKinds(words: readonly string[]): {
  kinds: readonly ReconciledKind[];
  name: string | undefined;
} {
  const [first = "all", ...rest] = words;
  if (first === "all") return { kinds: reconciledKinds, name: undefined };
  if (first === "source" || first === "sources") {
    if (rest.length > 0 && rest[0] !== "all") return selectKinds(rest);
    return { kinds: reconciledKinds.filter((kind) => kind.category === "source"), name: undefined };
  }
  const slash = first.indexOf("/");
  const kind = findReconciledKind(slash < 0 ? first : first.slice(0, slash));
  if (kind === undefined) {
    throw new CommandError(
      `cannot get ${JSON.stringify(first)}: try sources, kustomizations, helmreleases or all`,
      exitCode.usage,
    );
  }
  if (rest.length > (slash < 0 ? 1 : 0)) {
    throw new CommandError(`get takes one name: ${JSON.stringify(rest.at(-1))} is too much`, exitCode.usage);
  }
  return { kinds: [kind], name: slash < 0 ? rest[0] : first.slice(slash + 1) };
}

function namespaceOf(options: GetOptions): { namespace?: string } {
  return options.allNamespaces === true ? {} : { namespace: options.namespace ?? "capstan-system" };
}

async function readSections(
  client: Client,
  kinds: readonly ReconciledKind[],
  name: string | undefined,
  options: GetOptions,
  io: Io,
): Promise<readonly Section[]> {
  const sections: Section[] = [];
  for (const kind of kinds) {
    const objects: KubeObject[] = [];
    try {
      const selection = options.selector === undefined ? {} : { labelSelector: options.selector };
      for await (const object of client.listAll(kind, {
        ...namespaceOf(options),
        ...selection,
        signal: io.signal,
      })) {
        if (name === undefined || object.metadata.name === name) objects.push(object);
      }
    } catch (error) {
      // A kind that the cluster does not serve has no objects; asked for by itself, it is a mistake.
      if (!isNoKindMatch(error) || kinds.length === 1) throw error;
    }
    sections.push({ kind: "objects", objects, columns: columnsFor(kind, kinds, options, io) });
  }
  return sections;
}

function columnsFor(kind: ReconciledKind, kinds: readonly ReconciledKind[], options: GetOptions, io: Io) {
  return reconciledColumns({
    kind,
    withNamespace: options.allNamespaces === true,
    withKind: kinds.length > 1,
    now: io.clock.now(),
  });
}

async function watch(
  client: Client,
  { kinds, name }: ReturnType<typeof selectKinds>,
  options: GetOptions,
  format: OutputFormat,
  io: Io,
): Promise<void> {
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    throw new CommandError("watch one kind, for example: capstan get kustomizations -w", exitCode.usage);
  }
  const selection = {
    ...namespaceOf(options),
    ...(options.selector === undefined ? {} : { labelSelector: options.selector }),
    signal: io.signal,
  };
  const isMeant = (object: KubeObject) => name === undefined || object.metadata.name === name;
  const { items, metadata } = await client.list(kind, selection);
  const found = items.filter(isMeant).map((object) => ({ ...object, ...typeOf(kind) }));
  const stream = objectStream(format, () => columnsFor(kind, kinds, options, io), found);
  io.out(stream.head);
  for (const object of found) io.out(stream.next(object));
  const { resourceVersion = "" } = metadata;
  for await (const { type, object } of client.watch(kind, { ...selection, resourceVersion })) {
    if ((type === "ADDED" || type === "MODIFIED") && isMeant(object)) io.out(stream.next(object));
  }
}

function typeOf({ apiVersion, kind }: ReconciledKind) {
  return { apiVersion, kind };
}

/** In the words of `flux get`. */
function nothingFound(
  kinds: readonly ReconciledKind[],
  name: string | undefined,
  options: GetOptions,
): CommandError {
  const where =
    options.allNamespaces === true ? "any" : JSON.stringify(options.namespace ?? "capstan-system");
  const what = kinds.length === 1 ? `${kinds[0]?.kind} ` : "";
  return new CommandError(
    name === undefined
      ? `no ${what}objects found in ${where} namespace`
      : `${what}object '${name}' not found in ${where} namespace`,
  );
}
