import {
  ChartError,
  type ChartFile,
  type Dependency,
  dependencyOf,
  parseMetadata,
  unpackChart,
} from "@capstan/helm";
import { parseConstraint, parseYaml, satisfies, VersionError, YamlError } from "@capstan/kube";
import { BuildError, messageOf } from "./build-error.js";
import { type ChartAt, readChart } from "./chart-directory.js";
import { metadataOfArchive } from "./remote-chart.js";
import { type ChartRepository, normalizeRepositoryUrl } from "./repository.js";

/** Finds the repository behind a URL, already normalized. */
export interface Repositories {
  get(url: string): Promise<ChartRepository>;
}

/** A chart to put below `charts/`. */
export interface AddedDependency {
  readonly directory: string;
  readonly files: readonly ChartFile[];
}

interface Place {
  readonly root: string;
  /** Where the chart that depends on others is, below `root`. */
  readonly path: string;
  readonly repositories: Repositories;
}

/**
 * Fetches what a chart's lock, or else its list of dependencies, names and `charts/` does not have. Throws
 * `BuildError` DependencyBuildError.
 */
export async function addMissingDependencies(
  files: readonly ChartFile[],
  place: Place,
): Promise<readonly AddedDependency[]> {
  const vendored = vendoredNames(files);
  const wanted = lockedDependencies(files) ?? declaredDependencies(files);
  if (wanted.length === vendored.length) return [];
  const present = new Set(vendored);
  const missing = new Map<string, Dependency>();
  for (const dependency of wanted) {
    if (!present.has(dependency.name) && !present.has(directoryOf(dependency)))
      missing.set(directoryOf(dependency), dependency);
  }
  const added: AddedDependency[] = [];
  for (const [directory, dependency] of [...missing].sort(([a], [b]) => (a < b ? -1 : 1))) {
    added.push({ directory, files: await fetchDependency(dependency, place) });
  }
  return added;
}

function directoryOf({ alias, name }: Dependency): string {
  return alias === "" ? name : alias;
}

/** Names of the charts that lie in `charts/`, packed ones unfolded. */
function vendoredNames(files: readonly ChartFile[]): readonly string[] {
  return attempt(() =>
    files
      .filter(({ name }) => /^charts\/[^/_.][^/]*\/Chart\.yaml$/.test(name))
      .map(({ data }) => parseMetadata(Buffer.from(data).toString("utf8")).name),
  );
}

function declaredDependencies(files: readonly ChartFile[]): readonly Dependency[] {
  const named = (name: string) => files.find((file) => file.name === name);
  const text = (file: ChartFile) => Buffer.from(file.data).toString("utf8");
  const requirements = named("requirements.yaml");
  if (requirements !== undefined) return listOf(requirements);
  const chartYaml = named("Chart.yaml");
  return chartYaml === undefined ? [] : attempt(() => parseMetadata(text(chartYaml)).dependencies);
}

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    throw new BuildError("ChartPackageError", error.message, { cause: error });
  }
}

function lockedDependencies(files: readonly ChartFile[]): readonly Dependency[] | undefined {
  const lock = files.find(({ name }) => name === "Chart.lock" || name === "requirements.lock");
  return lock === undefined ? undefined : listOf(lock);
}

/** The dependencies in a file that lists nothing else. */
function listOf(file: ChartFile): readonly Dependency[] {
  try {
    const value = parseYaml(Buffer.from(file.data).toString("utf8"), { dialect: "helm", file: file.name });
    const listed =
      typeof value === "object" && value !== null && "dependencies" in value ? value.dependencies : [];
    return Array.isArray(listed) ? listed.map(dependencyOf) : [];
  } catch (error) {
    if (!(error instanceof YamlError) && !(error instanceof ChartError)) throw error;
    throw new BuildError("ChartPackageError", `cannot load ${file.name}: ${error.message}`, { cause: error });
  }
}

async function fetchDependency(dependency: Dependency, place: Place): Promise<readonly ChartFile[]> {
  const local = dependency.repository === "" || dependency.repository.startsWith("file://");
  const kind = local ? "local" : "remote";
  try {
    // It becomes a directory's name.
    if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(directoryOf(dependency))) {
      throw new ChartError(`${JSON.stringify(directoryOf(dependency))} is no name of a chart`);
    }
    return local ? await readLocal(dependency, place) : await readRemote(dependency, place.repositories);
  } catch (error) {
    const expected =
      error instanceof BuildError ||
      error instanceof ChartError ||
      error instanceof VersionError ||
      error instanceof TypeError;
    if (!expected) throw error;
    const message = `failed to add ${kind} dependency '${directoryOf(dependency)}': ${error.message}`;
    throw new BuildError("DependencyBuildError", message, { cause: error });
  }
}

async function readLocal(dependency: Dependency, { root, path }: Place): Promise<readonly ChartFile[]> {
  const { name, repository, version } = dependency;
  const below = repository === "" ? `charts/${name}` : repository.slice("file://".length);
  const chart = await readLocalChart(root, `${path}/${below}`, repository);
  if (!satisfies(versionOf(chart.files), constraintOf(version))) {
    throw new ChartError(`can't get a valid version for constraint '${version}'`);
  }
  return chart.files;
}

async function readLocalChart(root: string, path: string, reference: string): Promise<ChartAt> {
  try {
    return await readChart(root, path);
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    const text = error.message.startsWith("stat ")
      ? `no chart found at '${error.message.slice("stat ".length).replace(/: no such file or directory$/, "")}' (reference '${reference}')`
      : `failed to load chart (reference '${reference}'): ${error.message}`;
    throw new ChartError(text, { cause: error });
  }
}

function constraintOf(text: string) {
  try {
    return parseConstraint(text);
  } catch (error) {
    if (!(error instanceof VersionError)) throw error;
    throw new ChartError(`invalid version/constraint format '${text}': ${error.message}`, { cause: error });
  }
}

function versionOf(files: readonly ChartFile[]): string {
  const chartYaml = files.find(({ name }) => name === "Chart.yaml");
  if (chartYaml === undefined) throw new ChartError("no 'Chart.yaml' found");
  return parseMetadata(Buffer.from(chartYaml.data).toString("utf8")).version;
}

async function readRemote(dependency: Dependency, repositories: Repositories): Promise<readonly ChartFile[]> {
  const { name, version, repository: url } = dependency;
  if (url.startsWith("@")) throw new ChartError(`aliased repository dependency is not supported: ${url}`);
  if (!/^(oci|https?):\/\//.test(url)) throw new ChartError(`invalid dependency repository URL: ${url}`);
  const repository = await repositories.get(normalizeRepositoryUrl(url));
  try {
    const found = await repository.find(name, version).catch((error: unknown) => {
      if (!(error instanceof BuildError)) throw error;
      const text = `failed to get chart '${name}' version '${version}' from '${url}': ${detailOf(error)}`;
      throw new BuildError(error.reason, text, { cause: error });
    });
    const bytes = await repository.download(found).catch((error: unknown) => {
      if (!(error instanceof BuildError)) throw error;
      const text = `chart download of version '${found.version}' failed: ${detailOf(error)}`;
      throw new BuildError(error.reason, text, { cause: error });
    });
    metadataOfArchive(bytes);
    return unpackChart(bytes);
  } finally {
    await repository.close();
  }
}

/** A repository speaks of the chart that was asked for; of a dependency more is said around it. */
function detailOf(error: BuildError): string {
  return messageOf(error).replace(
    /^failed to (?:get chart version|download chart) for remote reference: /,
    "",
  );
}
