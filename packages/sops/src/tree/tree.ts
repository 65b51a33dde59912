/** A leaf of a document. Text that is no UTF-8 is `bytes`. */
export type Scalar =
  | { readonly type: "null" }
  | { readonly type: "str"; readonly value: string }
  | { readonly type: "bytes"; readonly value: Uint8Array }
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  /** RFC 3339 with as many digits as needed. */
  | { readonly type: "time"; readonly value: string };

/** A comment without its sign. */
export interface Comment {
  readonly type: "comment";
  readonly value: string;
  /** Behind a value, on its line. */
  readonly inline: boolean;
}

export interface MapNode {
  readonly type: "map";
  readonly items: readonly MapItem[];
}

export interface ListNode {
  readonly type: "list";
  readonly items: readonly (TreeNode | Comment)[];
}

/** One member of a mapping; members keep their order. */
export interface Entry {
  readonly type: "entry";
  readonly key: string;
  readonly value: TreeNode | Comment;
}

export type MapItem = Entry | Comment;
export type TreeNode = Scalar | MapNode | ListNode;

/** The documents of a file; each is a mapping. */
export type Tree = readonly MapNode[];

export const NULL: Scalar = { type: "null" };

/** A leaf for what a text format holds. */
export function text(value: string): Scalar {
  return { type: "str", value };
}
