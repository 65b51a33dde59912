import type { RepoSpec } from "@capstan/kustomize";
import type { KeyService } from "../decrypt/key-service.js";
import type { RemoteCredentials } from "../decrypt/material.js";
import { type KeyNeed, keyId, type RemoteKey, type RemoteKeys } from "../decrypt/remote-keys.js";
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

/** Encrypted files of a build; each asks a service for its data key. */
const MAX_KEYS = 5000;

/** Questions to services at a time. */
const ASKED_AT_ONCE = 8;

/** What reaches beyond the source for a build. */
export interface BuildServices {
  /** Fetches remote bases; left out: they are refused. */
  readonly bases?: RemoteFetcher | undefined;
  readonly keys: KeyService;
}

/** A build, and whether it holds what the source alone does not determine. */
export interface RenderedWithRemotes {
  readonly rendered: Rendered;
  readonly remote: boolean;
}

/**
 * Renders with what has to be fetched: remote bases, where that is allowed, and data keys that services open. The
 * build is tried, says what it needs, and is tried again. Rejects with `RenderError`.
 */
export async function renderWithRemotes(
  renderer: Renderer,
  request: RenderRequest,
  { bases, keys }: BuildServices,
  signal: AbortSignal,
): Promise<RenderedWithRemotes> {
  const fetched = bases === undefined ? undefined : new Fetched(bases, signal);
  const opened = request.decryption && new Opened(keys, request.decryption.remote, signal);
  try {
    for (;;) {
      const remote = fetched === undefined ? {} : { remote: fetched.contents };
      const remoteKeys = opened === undefined ? {} : { remoteKeys: opened.keys };
      try {
        const rendered = await renderer.render({ ...request, ...remote, ...remoteKeys }, signal);
        return { rendered, remote: fetched !== undefined && fetched.count > 0 };
      } catch (error) {
        if (!(error instanceof RemotesNeeded)) throw error;
        await opened?.add(error.needs.filter((need) => need.kind === "key"));
        await fetched?.add(error.needs.filter((need) => need.kind !== "key"));
      }
    }
  } finally {
    await fetched?.close();
  }
}

/** The data keys that services opened for a build. */
class Opened {
  readonly #opened = new Map<string, Uint8Array | { readonly error: string }>();
  readonly #service: KeyService;
  readonly #credentials: RemoteCredentials;
  readonly #signal: AbortSignal;

  constructor(service: KeyService, credentials: RemoteCredentials, signal: AbortSignal) {
    this.#service = service;
    this.#credentials = credentials;
    this.#signal = signal;
  }

  /** As plain data that can be sent to a worker. */
  get keys(): RemoteKeys {
    return { kinds: this.#service.kinds(this.#credentials), opened: this.#opened };
  }

  /** Opens a few at a time; what fails is told by the build that needs it. */
  async add(needs: readonly KeyNeed[]): Promise<void> {
    if (this.#opened.size + needs.length > MAX_KEYS) {
      throw new RenderError("BuildFailed", `more than ${MAX_KEYS} data keys are to be opened`);
    }
    const waiting = [...needs];
    const work = async () => {
      for (let need = waiting.pop(); need !== undefined; need = waiting.pop()) {
        this.#opened.set(keyId(need.key), await this.#open(need.key));
      }
    };
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, work));
  }

  async #open(key: RemoteKey): Promise<Uint8Array | { readonly error: string }> {
    try {
      return await this.#service.open(key, this.#credentials, this.#signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      return { error: error instanceof Error ? error.message : String(error) };
    }
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
