import { KustomizeError } from "../errors.js";

/** Bounds of what one build may read and hold. */
export interface Limits {
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of all files read, a file read twice counted twice. */
  readonly totalBytes: number;
  /** Characters that patches and replacements may add to objects, all together. */
  readonly copiedCharacters: number;
  /** Resources held at a time. */
  readonly resources: number;
  /** Kustomizations inside one another. */
  readonly depth: number;
  /** Kustomization directories loaded, one loaded twice counted twice. */
  readonly kustomizations: number;
}

export const DEFAULT_LIMITS: Limits = {
  fileBytes: 16 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  copiedCharacters: 256 * 1024 * 1024,
  resources: 100_000,
  depth: 100,
  kustomizations: 10_000,
};

/** Counts what a build takes, and ends it where that is too much. */
export class Budget {
  readonly limits: Limits;
  #bytes = 0;
  #copied = 0;
  #kustomizations = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  takeFile(path: string, bytes: number): void {
    const { fileBytes, totalBytes } = this.limits;
    if (bytes > fileBytes) {
      throw new KustomizeError(
        "limit",
        `file '${path}' has ${bytes} bytes, more than the ${fileBytes} allowed`,
        {
          file: path,
        },
      );
    }
    this.#bytes += bytes;
    if (this.#bytes > totalBytes) {
      throw new KustomizeError("limit", `with file '${path}' the build reads more than ${totalBytes} bytes`, {
        file: path,
      });
    }
  }

  /** Counts what patches and replacements add to objects, in characters. */
  takeCopy(characters: number): void {
    this.#copied += characters;
    if (this.#copied <= this.limits.copiedCharacters) return;
    const limit = this.limits.copiedCharacters;
    throw new KustomizeError("limit", `patches and replacements add more than ${limit} characters`);
  }

  takeKustomization(path: string, depth: number): void {
    const { depth: maxDepth, kustomizations } = this.limits;
    if (depth > maxDepth) {
      throw new KustomizeError("limit", `kustomization '${path}' is nested deeper than ${maxDepth}`, {
        file: path,
      });
    }
    if (++this.#kustomizations > kustomizations) {
      throw new KustomizeError(
        "limit",
        `with '${path}' the build loads more than ${kustomizations} kustomizations`,
        {
          file: path,
        },
      );
    }
  }

  checkResources(count: number, file: string): void {
    const { resources } = this.limits;
    if (count <= resources) return;
    throw new KustomizeError("limit", `with '${file}' the build holds more than ${resources} resources`, {
      file,
    });
  }
}
