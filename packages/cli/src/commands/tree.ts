import { type KubeObject, objectHealth } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import type { Io } from "../io.js";
import { findReconciledKind, parseReconciled } from "../kinds.js";
import { readyCondition } from "../output/reconciled-columns.js";
import type { View } from "../output/view.js";
import { type Related, Relations } from "../tree-relations.js";

/** An object, how it is, and what came of it. */
export interface TreeNode {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly children: readonly TreeNode[];
}

const MAX_DEPTH = 20;

/** `capstan tree KIND/NAME`: what a source or delivery brought about, what came of that, and how each is. */
export async function tree(
  words: readonly string[],
  options: ConnectionOptions & { readonly namespace?: string },
  io: Io,
): Promise<View> {
  const { kind, name } = parseReconciled(words);
  const namespace = options.namespace ?? "capstan-system";
  return withClient(options, io, async (client) => {
    const root = await client.get({ ...kind, name, namespace }, { signal: io.signal });
    const object = { ...root, apiVersion: kind.apiVersion, kind: kind.kind };
    const relations = new Relations(client, io.signal);
    const value = await nodeOf({ object, found: true }, relations, new Set(), io.clock.now(), 0);
    return { kind: "document", value, text: formatTree(value) };
  });
}

/** `above` holds the uids of all that the node is below of: what owns itself is shown once. */
async function nodeOf(
  { object, found }: Related,
  relations: Relations,
  above: ReadonlySet<string>,
  now: number,
  depth: number,
): Promise<TreeNode> {
  const { name, namespace = "", uid = "" } = object.metadata;
  const shown = { kind: object.kind, namespace, name };
  if (!found) return { ...shown, status: "NotFound", message: "not in the cluster", children: [] };
  const children: TreeNode[] = [];
  if (!above.has(uid) && depth < MAX_DEPTH) {
    const path = new Set([...above, uid]);
    for (const related of await relations.childrenOf(object)) {
      children.push(await nodeOf(related, relations, path, now, depth + 1));
    }
  }
  return { ...shown, ...stateOf(object, now), children };
}

function stateOf(object: KubeObject, now: number): Pick<TreeNode, "status" | "message"> {
  const ready = readyCondition(object);
  if (findReconciledKind(object.kind) !== undefined && object.apiVersion.includes(".toolkit.fluxcd.io/")) {
    const status = ready?.status === "True" ? "Ready" : (ready?.reason ?? "Unknown");
    return { status, message: ready?.message ?? "" };
  }
  const { status, message } = objectHealth(object, { now });
  return { status, message: status === "Current" ? "" : message };
}

/** The tree as indented lines. */
export function formatTree(root: TreeNode): string {
  const lines: string[] = [];
  const visit = (node: TreeNode, lead: string, branch: string, below: string) => {
    const id =
      node.namespace === "" ? `${node.kind}/${node.name}` : `${node.kind}/${node.namespace}/${node.name}`;
    const message = node.message === "" ? "" : `: ${node.message.replace(/\s*\n\s*/g, "; ")}`;
    lines.push(`${lead}${branch}${id} ${node.status}${message}\n`);
    node.children.forEach((child, index) => {
      const last = index === node.children.length - 1;
      visit(child, lead + below, last ? "└── " : "├── ", last ? "    " : "│   ");
    });
  };
  visit(root, "", "", "");
  return lines.join("");
}
