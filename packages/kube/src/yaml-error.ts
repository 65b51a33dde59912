/** Why a text is not the YAML that was asked for. Never carries the text itself, which may be secret. */
export class YamlError extends Error {
  override readonly name = "YamlError";
  /** What is wrong, without the place. */
  readonly reason: string;
  readonly file: string | undefined;
  /** 1-based; 0 where the whole text is meant. */
  readonly line: number;
  /** 1-based; 0 where the whole line is meant. */
  readonly column: number;

  constructor(reason: string, place: { file?: string | undefined; line?: number; column?: number } = {}) {
    const line = place.line ?? 0;
    const file = place.file === undefined || place.file === "" ? "" : `${place.file}: `;
    super(`${file}yaml: ${line > 0 ? `line ${line}: ` : ""}${reason}`);
    this.reason = reason;
    this.file = place.file;
    this.line = line;
    this.column = place.column ?? 0;
  }

  /** The error for a fault at `offset` of `source`. */
  static at(source: string, offset: number, reason: string, file?: string): YamlError {
    const line = lineAt(source, offset);
    const column = offset - (source.lastIndexOf("\n", offset - 1) + 1) + 1;
    return new YamlError(reason, { file, line, column: offset === 0 ? 1 : column });
  }
}

/** The 1-based line that `offset` of `source` lies on, counting from `from`, an offset on line `fromLine`. */
export function lineAt(source: string, offset: number, from = 0, fromLine = 1): number {
  let line = fromLine;
  for (let at = source.indexOf("\n", from); at >= 0 && at < offset; at = source.indexOf("\n", at + 1)) line++;
  return line;
}
