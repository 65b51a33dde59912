import { gunzipSync } from "node:zlib";
import { ChartError, type ChartFile } from "./chart.js";

/** The most bytes a chart's archive may unpack to, and one file in it. */
export const maxChartSize = 104_857_600;
export const maxFileSize = 5_242_880;
/** The most entries an archive may have. */
const maxEntries = 100_000;

/** Unpacks a chart archive (gzip tar): files without the leading directory. Throws ChartError. */
export function unpackChart(bytes: Uint8Array): ChartFile[] {
  const tar = gunzip(bytes);
  const files: ChartFile[] = [];
  let longName: string | undefined;
  let entries = 0;
  for (let at = 0; at + 512 <= tar.length; ) {
    const header = tar.subarray(at, at + 512);
    if (header.every((byte) => byte === 0)) break;
    const size = readSize(header);
    entries += 1;
    if (entries > maxEntries) throw new ChartError(`chart has more than ${maxEntries} entries`);
    if (at + 512 + size > tar.length) throw new ChartError("unexpected EOF");
    const data = tar.subarray(at + 512, at + 512 + size);
    const type = String.fromCharCode(header[156] ?? 0);
    at += 512 + Math.ceil(size / 512) * 512;
    if (type === "L") longName = cString(data);
    else if (type === "x") longName = paxPath(data) ?? longName;
    else if (type !== "g") {
      const name = longName ?? headerName(header);
      longName = undefined;
      if (type === "0" || type === "\0") files.push(fileOf(name, data));
    }
  }
  if (files.length === 0) throw new ChartError("no files in chart archive");
  return files;
}

function gunzip(bytes: Uint8Array): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxChartSize });
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    throw new ChartError(
      tooLarge
        ? `decompressed chart is larger than the maximum size ${maxChartSize}`
        : "file does not appear to be a gzipped archive",
      { cause: error },
    );
  }
}

const cString = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString("utf8")
    .replace(/\0[\s\S]*$/, "");

function readSize(header: Uint8Array): number {
  const size = Number.parseInt(cString(header.subarray(124, 136)).trim() || "0", 8);
  if (!Number.isSafeInteger(size) || size < 0 || size > maxChartSize)
    throw new ChartError("archive/tar: invalid tar header");
  return size;
}

function headerName(header: Uint8Array): string {
  const name = cString(header.subarray(0, 100));
  const isUstar = cString(header.subarray(257, 262)) === "ustar";
  const prefix = isUstar ? cString(header.subarray(345, 500)) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function paxPath(data: Uint8Array): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(Buffer.from(data).toString("utf8"))?.[1];
}

function fileOf(rawName: string, data: Uint8Array): ChartFile {
  const name = rawName.replaceAll("\\", "/");
  if (/^[a-zA-Z]:\//.test(name)) throw new ChartError("chart contains illegally named files");
  if (name.startsWith("/")) throw new ChartError("chart illegally contains absolute paths");
  const parts = name
    .split("/")
    .slice(1)
    .filter((part) => part !== "" && part !== ".");
  if (name.split("/").includes("..")) throw new ChartError("chart illegally references parent directory");
  if (parts.length === 0)
    throw new ChartError(
      name.endsWith("Chart.yaml")
        ? "chart yaml not in base directory"
        : `chart illegally contains content outside the base directory: ${JSON.stringify(name)}`,
    );
  if (data.length > maxFileSize)
    throw new ChartError(
      `decompressed chart file ${JSON.stringify(name)} is larger than the maximum file size ${maxFileSize}`,
    );
  return { name: parts.join("/"), data: data.slice() };
}
