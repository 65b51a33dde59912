import { gunzipSync, gzipSync } from "node:zlib";
import type { Chart, ChartFile } from "../chart/chart.js";
import type { Hook } from "../render/hook.js";
import { chartShape, encodeShaped, RawJson, releaseShape } from "./go-order.js";
import { gzipTexts, PackedText } from "./packed-text.js";

/** The states of a release. */
export type ReleaseStatus =
  | "unknown"
  | "deployed"
  | "uninstalled"
  | "superseded"
  | "failed"
  | "uninstalling"
  | "pending-install"
  | "pending-upgrade"
  | "pending-rollback";

/** The last run of a hook; times are RFC 3339. */
export interface HookRun {
  readonly phase: "" | "Unknown" | "Running" | "Succeeded" | "Failed";
  readonly started_at?: string;
  readonly completed_at?: string;
}

/** A hook as a release record holds it. */
export interface HookRecord {
  readonly name: string;
  readonly kind: string;
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly string[];
  readonly last_run: HookRun;
  readonly weight?: number;
  readonly delete_policies?: readonly string[];
  readonly output_log_policies?: readonly string[];
}

/** A release as the real helm stores it; names are those of its JSON. */
export interface ReleaseRecord {
  readonly name: string;
  readonly namespace: string;
  readonly version: number;
  readonly info: {
    readonly first_deployed?: string;
    readonly last_deployed?: string;
    readonly deleted?: string;
    readonly description?: string;
    readonly status?: ReleaseStatus;
    readonly rollback_revision?: number;
    readonly notes?: string;
  };
  /** The chart as JSON has it, or already encoded. */
  readonly chart?: unknown;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly manifest?: string;
  readonly hooks?: readonly HookRecord[];
  /** `ssa`, or `csa`, which an absent one means. */
  readonly apply_method?: string;
}

/** A stored release that cannot be read. */
export class ReleaseRecordError extends Error {
  override readonly name = "ReleaseRecordError";
}

const maxRecordSize = 64 * 1024 * 1024;

/** The name of the Secret that holds a revision. */
export function releaseSecretName(release: string, revision: number): string {
  return `sh.helm.release.v1.${release}.v${revision}`;
}

/** The text under `release` in the Secret's data before the API's own base64: base64 of gzip of JSON. */
export function encodeRelease(record: ReleaseRecord): string {
  return gzipSync(encodeShaped(record, releaseShape), { level: 9 }).toString("base64");
}

/** As encodeRelease; a chart that is encoded already is compressed once for all records that hold it. */
export async function compressRelease(record: ReleaseRecord): Promise<string> {
  const packed = await gzipTexts(textsOf(record));
  return packed.toString("base64");
}

/** A record's JSON, its chart apart where that comes encoded. */
function textsOf(record: ReleaseRecord): readonly (string | PackedText)[] {
  const { name, info, chart, ...rest } = record;
  if (!(chart instanceof EncodedChart)) return [encodeShaped(record, releaseShape)];
  const [before, after] = [{ name, info }, rest].map((part) => encodeShaped(part, releaseShape));
  return [`${before?.slice(0, -1)},"chart":`, chart.packed, `,${after?.slice(1)}`];
}

/** A chart as release records hold it, encoded once for many records. */
export class EncodedChart extends RawJson {
  /** Chart.yaml as records hold it. */
  readonly metadata: Readonly<Record<string, unknown>>;
  #packed: PackedText | undefined;

  constructor(json: string, metadata: Readonly<Record<string, unknown>>) {
    super(json);
    this.metadata = metadata;
  }

  /** The chart's JSON, to be compressed. */
  get packed(): PackedText {
    this.#packed ??= new PackedText(this.json);
    return this.#packed;
  }
}

/** Encodes what chartRecord made. */
export function encodeChart(chart: unknown): EncodedChart {
  return new EncodedChart(encodeShaped(chart, chartShape), metadataOf(chart));
}

/** Chart.yaml of a record, as the record has it; empty where there is none. */
export function chartMetadataOf(record: ReleaseRecord): Readonly<Record<string, unknown>> {
  return record.chart instanceof EncodedChart ? record.chart.metadata : metadataOf(record.chart);
}

function metadataOf(chart: unknown): Readonly<Record<string, unknown>> {
  if (typeof chart !== "object" || chart === null || !("metadata" in chart)) return {};
  const { metadata } = chart;
  return typeof metadata === "object" && metadata !== null ? { ...metadata } : {};
}

/** Reads what encodeRelease or the real helm wrote; records without gzip are accepted. Throws ReleaseRecordError. */
export function decodeRelease(text: string): ReleaseRecord {
  const bytes = Buffer.from(text, "base64");
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08;
  try {
    const json = zipped ? gunzipSync(bytes, { maxOutputLength: maxRecordSize }) : bytes;
    const record: unknown = JSON.parse(json.toString("utf8"));
    if (isRecord(record)) return record;
  } catch (error) {
    throw new ReleaseRecordError("the stored release cannot be decoded", { cause: error });
  }
  throw new ReleaseRecordError("the stored release is not a release record");
}

function isRecord(value: unknown): value is ReleaseRecord {
  if (typeof value !== "object" || value === null) return false;
  return (
    "name" in value &&
    typeof value.name === "string" &&
    "info" in value &&
    typeof value.info === "object" &&
    value.info !== null
  );
}

const noTime = "0001-01-01T00:00:00Z";

function fileRecord({ name, data }: ChartFile): unknown {
  return { name, data: Buffer.from(data).toString("base64"), modtime: noTime };
}

/** A chart as release records hold it: without its dependencies. `values` are its defaults after dependency processing. */
export function chartRecord(chart: Chart, values: unknown = chart.values): unknown {
  const { metadata } = chart;
  const present = Object.entries(metadata).filter(
    ([, value]) =>
      value !== undefined && value !== "" && value !== false && !(Array.isArray(value) && value.length === 0),
  );
  const dependencies = metadata.dependencies.map(({ importValues, ...rest }) => ({
    ...Object.fromEntries(
      Object.entries(rest).filter(
        ([key, value]) =>
          key === "repository" || (value !== "" && !(Array.isArray(value) && value.length === 0)),
      ),
    ),
    ...(importValues.length > 0 && { "import-values": importValues }),
    enabled: true,
  }));
  return {
    metadata: { ...Object.fromEntries(present), ...(dependencies.length > 0 && { dependencies }) },
    lock: null,
    templates: chart.templates.map(fileRecord),
    values,
    schema: chart.schema === undefined ? null : Buffer.from(chart.schema).toString("base64"),
    schemamodtime: noTime,
    files: chart.files.length === 0 ? null : chart.files.map(fileRecord),
    modtime: noTime,
  };
}

/** A rendered hook as release records hold it. */
export function hookRecord(hook: Hook, lastRun: HookRun = { phase: "" }): HookRecord {
  return {
    name: hook.name,
    kind: hook.kind,
    path: hook.path,
    manifest: hook.text,
    events: hook.events,
    last_run: lastRun,
    ...(hook.weight !== 0 && { weight: hook.weight }),
    ...(hook.deletePolicies.length > 0 && { delete_policies: hook.deletePolicies }),
    ...(hook.outputLogPolicies.length > 0 && { output_log_policies: hook.outputLogPolicies }),
  };
}
