import { ChartMessage, TemplateError, TemplateExecError, TemplateParseError } from "./error.js";

/** A failed rendering, worded as `helm template` words it (without `Error: `). */
export class RenderError extends Error {
  override readonly name = "RenderError";
}

/** Words a template's failure as Helm does. */
export function renderError(error: TemplateError): RenderError {
  if (error instanceof TemplateParseError) {
    const detail = error.message.split(": ").at(-1) ?? error.detail;
    return new RenderError(
      `parse error at (${error.file}:${error.line}): ${/^template/.test(error.detail) || !error.detail.includes(": ") ? error.detail.replace(/^template: /, "") : detail}`,
      { cause: error },
    );
  }
  const chain = unwrap(error);
  const last = chain.at(-1);
  if (last instanceof ChartMessage && error instanceof TemplateExecError) {
    return new RenderError(`execution error at (${error.location}): ${last.message}`, { cause: error });
  }
  if (!chain.every((level) => level instanceof TemplateError && !(level instanceof TemplateParseError))) {
    return new RenderError(error.message, { cause: error });
  }
  return new RenderError(chain.map(block).join("\n"), { cause: error });
}

function unwrap(error: Error): Error[] {
  const chain: Error[] = [error];
  let current: Error | undefined = error;
  while (current instanceof TemplateExecError && current.inner !== undefined) {
    current = current.inner;
    chain.push(current);
  }
  return chain;
}

function block(level: Error): string {
  if (!(level instanceof TemplateExecError)) return level.message;
  const detail = level.inner === undefined ? level.detail : level.detail.trimEnd();
  return `${level.location}\n  executing "${level.executing}" at <${level.context}>:\n    ${detail}`;
}
