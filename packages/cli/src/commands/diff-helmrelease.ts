import type { Client } from "@capstan/controller";
import { type HelmRelease, parseObjectId } from "@capstan/delivery";
import { ApiError, formatApiVersion, type KubeObject, type ObjectRef } from "@capstan/kube";
import type { Io } from "../io.js";
import { printableObject, subjectOfRef } from "../output/printable-object.js";
import { unifiedDiff } from "../output/unified-diff.js";
import { previewRelease } from "../rendered-release.js";
import type { Change } from "./diff.js";

const FIELD_MANAGER = "helm-controller";
const RESOURCE_POLICY = "helm.sh/resource-policy";

/** What the next release of a HelmRelease would change, asked by dry run. */
export async function diffHelmRelease(
  client: Client,
  object: HelmRelease,
  io: Io,
): Promise<readonly Change[]> {
  const { objects, removed } = await previewRelease(client, object, io);
  const salt = Buffer.from(io.random.bytes(16)).toString("hex");
  const changes: Change[] = [];
  for (const desired of objects) {
    const change = await changeOf(client, desired, salt, io.signal);
    if (change !== undefined) changes.push(change);
  }
  for (const entry of removed) {
    const id = parseObjectId(entry.id);
    if (id === undefined) continue;
    const ref = refOf(formatApiVersion(id.group, entry.v), id);
    const live = await client.tryGet(ref, { signal: io.signal });
    if (live === undefined || live.metadata.annotations?.[RESOURCE_POLICY] === "keep") continue;
    changes.push({ action: "delete", object: subjectOfRef(ref), diff: "" });
  }
  return changes;
}

async function changeOf(
  client: Client,
  desired: KubeObject,
  salt: string,
  signal: AbortSignal,
): Promise<Change | undefined> {
  const { kind, name, namespace = "" } = { ...desired.metadata, kind: desired.kind };
  const ref = refOf(desired.apiVersion, { kind, name, namespace });
  const live = await client.tryGet(ref, { signal });
  const before = live === undefined ? "" : printableObject(live, salt);
  try {
    const next = await client.apply(desired, {
      fieldManager: FIELD_MANAGER,
      force: true,
      dryRun: true,
      signal,
    });
    const after = printableObject(next, salt);
    if (before === after) return undefined;
    return {
      action: live === undefined ? "create" : "update",
      object: subjectOfRef(ref),
      diff: unifiedDiff(before, after),
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // What a refusal of a Secret quotes may be one of its values.
    const why = kind === "Secret" ? error.reason : error.message;
    return { action: "refused", object: subjectOfRef(ref), diff: `${why}\n` };
  }
}

function refOf(apiVersion: string, id: { kind: string; name: string; namespace: string }): ObjectRef {
  const { kind, name, namespace } = id;
  return { apiVersion, kind, name, ...(namespace === "" ? {} : { namespace }) };
}
