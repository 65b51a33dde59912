import type { Client } from "@capstan/controller";
import { type InventoryEntry, parseObjectId } from "@capstan/delivery";
import { formatApiVersion, type KubeObject, type ObjectRef, objectHealth } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import type { Io } from "../io.js";
import { parseReconciled } from "../kinds.js";
import { field, readyCondition } from "../output/reconciled-columns.js";
import type { View } from "../output/view.js";

/** An object, how it is, and what it stands for. */
export interface TreeNode {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly children: readonly TreeNode[];
}

const OWNED = [
  { apiVersion: "apps/v1", kind: "ReplicaSet" },
  { apiVersion: "batch/v1", kind: "Job" },
  { apiVersion: "v1", kind: "Pod" },
];

/** `capstan tree kustomization/NAME`: what it applied, what came of that, and how each is. */
export async function tree(
  words: readonly string[],
  options: ConnectionOptions & { readonly namespace?: string },
  io: Io,
): Promise<View> {
  const { kind, name } = parseReconciled(words);
  const namespace = options.namespace ?? "capstan-system";
  return withClient(options, io, async (client) => {
    const root = await client.get({ ...kind, name, namespace }, { signal: io.signal });
    const entries = (field(root, "status", "inventory", "entries") ?? []) as readonly InventoryEntry[];
    const refs = entries.flatMap(refOf);
    const owned = await ownedIn(client, new Set(refs.flatMap((ref) => ref.namespace ?? [])), io.signal);
    const children: TreeNode[] = [];
    for (const ref of refs) {
      const object = await client.tryGet(ref, { signal: io.signal });
      children.push(object === undefined ? missing(ref) : nodeOf(object, owned, io.clock.now()));
    }
    const ready = readyCondition(root);
    const value: TreeNode = {
      kind: root.kind,
      namespace,
      name,
      status: ready?.status === "True" ? "Ready" : (ready?.reason ?? "Unknown"),
      message: ready?.message ?? "",
      children,
    };
    return { kind: "document", value, text: formatTree(value) };
  });
}

function refOf(entry: InventoryEntry): readonly ObjectRef[] {
  const id = parseObjectId(entry.id);
  if (id === undefined) return [];
  const { kind, name, namespace } = id;
  return [
    {
      apiVersion: formatApiVersion(id.group, entry.v),
      kind,
      name,
      ...(namespace === "" ? {} : { namespace }),
    },
  ];
}

/** Objects by the uid of the controller that owns them. */
async function ownedIn(client: Client, namespaces: ReadonlySet<string>, signal: AbortSignal) {
  const owned = new Map<string, KubeObject[]>();
  for (const namespace of namespaces) {
    for (const type of OWNED) {
      for await (const object of client.listAll(type, { namespace, signal })) {
        const owner = object.metadata.ownerReferences?.find((each) => each.controller === true);
        // Replica sets that were scaled away tell only of the past.
        if (owner === undefined || field(object, "spec", "replicas") === 0) continue;
        const named = { ...object, apiVersion: type.apiVersion, kind: type.kind };
        owned.set(owner.uid, [...(owned.get(owner.uid) ?? []), named]);
      }
    }
  }
  return owned;
}

function nodeOf(
  object: KubeObject,
  owned: ReadonlyMap<string, readonly KubeObject[]>,
  now: number,
): TreeNode {
  const { status, message } = objectHealth(object, { now });
  return {
    kind: object.kind,
    namespace: object.metadata.namespace ?? "",
    name: object.metadata.name,
    status,
    message: status === "Current" ? "" : message,
    children: (owned.get(object.metadata.uid ?? "") ?? []).map((each) => nodeOf(each, owned, now)),
  };
}

function missing(ref: ObjectRef): TreeNode {
  const { kind, name, namespace = "" } = ref;
  return { kind, namespace, name, status: "NotFound", message: "not in the cluster", children: [] };
}

/** The tree as indented lines. */
export function formatTree(root: TreeNode): string {
  const lines: string[] = [];
  const visit = (node: TreeNode, lead: string, branch: string, below: string) => {
    const id =
      node.namespace === "" ? `${node.kind}/${node.name}` : `${node.kind}/${node.namespace}/${node.name}`;
    lines.push(`${lead}${branch}${id} ${node.status}${node.message === "" ? "" : `: ${node.message}`}\n`);
    node.children.forEach((child, index) => {
      const last = index === node.children.length - 1;
      visit(child, lead + below, last ? "└── " : "├── ", last ? "    " : "│   ");
    });
  };
  visit(root, "", "", "");
  return lines.join("");
}
