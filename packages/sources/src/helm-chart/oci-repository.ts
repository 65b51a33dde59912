import { type Descriptor, type OciClient, type OciClientOptions, OciError } from "@capstan/oci";
import { withRegistry } from "../oci-repository/connection.js";
import { BuildError, messageOf } from "./build-error.js";
import { type ChartRepository, type FoundChart, MAX_CHART_BYTES } from "./repository.js";
import { chooseVersion, parseStrictVersion } from "./version.js";

const CHART_TYPES = ["application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip"];

export interface OciChartRepositoryOptions {
  /** The registry and the path that charts are below, without a trailing slash. */
  readonly url: string;
  readonly connection: Omit<OciClientOptions, "url">;
  readonly insecure: boolean;
  readonly signal: AbortSignal;
}

/** A registry that holds charts, each in a repository of its name. */
export class OciChartRepository implements ChartRepository {
  readonly #options: OciChartRepositoryOptions;

  constructor(options: OciChartRepositoryOptions) {
    this.#options = options;
  }

  /** A version in full is taken as it is; the tags are listed for a range only. */
  async find(name: string, version: string): Promise<FoundChart> {
    const url = `${this.#options.url}/${name}`;
    const own = name.slice(name.lastIndexOf("/") + 1);
    if (parseStrictVersion(version) !== undefined) return { name: own, version, url, digest: undefined };
    const tags = await this.#use(
      url,
      (client) => client.tags(this.#options.signal),
      (error) => unavailable(`could not get tags for "${name}": could not fetch tags for "${url}": ${error}`),
    );
    const candidates = tags.map((tag) => ({ version: tag.replaceAll("_", "+") }));
    let found: { version: string } | undefined;
    try {
      found = chooseVersion(candidates, version);
    } catch (error) {
      throw unavailable(messageOf(error), error);
    }
    if (found === undefined) {
      throw unavailable(`could not locate a version matching provided version string ${version}`);
    }
    return { name: own, version: found.version, url, digest: undefined };
  }

  /** Runs `use` with a client for a chart's repository; failures become what `failure` makes of them. */
  async #use<T>(
    url: string,
    use: (client: OciClient) => Promise<T>,
    failure: (text: string) => BuildError,
  ): Promise<T> {
    const { connection, insecure, signal } = this.#options;
    try {
      return await withRegistry({ ...connection, url }, insecure, use);
    } catch (error) {
      signal.throwIfAborted();
      if (!OciError.is(error)) throw error;
      throw new BuildError("ChartPullError", failure(error.message).message, { cause: error });
    }
  }

  /** Gives `use` a client and the digest that a chart's tag has now. */
  async withManifest<T>(
    chart: FoundChart,
    use: (client: OciClient, digest: string) => Promise<T>,
  ): Promise<T> {
    const { signal } = this.#options;
    const tag = tagOf(chart.version);
    return this.#use(
      chart.url,
      async (client) => use(client, await client.resolve(tag, signal)),
      (text) => pullFailed(`failed to get '${chart.url}:${chart.version}': ${text}`),
    );
  }

  async download(chart: FoundChart): Promise<Buffer> {
    return this.withManifest(chart, async (client, digest) => {
      const manifest = await client.manifest(chart.digest ?? digest, this.#options.signal);
      const layer = manifest.layers.find(({ mediaType }) => CHART_TYPES.includes(mediaType));
      if (layer === undefined) {
        throw new OciError("invalid-response", "the manifest does not contain a layer with a chart");
      }
      return this.#read(client, layer);
    });
  }

  async close(): Promise<void> {
    // Clients are closed where they are used.
  }

  async #read(client: OciClient, layer: Descriptor): Promise<Buffer> {
    if (layer.size > MAX_CHART_BYTES) {
      throw new OciError(
        "too-large",
        `the chart has ${layer.size} bytes, more than the ${MAX_CHART_BYTES} allowed`,
      );
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of client.blob(layer, this.#options.signal)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
}

/** A version as a tag: `+` is none of the characters that a tag may have. */
export function tagOf(version: string): string {
  return version.replaceAll("+", "_");
}

function unavailable(message: string, cause?: unknown): BuildError {
  return new BuildError("ChartPullError", `failed to get chart version for remote reference: ${message}`, {
    cause,
  });
}

function pullFailed(message: string): BuildError {
  return new BuildError("ChartPullError", `failed to download chart for remote reference: ${message}`);
}
