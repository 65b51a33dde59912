import { KustomizeError, type KustomizeErrorCode } from "../errors.js";
import { expandAliases } from "./expand.js";
import { parseDocument } from "./parser.js";
import { nodeToValue11, type YamlValue } from "./value.js";

/**
 * The value of a text's first document to a YAML 1.1 reader; null for an empty text.
 * @throws KustomizeError with `code`, file and line
 */
export function readYaml11(text: string, code: KustomizeErrorCode, file?: string): YamlValue {
  try {
    const node = parseDocument(text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text);
    return node === undefined ? null : nodeToValue11(expandAliases(node));
  } catch (error) {
    throw KustomizeError.from(error, code, file);
  }
}
