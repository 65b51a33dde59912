import { createHash, type Hash } from "node:crypto";
import { SopsError } from "../errors.js";
import type { Metadata } from "../metadata/metadata.js";
import {
  type Comment,
  type ListNode,
  type MapItem,
  type MapNode,
  type Tree,
  type TreeNode,
  text,
} from "../tree/tree.js";
import { decryptValue } from "./cipher.js";
import { type EncryptionRule, encryptionRule } from "./encryption-rule.js";
import { valueBytes } from "./value-bytes.js";

/** SHA-256 of the word "sops": what sets MACs over encrypted values alone apart from those over all. */
const ONLY_ENCRYPTED = Buffer.from("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69", "hex");

/**
 * Decrypts the values of a file, each bound to its path.
 *
 * @returns the tree, and the MAC over its values in upper-case hex
 * @throws {SopsError} `wrong-value` or `malformed`, naming the path
 */
export function decryptTree(
  tree: Tree,
  key: Uint8Array,
  metadata: Metadata,
): { readonly tree: Tree; readonly mac: string } {
  const hash = createHash("sha512");
  if (metadata.macOnlyEncrypted) hash.update(ONLY_ENCRYPTED);
  const walk = new Walk(key, encryptionRule(metadata.rules), hash, metadata.macOnlyEncrypted);
  const decrypted = tree.map((document) => walk.mapping(document, [], []));
  return { tree: decrypted, mac: hash.digest("hex").toUpperCase() };
}

class Walk {
  readonly #key: Uint8Array;
  readonly #rule: EncryptionRule;
  readonly #hash: Hash;
  readonly #onlyEncrypted: boolean;

  constructor(key: Uint8Array, rule: EncryptionRule, hash: Hash, onlyEncrypted: boolean) {
    this.#key = key;
    this.#rule = rule;
    this.#hash = hash;
    this.#onlyEncrypted = onlyEncrypted;
  }

  mapping(node: MapNode, path: readonly string[], above: readonly string[][]): MapNode {
    const comments: string[] = [];
    const stack = [...above, comments];
    const items = node.items.map((item): MapItem => {
      if (item.type === "comment") {
        comments.push(item.value);
        return this.#comment(item, path, stack);
      }
      const { key, value } = item;
      if (value.type === "comment") comments.push(value.value);
      const decrypted = this.#value(value, [...path, key], stack);
      if (value.type !== "comment") comments.length = 0;
      return { type: "entry", key, value: decrypted };
    });
    return { type: "map", items };
  }

  #list(node: ListNode, path: readonly string[], above: readonly string[][]): ListNode {
    const comments: string[] = [];
    const stack = [...above, comments];
    const items = node.items.map((item) => {
      if (item.type === "comment") {
        comments.push(item.value);
        // An empty comment that should be encrypted comes out of SOPS as an empty item.
        if (item.value === "" && this.#rule(path, stack, true)) return text("");
        return this.#comment(item, path, stack);
      }
      const decrypted = this.#value(item, path, stack);
      comments.length = 0;
      return decrypted;
    });
    return { type: "list", items };
  }

  #value(value: TreeNode | Comment, path: readonly string[], stack: readonly string[][]): TreeNode | Comment {
    switch (value.type) {
      case "map":
        return this.mapping(value, path, stack);
      case "list":
        return this.#list(value, path, stack);
      case "comment":
        return this.#comment(value, path, stack);
      case "null":
        return value;
    }
    const encrypted = this.#rule(path, stack, false);
    let result: TreeNode | Comment = value;
    if (encrypted) {
      if (value.type !== "str") {
        throw new SopsError(
          "malformed",
          `expected an encrypted value at ${nameOf(path)}, but found one of another type`,
        );
      }
      result = this.#decrypt(value.value, path);
    }
    if ((encrypted || !this.#onlyEncrypted) && result.type !== "comment")
      this.#hash.update(valueBytes(result));
    return result;
  }

  #decrypt(text: string, path: readonly string[]) {
    try {
      return decryptValue(text, this.#key, contextOf(path));
    } catch (error) {
      if (!(error instanceof SopsError)) throw error;
      throw new SopsError(error.code, `${error.message}: ${nameOf(path)}`, { cause: error });
    }
  }

  /** A comment that does not decrypt is one that never was encrypted. */
  #comment(comment: Comment, path: readonly string[], stack: readonly string[][]): Comment {
    if (!this.#rule(path, stack, true)) return comment;
    try {
      const value = decryptValue(comment.value, this.#key, contextOf(path));
      if (value.type === "comment") return value;
      if (value.type === "str") return { ...comment, value: value.value };
    } catch (error) {
      if (!(error instanceof SopsError)) throw error;
    }
    return comment;
  }
}

function contextOf(path: readonly string[]): string {
  return `${path.join(":")}:`;
}

function nameOf(path: readonly string[]): string {
  return path.length === 0 ? "the top" : `'${path.join(".")}'`;
}
