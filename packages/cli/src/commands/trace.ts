import type { Client } from "@capstan/controller";
import { ApiError, type KubeObject, type ObjectRef } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import { CommandError } from "../exit-code.js";
import type { Io } from "../io.js";
import { field, readyCondition } from "../output/reconciled-columns.js";
import { formatTable } from "../output/table.js";
import type { View } from "../output/view.js";
import { renderSource, sourceOf } from "../rendered-source.js";
import { describe, resolveObject } from "../resolve-object.js";

const OWNER_NAME = "kustomize.toolkit.fluxcd.io/name";
const OWNER_NAMESPACE = "kustomize.toolkit.fluxcd.io/namespace";
const MAX_OWNERS = 10;

/** `capstan trace KIND/NAME`: from a live object back to the commit and the file that it came from. */
export async function trace(
  text: string,
  options: ConnectionOptions & { readonly namespace?: string },
  io: Io,
): Promise<View> {
  return withClient(options, io, async (client) => {
    const ref = await resolveObject(client, text, options.namespace, io.signal);
    const object = await client.get(ref, { signal: io.signal });
    const { applied, chain } = await findApplied(client, object, io.signal);
    const labels = applied.metadata.labels ?? {};
    const name = labels[OWNER_NAME];
    const namespace = labels[OWNER_NAMESPACE];
    if (name === undefined || namespace === undefined) {
      throw new CommandError(`${describe(ref)} is not managed by a Kustomization`);
    }
    const kustomization = await client.get(
      { apiVersion: "kustomize.toolkit.fluxcd.io/v1", kind: "Kustomization", name, namespace },
      { signal: io.signal },
    );
    const source = await sourceOf(client, kustomization, io.signal);
    const file = await fileOf(client, kustomization, source, applied, io);
    const metadata = source.artifact.metadata ?? {};
    const value = {
      object: describe(ref),
      namespace: object.metadata.namespace ?? "",
      ...(chain.length > 0 ? { ownedBy: chain } : {}),
      kustomization: `${namespace}/${name}`,
      path: String(field(kustomization, "spec", "path") ?? "./"),
      ready: readyCondition(kustomization)?.status ?? "Unknown",
      source: `${source.object.kind}/${source.object.metadata.namespace}/${source.object.metadata.name}`,
      url: String(field(source.object, "spec", "url") ?? ""),
      revision: source.artifact.revision,
      author: metadata["capstan.dev/author"] ?? "",
      committed: metadata["capstan.dev/committed-at"] ?? "",
      subject: metadata["capstan.dev/subject"] ?? "",
      file,
    };
    return { kind: "document", value, text: textOf(value) };
  });
}

/** The object itself, or the nearest owner that a Kustomization applied. */
async function findApplied(client: Client, object: KubeObject, signal: AbortSignal) {
  const chain: string[] = [];
  let current = object;
  for (let depth = 0; depth < MAX_OWNERS; depth += 1) {
    if (current.metadata.labels?.[OWNER_NAME] !== undefined) break;
    const owner = current.metadata.ownerReferences?.find((each) => each.controller === true);
    if (owner === undefined) break;
    const ref: ObjectRef = {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.name,
      ...(current.metadata.namespace === undefined ? {} : { namespace: current.metadata.namespace }),
    };
    const next = await client.tryGet(ref, { signal });
    if (next === undefined) break;
    chain.push(describe(ref));
    current = next;
  }
  return { applied: current, chain };
}

async function fileOf(
  client: Client,
  kustomization: KubeObject,
  source: Awaited<ReturnType<typeof sourceOf>>,
  applied: KubeObject,
  io: Io,
): Promise<string> {
  try {
    const { objects } = await renderSource(client, kustomization, source, io);
    const found = objects.find(
      (each) =>
        each.kind === applied.kind &&
        each.name === applied.metadata.name &&
        each.namespace === (applied.metadata.namespace ?? ""),
    );
    if (found?.origin === undefined) return "";
    return found.origin.line === undefined ? found.origin.file : `${found.origin.file}:${found.origin.line}`;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    io.progress.warning(`the file cannot be told: ${error instanceof Error ? error.message : String(error)}`);
    return "";
  }
}

function textOf(value: Readonly<Record<string, string | readonly string[]>>): string {
  const [[firstKey = "", first = ""] = [], ...rest] = Object.entries(value).filter(([, each]) => each !== "");
  const label = (key: string) => `${key.replace(/([A-Z])/g, " $1").toUpperCase()}:`;
  const plain = (each: string | readonly string[]) => (typeof each === "string" ? each : each.join(" → "));
  return formatTable(
    [label(firstKey), plain(first)],
    rest.map(([key, each]) => [label(key), plain(each)]),
  );
}
