import { YamlSyntaxError } from "./yaml/error.js";

/**
 * What kind of trouble it is:
 * `not-found` a path that is not there; `escape` a path that leaves its root or the tree; `cycle`;
 * `yaml` malformed text; `kustomization` a kustomization file that is wrong; `resource` an object
 * that is none; `duplicate` two objects of one id; `patch`, `replacement`, `var`, `generator`,
 * `transformer` a step that cannot be done; `plugin` one that is not built in; `remote` a base that
 * needs the network; `helm` a chart that does not render; `limit` more than the limits allow;
 * `output` a result that cannot be printed.
 */
export type KustomizeErrorCode =
  | "not-found"
  | "escape"
  | "cycle"
  | "yaml"
  | "kustomization"
  | "resource"
  | "duplicate"
  | "patch"
  | "replacement"
  | "var"
  | "generator"
  | "transformer"
  | "plugin"
  | "remote"
  | "helm"
  | "limit"
  | "output";

/** A line of a file in the tree. */
export interface Place {
  readonly file: string;
  readonly line?: number | undefined;
}

export interface KustomizeErrorPlace {
  /** Path in the tree of the file that is to be mended. */
  readonly file?: string | undefined;
  /** 1-based line in that file. */
  readonly line?: number | undefined;
  /** Where what it collides with comes from. */
  readonly rival?: Place | undefined;
  readonly cause?: unknown;
  /** Where several files are wrong and were asked for together. */
  readonly errors?: readonly KustomizeError[];
}

/** Why a build failed. `message` is worded as `kubectl kustomize` words it. */
export class KustomizeError extends Error {
  override readonly name = "KustomizeError";
  readonly code: KustomizeErrorCode;
  readonly file: string | undefined;
  readonly line: number | undefined;
  /** Of a duplicate: where the first of the two comes from. */
  readonly rival: Place | undefined;
  /** Every failure of the build where they were collected, this one included; else empty. */
  readonly errors: readonly KustomizeError[];

  constructor(code: KustomizeErrorCode, message: string, place: KustomizeErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    this.file = place.file;
    this.line = place.line;
    this.rival = place.rival;
    this.errors = place.errors ?? [];
  }

  /** The same failure told from further out: the innermost known place and code are kept. */
  wrap(prefix: string, file?: string): KustomizeError {
    return this.reword(`${prefix}: ${this.message}`, file);
  }

  reword(message: string, file?: string): KustomizeError {
    const { line, rival, errors } = this;
    const place = { file: this.file ?? file, line, rival, cause: this, errors };
    return new KustomizeError(this.code, message, place);
  }

  /** Turns whatever a port threw into a `KustomizeError`. */
  static fromPort(error: unknown, code: "remote" | "helm", file?: string): KustomizeError {
    if (error instanceof KustomizeError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new KustomizeError(code, message, { file, cause: error });
  }

  /**
   * Turns what was thrown into a `KustomizeError`; `code` and `file` serve where it has none. Faults of
   * the program itself are thrown on.
   */
  static from(error: unknown, code: KustomizeErrorCode, file?: string, firstLine = 1): KustomizeError {
    if (error instanceof KustomizeError) {
      return error.file === undefined && file !== undefined ? error.reword(error.message, file) : error;
    }
    if (error instanceof YamlSyntaxError) {
      const line = error.line > 0 ? error.line + firstLine - 1 : undefined;
      return new KustomizeError(error.limit ? "limit" : code, error.message, { file, line, cause: error });
    }
    if (error instanceof RangeError) {
      return new KustomizeError("limit", `the input asks for too much: ${error.message}`, {
        file,
        cause: error,
      });
    }
    // A fault of ours is not the input's: it must not be told as if it were.
    if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return new KustomizeError(code, message, { file, cause: error });
  }
}
