import type { YamlError } from "@capstan/kube";

/** What Helm's YAML reader calls what ours found. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^bad indentation of a sequence entry/, "did not find expected '-' indicator"],
  [/^bad indentation of a mapping entry/, "did not find expected key"],
  [/^end of the stream or a document separator/, "did not find expected <document start>"],
  [/multiline key may not be an implicit key/, "could not find expected ':'"],
  [/^missed comma between flow/, "did not find expected ',' or ']'"],
  [/^expected the node content, but found ','/, "did not find expected node content"],
  [/^tab characters/, "found character that cannot start any token"],
  [/^unexpected end of the (?:stream|document) within a (?:double|single)/, "found unexpected end of stream"],
  [/^unexpected end of the stream within a flow/, "did not find expected node content"],
  [/^name of an? (?:alias|anchor) node/, "did not find expected alphabetic or numeric character"],
  [/^directive name must|^directives end mark/, "could not find expected directive name"],
  [/^unknown escape sequence/, "found unknown escape character"],
];

/** A text that is no YAML, in Helm's words. */
export function yamlProblem(error: YamlError): string {
  const known = reasons.find(([pattern]) => pattern.test(error.reason))?.[1] ?? error.reason;
  const line = error.line > 0 ? `line ${error.line}: ` : "";
  return `error converting YAML to JSON: yaml: ${line}${known}`;
}
