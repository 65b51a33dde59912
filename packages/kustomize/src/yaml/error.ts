/** Text that is not YAML, or asks for more than the limits allow. */
export class YamlSyntaxError extends Error {
  override readonly name = "YamlSyntaxError";
  /** 1-based line of the problem within the text that was read; 0 where there is none. */
  readonly line: number;
  /** The text asks for too much (depth, expansion) and is not merely malformed. */
  readonly limit: boolean;

  constructor(message: string, line: number, limit = false) {
    super(message);
    this.line = line;
    this.limit = limit;
  }
}
