import { readFile } from "node:fs/promises";
import type { Artifact } from "@capstan/artifacts";
import { parseObject } from "../json.js";

/** What an index says of one version of a chart. */
export interface IndexEntry {
  readonly version: string;
  readonly urls: readonly string[];
  /** SHA-256 of the archive in hex, where the index gives a usable one. */
  readonly digest: string | undefined;
  /** Epoch ms; 0 where the index does not say. */
  readonly created: number;
}

/** A repository's charts by name, versions as the index orders them. */
export type ChartIndex = ReadonlyMap<string, readonly IndexEntry[]>;

const KEPT = 16;

/** Reads stored indexes, and keeps what charts need of the last ones. */
export class IndexCache {
  readonly #kept = new Map<string, Promise<ChartIndex>>();

  /** The index that an artifact holds; `file` is where it lies. */
  read(artifact: Pick<Artifact, "digest">, file: string): Promise<ChartIndex> {
    const known = this.#kept.get(artifact.digest) ?? this.#load(artifact.digest, file);
    this.#kept.delete(artifact.digest);
    this.#kept.set(artifact.digest, known);
    for (const digest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT) break;
      this.#kept.delete(digest);
    }
    return known;
  }

  #load(digest: string, file: string): Promise<ChartIndex> {
    const loading = readFile(file, "utf8").then(chartIndexOf);
    loading.catch(() => this.#kept.delete(digest));
    return loading;
  }
}

/** What charts need of a normalized index. */
export function chartIndexOf(json: string): ChartIndex {
  const { entries } = parseObject(json) ?? {};
  const index = new Map<string, readonly IndexEntry[]>();
  for (const [name, versions] of Object.entries((entries ?? {}) as Record<string, unknown>)) {
    if (Array.isArray(versions)) index.set(name, versions.map(entryOf));
  }
  return index;
}

function entryOf(value: {
  version: string;
  urls?: unknown;
  digest?: unknown;
  created?: unknown;
}): IndexEntry {
  const { version, urls, digest, created } = value;
  const hex = typeof digest === "string" ? digest.replace(/^sha256:/, "") : "";
  return {
    version,
    urls: Array.isArray(urls) ? urls.filter((url): url is string => typeof url === "string") : [],
    digest: /^[0-9a-f]{64}$/.test(hex) ? hex : undefined,
    created: (typeof created === "string" && Date.parse(created)) || 0,
  };
}
