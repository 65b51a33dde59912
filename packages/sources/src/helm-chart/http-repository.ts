import { createHash } from "node:crypto";
import type { HttpConnection } from "../helm-repository/http-connection.js";
import type { ChartIndex } from "../helm-repository/index-cache.js";
import { type HttpAnswer, HttpClient, HttpFailure } from "../http-client.js";
import { BuildError, messageOf } from "./build-error.js";
import { type ChartRepository, type FoundChart, MAX_CHART_BYTES } from "./repository.js";
import { chooseVersion } from "./version.js";

export interface HttpRepositoryOptions {
  /** Where the index is below; relative addresses of charts begin here. */
  readonly url: string;
  readonly connection: HttpConnection;
  /** Whether credentials go along to other hosts. */
  readonly passCredentials: boolean;
  readonly index: () => Promise<ChartIndex>;
  readonly signal: AbortSignal;
}

/** A repository with an index. */
export class HttpRepository implements ChartRepository {
  readonly #options: HttpRepositoryOptions;
  readonly #client: HttpClient;

  constructor(options: HttpRepositoryOptions) {
    this.#options = options;
    this.#client = new HttpClient(options.connection.tls);
  }

  async find(name: string, version: string): Promise<FoundChart> {
    const entries = (await this.#options.index()).get(name);
    if (entries === undefined) throw notFound("no chart name found");
    if (entries.length === 0) throw notFound("no chart version found");
    const newestFirst = [...entries].sort((a, b) => b.created - a.created);
    let found: (typeof newestFirst)[number] | undefined;
    try {
      found = chooseVersion(newestFirst, version);
    } catch (error) {
      throw notFound(messageOf(error), error);
    }
    if (found === undefined) throw notFound(`no '${name}' chart with version matching '${version}' found`);
    const [url] = found.urls;
    if (url === undefined) throw pullFailed(`chart '${name}' has no downloadable URLs`);
    return { name, version: found.version, url: this.#resolve(url), digest: found.digest };
  }

  async download(chart: FoundChart): Promise<Buffer> {
    const { connection, passCredentials, url, signal } = this.#options;
    const target = new URL(chart.url);
    const own = target.origin === new URL(url).origin;
    const answer = await this.#send(
      target,
      own || passCredentials ? connection.authorization : undefined,
      signal,
    );
    const shown = `${target.origin}${target.pathname}`;
    if (answer.status !== 200) {
      throw pullFailed(
        `failed to fetch ${shown} : ${answer.status}${answer.status === 401 ? " Unauthorized" : ""}`,
      );
    }
    const actual = createHash("sha256").update(answer.body).digest("hex");
    if (chart.digest !== undefined && chart.digest !== actual) {
      throw pullFailed(`${shown} has the digest ${actual}, where the index says ${chart.digest}`);
    }
    return answer.body;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #send(url: URL, authorization: string | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.#client.send({ url: url.href, authorization, maxBytes: MAX_CHART_BYTES, signal });
    } catch (error) {
      if (!(error instanceof HttpFailure)) throw error;
      throw pullFailed(error.message, error);
    }
  }

  /** A chart's address, as Helm resolves it: below the repository, with the repository's query. */
  #resolve(text: string): string {
    try {
      const absolute = /^[a-z][a-z0-9+.-]*:/i.test(text);
      const base = new URL(this.#options.url);
      base.pathname = `${base.pathname.replace(/\/+$/, "")}/`;
      const url = new URL(text, base);
      if (!absolute) url.search = base.search;
      if (url.protocol === "http:" || url.protocol === "https:") return url.href;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    throw pullFailed(`the index gives the address "${text}", which is none that can be fetched`);
  }
}

function notFound(message: string, cause?: unknown): BuildError {
  return new BuildError(
    "InvalidChartReference",
    `failed to get chart version for remote reference: ${message}`,
    { cause },
  );
}

function pullFailed(message: string, cause?: unknown): BuildError {
  return new BuildError("ChartPullError", `failed to download chart for remote reference: ${message}`, {
    cause,
  });
}
