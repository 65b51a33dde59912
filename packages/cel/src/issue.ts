/** A place in an expression: both counts start at 1, columns count code points. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Why an expression does not compile. */
export interface CelError extends Position {
  readonly message: string;
}

/** Finds the line and column of an offset (UTF-16 units) in a text. */
export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: [...text.slice(start, offset)].length + 1 };
}

/**
 * Formats errors as cel-go and the Kubernetes API print them:
 * `ERROR: <input>:1:5: undefined field 'x'`, the line, and a caret under the column.
 */
export function formatErrors(text: string, errors: readonly CelError[]): string {
  const lines = text.split("\n");
  return errors
    .map((error) => {
      const head = `ERROR: <input>:${error.line}:${error.column}: ${error.message}`;
      const source = lines[error.line - 1];
      if (source === undefined) return head;
      return `${head}\n | ${source.replaceAll("\t", " ")}\n | ${".".repeat(error.column - 1)}^`;
    })
    .join("\n");
}
