import type { RepoSpec } from "@capstan/kustomize";
import { RenderError, type Rendered } from "../render/desired-object.js";
import { type RemoteContents, type RemoteNeed, RemotesNeeded } from "../render/remote-contents.js";
import type { RenderRequest } from "../render/render.js";
import type { Renderer } from "../render/renderer.js";

/** Gets what builds refer to on the network. Rejects with an error whose message people may read. */
export interface RemoteFetcher {
  /** The files of a repository at a ref, in a directory that is there until `close`. */
  repository(
    spec: RepoSpec,
    signal: AbortSignal,
  ): Promise<{ readonly directory: string; close(): Promise<void> }>;
  /** What a URL answers, whatever its status. */
  file(url: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: Uint8Array }>;
}

/** A build may refer to as many repositories and files. */
const MAX_REMOTES = 100;

/** A build, and whether it holds what the source alone does not determine. */
export interface RenderedWithRemotes {
  readonly rendered: Rendered;
  readonly remote: boolean;
}

/**
 * Renders, fetching remote bases and files where `fetcher` is given: the build is tried, says what it
 * needs, and is tried again. Without `fetcher` such builds fail. Rejects with `RenderError`.
 */
export async function renderWithRemotes(
  renderer: Renderer,
  request: RenderRequest,
  fetcher: RemoteFetcher | undefined,
  signal: AbortSignal,
): Promise<RenderedWithRemotes> {
  if (fetcher === undefined) return { rendered: await renderer.render(request, signal), remote: false };
  const fetched = new Fetched(fetcher, signal);
  try {
    for (;;) {
      try {
        const rendered = await renderer.render({ ...request, remote: fetched.contents }, signal);
        return { rendered, remote: fetched.count > 0 };
      } catch (error) {
        if (!(error instanceof RemotesNeeded)) throw error;
        await fetched.add(error.needs);
      }
    }
  } finally {
    await fetched.close();
  }
}

class Fetched {
  readonly repositories = new Map<string, { readonly directory: string } | { readonly error: string }>();
  readonly files = new Map<string, Awaited<ReturnType<RemoteFetcher["file"]>> | { readonly error: string }>();
  readonly #fetcher: RemoteFetcher;
  readonly #signal: AbortSignal;
  readonly #closing: (() => Promise<void>)[] = [];

  constructor(fetcher: RemoteFetcher, signal: AbortSignal) {
    this.#fetcher = fetcher;
    this.#signal = signal;
  }

  /** As plain data that can be sent to a worker. */
  get contents(): RemoteContents {
    return { repositories: this.repositories, files: this.files };
  }

  get count(): number {
    return this.repositories.size + this.files.size;
  }

  /** Fetches one after the other; what fails is told by the build that needs it. */
  async add(needs: readonly RemoteNeed[]): Promise<void> {
    for (const need of needs) {
      if (this.count >= MAX_REMOTES) {
        throw new RenderError("BuildFailed", `kustomize build failed: more than ${MAX_REMOTES} remote bases`);
      }
      if (need.kind === "file") this.files.set(need.url, await this.#attempt(() => this.#file(need.url)));
      else this.repositories.set(need.spec.raw, await this.#attempt(() => this.#repository(need.spec)));
    }
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close();
  }

  #file(url: string) {
    return this.#fetcher.file(url, this.#signal);
  }

  async #repository(spec: RepoSpec): Promise<{ readonly directory: string }> {
    const { directory, close } = await this.#fetcher.repository(spec, this.#signal);
    this.#closing.push(close);
    return { directory };
  }

  async #attempt<T>(fetch: () => Promise<T>): Promise<T | { readonly error: string }> {
    try {
      return await fetch();
    } catch (error) {
      this.#signal.throwIfAborted();
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
}
