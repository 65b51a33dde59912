/** A failure with its text as Go's template package words it. */
export class TemplateError extends Error {
  override readonly name: string = "TemplateError";
}

/** A template that does not parse. */
export class TemplateParseError extends TemplateError {
  readonly file: string;
  readonly line: number;
  /** The message without its place. */
  readonly detail: string;

  constructor(file: string, line: number, detail: string) {
    super(`template: ${file}:${line}: ${detail}`);
    this.file = file;
    this.line = line;
    this.detail = detail;
  }
}

/** A failure while a template runs: where, in which template, at which node; `cause` is what a function returned. */
export class TemplateExecError extends TemplateError {
  readonly location: string;
  readonly executing: string;
  readonly context: string;
  readonly detail: string;
  readonly inner: Error | undefined;

  constructor(location: string, executing: string, context: string, detail: string, inner?: Error) {
    super(
      `template: ${location}: executing "${executing}" at <${context}>: ${detail}${inner === undefined ? "" : inner.message}`,
    );
    this.location = location;
    this.executing = executing;
    this.context = context;
    this.detail = detail;
    this.inner = inner;
  }
}

/** A message a chart raises on purpose, with `fail` or `required`. */
export class ChartMessage extends Error {
  override readonly name = "ChartMessage";
}

/** A failure of a function, reported as `error calling NAME: …`. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";
}
