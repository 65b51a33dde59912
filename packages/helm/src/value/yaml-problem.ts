import type { YamlError } from "@capstan/kube";

/** What ours found, what Helm's YAML reader calls it, and whether its scanner or its parser does. */
const reasons: readonly (readonly [RegExp, string, "scanner" | "parser"])[] = [
  [/^bad indentation of a sequence entry/, "did not find expected '-' indicator", "parser"],
  [/^bad indentation of a mapping entry/, "did not find expected key", "parser"],
  [/^end of the stream or a document separator/, "did not find expected <document start>", "parser"],
  [/multiline key may not be an implicit key/, "could not find expected ':'", "scanner"],
  [/^missed comma between flow/, "did not find expected ',' or ']'", "parser"],
  [/^expected the node content, but found ','/, "did not find expected node content", "parser"],
  [/^tab characters/, "found character that cannot start any token", "scanner"],
  [
    /^unexpected end of the (?:stream|document) within a (?:double|single)/,
    "found unexpected end of stream",
    "scanner",
  ],
  [/^name of an? (?:alias|anchor) node/, "did not find expected alphabetic or numeric character", "scanner"],
  [/^directive name must|^directives end mark/, "could not find expected directive name", "scanner"],
  [/^unknown escape sequence/, "found unknown escape character", "scanner"],
  [/^the stream contains non-printable/, "control characters are not allowed", "scanner"],
];

/** A text that is no YAML, in Helm's words. */
export function yamlProblem(error: YamlError): string {
  const prefix = "error converting YAML to JSON: yaml: ";
  if (error.reason === "expected ':' after a mapping key")
    return `${prefix}line ${error.line + 1}: could not find expected ':'`;
  if (error.reason.startsWith("unexpected end of the stream within a flow"))
    return `${prefix}line ${error.line}: did not find expected ',' or ']'`;
  const known = reasons.find(([pattern]) => pattern.test(error.reason));
  if (known === undefined) return `${prefix}${error.line > 0 ? `line ${error.line}: ` : ""}${error.reason}`;
  const [, reason, source] = known;
  // The reader counts lines from 0, its scanner adds one, and neither names the first.
  const line = source === "scanner" ? error.line : error.line - 1;
  return `${prefix}${error.line > 1 ? `line ${line}: ` : ""}${reason}`;
}
