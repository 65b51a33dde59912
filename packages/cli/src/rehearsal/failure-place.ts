import { type ApiError, locateYaml, parseYamlDocuments, YamlError } from "@capstan/kube";

/** The field that the API refuses, as it writes it (`spec.ports[0].port`); undefined where it names none. */
export function refusedField(error: ApiError): string | undefined {
  const named = error.status.details?.causes?.find(({ field }) => field !== undefined && field !== "")?.field;
  return (
    named ??
    /(?:^|\s)\.((?:[\w-]+|\[[^\]]*\])(?:\.[\w-]+|\[[^\]]*\])*): (?:field not declared|expected)/.exec(
      error.message,
    )?.[1]
  );
}

/**
 * The line of a field of the object that begins at `line` of a file; that of the nearest field around it where
 * the file does not have it, because something else put it there.
 */
export function lineOfField(text: string, line: number, field: string): number {
  try {
    const documents = parseYamlDocuments(text);
    const index = documents.findLastIndex((document) => document.line <= line);
    if (index < 0 || documents[index]?.line !== line) return line;
    return Math.max(line, locateYaml(text, index, fieldSteps(field)) ?? line);
  } catch (error) {
    // A template is no YAML: its object is all that can be named.
    if (error instanceof YamlError) return line;
    throw error;
  }
}

/** `spec.ports[0].port` as steps; a key in brackets (`labels[a.b/c]`) is one step, a selection ends the path. */
export function fieldSteps(field: string): readonly (string | number)[] {
  const steps: (string | number)[] = [];
  for (const match of field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) {
    const [, bracketed, name] = match;
    if (name !== undefined) steps.push(name);
    else if (bracketed === undefined || bracketed.includes("=")) break;
    else steps.push(/^\d+$/.test(bracketed) ? Number(bracketed) : bracketed);
  }
  return steps;
}
