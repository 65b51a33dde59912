import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  ArtifactError,
  DEFAULT_TREE_LIMITS,
  readDirectoryTree,
  type TreeEntry,
  unpackTarball,
} from "@capstan/artifacts";
import { parseConstraint, satisfies, stringifyYaml, tryParseVersion, VersionError } from "@capstan/kube";
import { type Manifest, type OciClient, OciError, parseOciUrl, pushArtifact } from "@capstan/oci";
import { RE2JS } from "re2js";
import { type ContentOptions, contentsOf, packContents, textContents } from "../artifact/contents.js";
import { artifactReference, type RegistryOptions, withRepository } from "../artifact/registry.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { formatTable } from "../output/table.js";
import { statIfThere } from "../stat-if-there.js";

const SOURCE = "org.opencontainers.image.source";
const REVISION = "org.opencontainers.image.revision";
const CREATED = "org.opencontainers.image.created";

export interface PathOption {
  readonly path?: string;
}

export interface PushOptions extends RegistryOptions, ContentOptions, PathOption {
  readonly source?: string;
  readonly revision?: string;
  readonly annotations?: readonly string[];
  readonly output?: string;
  readonly reproducible?: boolean;
}

/** `capstan push artifact oci://…`: packs files and pushes them, as `flux push artifact` does. */
export async function pushArtifactCommand(
  address: string,
  options: PushOptions,
  io: Io,
  input: () => Promise<string>,
): Promise<void> {
  const { source, revision, output } = options;
  if (source === undefined) throw usage("--source is required");
  if (revision === undefined) throw usage("--revision is required");
  if (output !== undefined && output !== "json" && output !== "yaml") {
    throw usage(`--output takes json or yaml, not ${JSON.stringify(output)}`);
  }
  const { url, tag, digest: pinned } = artifactReference(address);
  if (tag === undefined || pinned !== undefined) throw usage(`name a tag to push to, not ${address}`);
  const layer = await packContents(await contents(options, io, input));
  const custom = annotationsOf(options.annotations ?? []);
  const created = options.reproducible === true ? 0 : Math.floor(io.clock.now() / 1000) * 1000;
  const annotations = { [CREATED]: timeText(created), [REVISION]: revision, [SOURCE]: source, ...custom };
  const shown = `${url.slice("oci://".length)}:${tag}`;
  if (output === undefined) io.progress.action(`pushing artifact to ${shown}`);
  const digest = await withRepository(url, true, options, io, (client) =>
    pushArtifact(
      client,
      {
        tag,
        layer,
        created: Date.parse(annotations[CREATED] ?? "") || created,
        annotations: sorted(annotations),
      },
      io.signal,
    ),
  );
  const repository = url.slice("oci://".length);
  const value = { url: `${url}@${digest}`, repository, tag, digest };
  if (output === "json") io.out(`${JSON.stringify(value, null, 2)}\n`);
  else if (output === "yaml") io.out(stringifyYaml(value));
  else io.progress.success(`artifact successfully pushed to ${repository}@${digest}`);
}

/** `capstan pull artifact oci://… --output DIR`: downloads an artifact and unpacks it. */
export async function pullArtifactCommand(
  address: string,
  options: RegistryOptions & { readonly output?: string },
  io: Io,
): Promise<void> {
  const { output = "" } = options;
  if (output === "") throw usage("output path cannot be empty");
  const target = await statIfThere(output);
  if (target?.isDirectory() !== true) throw usage(`invalid output path ${JSON.stringify(output)}`);
  const { url } = artifactReference(address);
  io.progress.action(`pulling artifact from ${address.slice("oci://".length)}`);
  await withRepository(url, false, options, io, async (client) => {
    const manifest = await manifestOf(client, address, io);
    await unpackLayer(client, manifest, resolve(output), io);
    const { [SOURCE]: source, [REVISION]: revision } = manifest.annotations;
    if (source !== undefined) io.progress.success(`source ${source}`);
    if (revision !== undefined) io.progress.success(`revision ${revision}`);
    io.progress.success(`digest ${url.slice("oci://".length)}@${manifest.digest}`);
  });
  io.progress.success(`artifact content extracted to ${output}`);
}

export interface ListArtifactsOptions extends RegistryOptions {
  readonly filterSemver?: string;
  readonly filterRegex?: string;
}

/** `capstan list artifacts oci://…`: a repository's tags with what their manifests say. */
export async function listArtifacts(address: string, options: ListArtifactsOptions, io: Io): Promise<void> {
  const { url } = artifactReference(address);
  const keeps = filterOf(options);
  const rows = await withRepository(url, false, options, io, async (client) => {
    const tags = (await client.tags(io.signal)).filter(keeps).sort().reverse();
    const found: string[][] = [];
    for (const tag of tags) {
      const digest = await client.resolve(tag, io.signal);
      const { annotations } = await client.manifest(digest, io.signal);
      found.push([
        `${url.slice("oci://".length)}:${tag}`,
        digest,
        annotations[SOURCE] ?? "",
        annotations[REVISION] ?? "",
      ]);
    }
    return found;
  });
  io.out(formatTable(["ARTIFACT", "DIGEST", "SOURCE", "REVISION"], rows));
}

/** `capstan tag artifact oci://… --tag T`: gives an artifact more tags. */
export async function tagArtifact(
  address: string,
  options: RegistryOptions & { readonly tag?: readonly string[] },
  io: Io,
): Promise<void> {
  const tags = (options.tag ?? []).flatMap((text) => text.split(","));
  if (tags.length === 0) throw usage("--tag is required");
  const { url } = artifactReference(address);
  io.progress.action("tagging artifact");
  await withRepository(url, true, options, io, async (client) => {
    const digest = await digestAt(client, address, io);
    for (const tag of tags) {
      await client.tag(digest, tag, io.signal);
      io.progress.success(`artifact tagged as ${url.slice("oci://".length)}:${tag}`);
    }
  });
}

/** `capstan diff artifact oci://… --path P`: whether files differ from what an artifact holds, and which. */
export async function diffArtifact(
  address: string,
  options: RegistryOptions & ContentOptions & PathOption,
  io: Io,
): Promise<boolean> {
  const { path = "" } = options;
  if (path === "") throw usage(`invalid path ""`);
  const { url } = artifactReference(address);
  const local = await contentsOf(path, options);
  const lines = await withRepository(url, false, options, io, async (client) => {
    const manifest = await manifestOf(client, address, io);
    const directory = await mkdtemp(join(tmpdir(), "capstan-diff-"));
    try {
      await unpackLayer(client, manifest, directory, io);
      return await differences(await readDirectoryTree(directory), local);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
  if (lines.length === 0) {
    io.progress.success("no changes detected");
    return false;
  }
  for (const line of lines) io.out(`${line}\n`);
  io.progress.failure("the remote artifact contents differs from the local one");
  return true;
}

/** `capstan build artifact --path P --output F`: packs files as `push artifact` would, into a file. */
export async function buildArtifact(
  options: ContentOptions & PathOption & { readonly output?: string },
  io: Io,
  input: () => Promise<string>,
): Promise<void> {
  const { output = "artifact.tgz", path = "" } = options;
  const found = await contents(options, io, input);
  io.progress.action(`building artifact from ${path}`);
  const file = resolve(output);
  const draft = join(dirname(file), `.${Buffer.from(io.random.bytes(6)).toString("hex")}.tmp`);
  await writeFile(draft, await packContents(found), { mode: 0o640 });
  await rename(draft, file);
  io.progress.success(`artifact created at ${output}`);
}

async function contents(
  options: ContentOptions & PathOption,
  _io: Io,
  input: () => Promise<string>,
): Promise<readonly TreeEntry[]> {
  const { path = "" } = options;
  if (path === "") throw usage(`invalid path ""`);
  return path === "-" ? textContents("manifests.yaml", await input()) : contentsOf(path, options);
}

function usage(message: string): CommandError {
  return new CommandError(message, exitCode.usage);
}

function annotationsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const parts = pair.split("=");
      const [key, value] = parts;
      if (parts.length !== 2 || key === undefined || value === undefined) {
        throw usage(`invalid annotation ${pair}, must be in the format key=value`);
      }
      return [key, value];
    }),
  );
}

function sorted(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}

function filterOf({ filterSemver, filterRegex }: ListArtifactsOptions): (tag: string) => boolean {
  try {
    const range = filterSemver === undefined ? undefined : parseConstraint(filterSemver);
    const pattern = filterRegex === undefined ? undefined : RE2JS.compile(filterRegex);
    return (tag) => {
      if (/\.(att|sbom|sig)$/.test(tag)) return false;
      const version = range === undefined ? undefined : tryParseVersion(tag);
      if (range !== undefined && (version === undefined || !satisfies(version, range))) return false;
      return pattern === undefined || pattern.matcher(tag).find();
    };
  } catch (error) {
    if (error instanceof VersionError) throw usage(`semver '${filterSemver}' parse error: ${error.message}`);
    throw usage(
      `regex '${filterRegex}' parse error: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function digestAt(client: OciClient, address: string, io: Io): Promise<string> {
  const { tag = "latest", digest } = artifactReference(address);
  return digest ?? client.resolve(tag, io.signal);
}

async function manifestOf(client: OciClient, address: string, io: Io): Promise<Manifest> {
  return client.manifest(await digestAt(client, address, io), io.signal);
}

/** The first layer's files, once the whole blob is there and verified. */
async function unpackLayer(client: OciClient, manifest: Manifest, directory: string, io: Io): Promise<void> {
  const [layer] = manifest.layers;
  if (layer === undefined) throw new OciError("invalid-response", "no layers found in artifact");
  if (layer.size > DEFAULT_TREE_LIMITS.maxBytes) {
    throw new OciError(
      "too-large",
      `the layer has ${layer.size} bytes, more than ${DEFAULT_TREE_LIMITS.maxBytes}`,
    );
  }
  const scratch = await mkdtemp(join(tmpdir(), "capstan-pull-"));
  try {
    const archive = join(scratch, "layer.tar.gz");
    await pipeline(client.blob(layer, io.signal), createWriteStream(archive, { mode: 0o600 }), {
      signal: io.signal,
    });
    await unpackTarball(createReadStream(archive), directory, { signal: io.signal });
  } catch (error) {
    if (!ArtifactError.is(error)) throw error;
    throw new CommandError(
      `extracting ${parseOciUrl(client.url).repository} failed: ${error.message}`,
      exitCode.failure,
      {
        cause: error,
      },
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What differs, a line each: `+` is here only, `-` is in the artifact only, `~` is not the same. */
async function differences(remote: readonly TreeEntry[], local: readonly TreeEntry[]): Promise<string[]> {
  const files = (entries: readonly TreeEntry[]) =>
    new Map(entries.flatMap((entry) => (entry.kind === "file" ? [[entry.path, entry] as const] : [])));
  const [theirs, ours] = [files(remote), files(local)];
  const lines: string[] = [];
  for (const path of [...new Set([...theirs.keys(), ...ours.keys()])].sort()) {
    const [their, our] = [theirs.get(path), ours.get(path)];
    if (their === undefined) lines.push(`+ ${path}`);
    else if (our === undefined) lines.push(`- ${path}`);
    else if (their.executable !== our.executable || !Buffer.from(await their.read()).equals(await our.read()))
      lines.push(`~ ${path}`);
  }
  return lines;
}
