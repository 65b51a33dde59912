import type { ScalarStyle } from "./node.js";

/** What a token is. */
export type TokenKind =
  | "stream-end"
  | "directive"
  | "document-start"
  | "document-end"
  | "block-seq-start"
  | "block-map-start"
  | "block-end"
  | "flow-seq-start"
  | "flow-seq-end"
  | "flow-map-start"
  | "flow-map-end"
  | "block-entry"
  | "flow-entry"
  | "key"
  | "value"
  | "alias"
  | "anchor"
  | "tag"
  | "scalar";

/** A lexical unit of a YAML stream. `line` counts from 0. */
export interface Token {
  readonly kind: TokenKind;
  readonly line: number;
  readonly value: string;
  readonly style: ScalarStyle;
}

/** Makes a token. */
export function token(kind: TokenKind, line: number, value = "", style: ScalarStyle = "plain"): Token {
  return { kind, line, value, style };
}
