import { type Client, refOf } from "@capstan/controller";
import type { ReleaseRecord } from "@capstan/helm";
import { ApiError, createJsonPatch, type KubeObject, type TypeMeta } from "@capstan/kube";
import { rulesFor } from "../apply/ignore.js";
import { mapLimited } from "../apply/pool.js";
import { allOwned } from "../helm-actions/ownership.js";
import { buildObjects } from "../helm-actions/resource.js";
import type { LiveObjects } from "../live/live-objects.js";
import { formatObjectId, idOf, subjectOf } from "../plan/object-id.js";
import { normalize } from "../render/normalize.js";
import { isExcluded } from "./drift-exclusion.js";
import type { DriftLedger } from "./drift-ledger.js";
import { fingerprintOf, type HelmLiveRecord } from "./live-record.js";
import type { HelmReleaseSpec } from "./resource.js";
import { FIELD_MANAGER } from "./settings.js";

const CONCURRENCY = 4;

export type Operation = ReturnType<typeof createJsonPatch>[number];

/** How a live object differs from what is declared. */
export type Drift =
  | { readonly type: "missing"; readonly desired: KubeObject }
  | { readonly type: "changed"; readonly desired: KubeObject; readonly operations: readonly Operation[] };

export interface DriftOptions {
  readonly owner: string;
  readonly client: Client;
  readonly live: LiveObjects<HelmLiveRecord>;
  readonly ledger: DriftLedger;
  readonly ignore: NonNullable<NonNullable<HelmReleaseSpec["driftDetection"]>["ignore"]>;
  readonly signal: AbortSignal;
}

/** Differences between a release's manifest and the cluster; what could not be compared is told apart. */
export interface DriftResult {
  readonly drifts: readonly Drift[];
  readonly errors: readonly Error[];
}

/**
 * Compares live objects with a manifest by asking the API what applying it would change. Objects that
 * look as they did when they were found as declared are not asked about.
 */
export async function findDrift(record: ReleaseRecord, options: DriftOptions): Promise<DriftResult> {
  const { client, signal, live, owner } = options;
  const objects = await desiredObjects(record, client, signal);
  const types = new Map<string, TypeMeta>();
  for (const { apiVersion, kind } of objects) types.set(`${apiVersion}/${kind}`, { apiVersion, kind });
  live.add(
    owner,
    [...types.values()],
    objects.map((object) => formatObjectId(idOf(object))),
  );
  const manifest = options.ledger.manifestOf(record);
  const drifts: Drift[] = [];
  const errors: Error[] = [];
  await mapLimited(objects, CONCURRENCY, async (object) => {
    try {
      const drift = await compare(object, manifest, options);
      if (drift !== undefined) drifts.push(drift);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      errors.push(new Error(`${subjectOf(idOf(object))} dry-run failed: ${error.message}`, { cause: error }));
    }
  });
  return { drifts, errors };
}

async function desiredObjects(
  record: ReleaseRecord,
  client: Client,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const objects = await buildObjects(record.manifest ?? "", record.namespace, client, signal);
  return allOwned(objects, record)
    .map(({ object }) => normalize(object))
    .filter((object) => object.metadata.name !== undefined && !isExcluded(object));
}

async function compare(
  desired: KubeObject,
  manifest: string,
  options: DriftOptions,
): Promise<Drift | undefined> {
  const { owner, client, live, ledger, ignore, signal } = options;
  const id = formatObjectId(idOf(desired));
  const ignored = rulesFor(ignore, desired);
  if (ignored.includes("")) return undefined;
  const { namespace = "", name } = desired.metadata;
  const known = live.record(desired, { namespace, name });
  if (known !== "unknown" && known !== undefined && !isRemoved(known)) {
    if (known.live.driftExcluded || ledger.isVerified(owner, id, manifest, known.live.fingerprint))
      return undefined;
  }
  const existing = await client.tryGet(refOf(desired), { signal });
  if (existing === undefined) return { type: "missing", desired };
  if (isExcluded(existing)) return undefined;
  const applied = await client.apply(desired, {
    fieldManager: FIELD_MANAGER,
    force: true,
    dryRun: true,
    signal,
  });
  const operations = differences(existing, applied, ignored);
  if (operations.length > 0) return { type: "changed", desired, operations };
  ledger.verify(owner, id, manifest, fingerprintOf(existing));
  return undefined;
}

function isRemoved(record: HelmLiveRecord): boolean {
  return record.metadata.deletionTimestamp !== undefined;
}

/**
 * The patch from a live object to what applying would make of it. Labels and annotations that others
 * added, and what controllers report, do not count.
 */
export function differences(
  existing: KubeObject,
  applied: KubeObject,
  ignored: readonly string[],
): readonly Operation[] {
  const [before, after] = [existing, applied].map((object) => withoutPaths(object, ignored));
  const metadata = createJsonPatch(metadataOf(before), metadataOf(after)).filter(
    ({ op }) => op === "replace" || op === "add",
  );
  return [...metadata, ...createJsonPatch(bodyOf(before), bodyOf(after))];
}

function metadataOf(object: KubeObject | undefined): unknown {
  const { name, labels, annotations } = object?.metadata ?? {};
  return {
    metadata: {
      name,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

function bodyOf(object: KubeObject | undefined): unknown {
  if (object === undefined) return {};
  const { metadata: _, status: __, ...body } = object;
  return body;
}

function withoutPaths(object: KubeObject, pointers: readonly string[]): KubeObject {
  return pointers.reduce<KubeObject>(
    // Only members go: what is left is an object still.
    (rest, pointer) => without(rest, pointer.split("/").slice(1).map(unescaped)) as KubeObject,
    object,
  );
}

function unescaped(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}

function without(value: unknown, path: readonly string[]): unknown {
  const [head, ...rest] = path;
  if (head === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const index = Number(head);
    if (!Number.isInteger(index) || index >= value.length) return value;
    return rest.length === 0 ? value.toSpliced(index, 1) : value.with(index, without(value[index], rest));
  }
  if (!Object.hasOwn(value, head)) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  const { [head]: member, ...others } = fields;
  return rest.length === 0 ? others : { ...fields, [head]: without(member, rest) };
}

/** What was done about drifts, as lines for people, and what could not be done. */
export interface Correction {
  readonly done: readonly string[];
  readonly errors: readonly string[];
}

/** Puts drifted objects right: creates what is missing, patches back what was changed. */
export async function correctDrift(
  drifts: readonly Drift[],
  record: ReleaseRecord,
  options: DriftOptions,
): Promise<Correction> {
  const { client, signal, owner, ledger, live } = options;
  const manifest = ledger.manifestOf(record);
  const done: string[] = [];
  const errors: string[] = [];
  const ordered = [...drifts].sort((a, b) => (a.type === b.type ? 0 : a.type === "missing" ? -1 : 1));
  for (const drift of ordered) {
    const subject = subjectOf(idOf(drift.desired));
    const what = drift.type === "missing" ? "creation" : "patch";
    try {
      const written =
        drift.type === "missing"
          ? await client.create(drift.desired, { fieldManager: FIELD_MANAGER, signal })
          : await client.patch(
              refOf(drift.desired),
              { type: "json", operations: drift.operations.map((operation) => ({ ...operation })) },
              { fieldManager: FIELD_MANAGER, signal },
            );
      live.observe(written);
      ledger.verify(owner, formatObjectId(idOf(written)), manifest, fingerprintOf(written));
      done.push(`${subject} ${drift.type === "missing" ? "created" : "configured"}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      errors.push(`${subject} ${what} failure: ${masked(drift.desired, error)}`);
    }
  }
  return { done, errors };
}

/** Validation may quote what it refused; of a Secret that must not be seen. */
function masked(desired: KubeObject, error: ApiError): string {
  if (desired.kind !== "Secret") return error.message;
  return error.reason === "Invalid" ? (error.message.split(":").at(-1) ?? "").trim() : error.reason;
}

/** What drifted, a line for each object. */
export function describeDrift(drifts: readonly Drift[]): string {
  return drifts
    .map((drift) => {
      const subject = subjectOf(idOf(drift.desired));
      if (drift.type === "missing") return `${subject} removed`;
      const count = (op: string) => drift.operations.filter((operation) => operation.op === op).length;
      return `${subject} changed (${count("add")} additions, ${count("replace")} changes, ${count("remove")} removals)`;
    })
    .join("\n");
}
