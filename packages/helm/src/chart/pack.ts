import { gzipSync } from "node:zlib";
import { stringifyYaml } from "@capstan/kube";
import { compareBytes } from "../value/go-value.js";
import { maxChartSize, unpackChart } from "./archive.js";
import { ChartError, type ChartFile, type ChartMetadata, type Dependency } from "./chart.js";
import { fileText } from "./load.js";
import { parseMetadata } from "./metadata.js";

/** What becomes of a chart's files when they are packed. */
export interface PackOptions {
  /** Replaces the version in Chart.yaml. */
  readonly version?: string;
  /** Replaces the text of values.yaml. */
  readonly values?: string;
  /** Charts to add below `charts/`, each with the name of its directory there. */
  readonly dependencies?: readonly { readonly directory: string; readonly files: readonly ChartFile[] }[];
}

const FIRST = ["Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json"];
const MAX_NESTING = 50;
const MAX_UNFOLDED = 2 * maxChartSize;

/**
 * Packs a chart's files into an archive as `helm package` lays it out: below a directory with the chart's
 * name, Chart.yaml written anew, packed dependencies unfolded. The same files give the same bytes. Throws
 * ChartError.
 */
export function packChart(files: readonly ChartFile[], options: PackOptions = {}): Uint8Array {
  const chartYaml = files.find(({ name }) => name === "Chart.yaml");
  if (chartYaml === undefined) throw new ChartError("Chart.yaml file is missing");
  const metadata = parseMetadata(fileText(chartYaml));
  const packed = new Map<string, Uint8Array>();
  const room = { bytes: MAX_UNFOLDED };
  for (const file of unfold(files, room, 0)) packed.set(file.name, file.data);
  packed.set("Chart.yaml", Buffer.from(chartText(metadata, options.version)));
  if (options.values !== undefined) packed.set("values.yaml", Buffer.from(options.values));
  for (const { directory, files: inner } of options.dependencies ?? []) {
    for (const file of unfold(inner, room, 1)) packed.set(`charts/${directory}/${file.name}`, file.data);
  }
  const sorted = [...packed].sort(([a], [b]) => rank(a) - rank(b) || compareBytes(a, b));
  return gzipSync(tar(sorted.map(([name, data]) => ({ name: `${metadata.name}/${name}`, data }))), {
    level: 9,
  });
}

/** Helm's order: descriptions first, then templates, other files and dependencies. */
function rank(name: string): number {
  const first = FIRST.indexOf(name);
  if (first >= 0) return first;
  if (name.startsWith("templates/")) return FIRST.length;
  return FIRST.length + (name.startsWith("charts/") ? 2 : 1);
}

/**
 * A chart's files with packed dependencies (`charts/x.tgz`) replaced by the files in them, all the way down.
 * Throws ChartError, also for more than charts may come to.
 */
export function unfoldChart(files: readonly ChartFile[]): ChartFile[] {
  return unfold(files, { bytes: MAX_UNFOLDED }, 0);
}

/** Archives in archives multiply, so that bounds on each of them are none. */
function unfold(files: readonly ChartFile[], room: { bytes: number }, depth: number): ChartFile[] {
  if (depth > MAX_NESTING) throw new ChartError("charts are nested too deeply");
  for (const { data } of files) room.bytes -= data.length;
  if (room.bytes < 0)
    throw new ChartError(`chart with its dependencies is larger than ${MAX_UNFOLDED} bytes`);
  const taken = new Set<string>();
  return files.flatMap((file) => {
    const archive = /^charts\/([^/_.][^/]*)\.tgz$/.exec(file.name);
    if (archive === null) return [file];
    const inner = unpackChart(file.data);
    const chartYaml = inner.find(({ name }) => name === "Chart.yaml");
    if (chartYaml === undefined) throw new ChartError("Chart.yaml file is missing");
    const { name } = parseMetadata(fileText(chartYaml));
    const directory = taken.has(name) ? (archive[1] ?? name) : name;
    taken.add(directory);
    return unfold(inner, room, depth + 1).map(({ name: path, data }) => ({
      name: `charts/${directory}/${path}`,
      data,
    }));
  });
}

/** Chart.yaml with what Helm knows of it, keys sorted. */
function chartText(metadata: ChartMetadata, version = metadata.version): string {
  const { dependencies, annotations, maintainers, ...rest } = metadata;
  return stringifyYaml(
    present({
      ...rest,
      version,
      annotations: annotations ?? {},
      maintainers: maintainers.map((maintainer) => present({ ...maintainer })),
      dependencies: metadata.apiVersion === "v1" ? [] : dependencies.map(dependencyData),
    }),
  );
}

function dependencyData({ importValues, repository, ...rest }: Dependency): Record<string, unknown> {
  return { ...present({ ...rest, "import-values": importValues }), repository };
}

/** Without what is empty. */
function present(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => {
      if (Array.isArray(value)) return value.length > 0;
      if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
      return value !== undefined && value !== "" && value !== false;
    }),
  );
}

const BLOCK = 512;

function tar(files: readonly ChartFile[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  const add = (header: Uint8Array, data: Uint8Array) => {
    blocks.push(header, data, new Uint8Array((BLOCK - (data.length % BLOCK)) % BLOCK));
  };
  for (const { name, data } of files) {
    const short = Buffer.byteLength(name) <= 100 && isAscii(name);
    if (!short) {
      const record = paxRecord("path", name);
      add(tarHeader("PaxHeaders.0/path", record.length, "x"), record);
    }
    add(tarHeader(short ? name : "long-name", data.length, "0"), data);
  }
  return Buffer.concat([...blocks, new Uint8Array(2 * BLOCK)]);
}

function isAscii(text: string): boolean {
  return [...text].every((char) => (char.codePointAt(0) ?? 0) < 128);
}

/** `<length> path=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function tarHeader(name: string, size: number, type: "0" | "x"): Uint8Array {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(" ".repeat(8), 148);
  header.write(type, 156);
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
