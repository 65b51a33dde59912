import { createHash } from "node:crypto";
import { type ChartFile, packChart } from "@capstan/helm";
import { type OciClient, pushArtifact } from "@capstan/oci";
import { listen } from "./home.js";

/** A chart's files; a text per path. */
export function chartFilesOf(name: string, version: string, more: Record<string, string> = {}): ChartFile[] {
  const texts: Record<string, string> = {
    "Chart.yaml": `apiVersion: v2\nname: ${name}\nversion: ${version}\n`,
    "values.yaml": "replicas: 1\n",
    "templates/config.yaml": "kind: ConfigMap\n",
    ...more,
  };
  return Object.entries(texts).map(([path, text]) => ({ name: path, data: Buffer.from(text) }));
}

export interface ChartServer {
  readonly url: string;
  /** Paths that were asked for, with the authorization that came along. */
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[];
  readonly archives: Map<string, Uint8Array>;
  /** Puts a chart into the repository. */
  add(name: string, version: string, more?: Record<string, string>, entry?: Record<string, unknown>): void;
}

/** A Helm repository over HTTP; with `password` it wants credentials of `ada`. */
export async function chartServer(password?: string): Promise<ChartServer> {
  const entries: Record<string, Record<string, unknown>[]> = {};
  const archives = new Map<string, Uint8Array>();
  const requests: ChartServer["requests"] = [];
  const host = await listen((request, response) => {
    const { authorization } = request.headers;
    const path = request.url ?? "";
    requests.push({ path, authorization });
    const expected = `Basic ${Buffer.from(`ada:${password}`).toString("base64")}`;
    if (password !== undefined && authorization !== expected) return void response.writeHead(401).end();
    if (path.startsWith("/charts/index.yaml")) {
      return void response.end(JSON.stringify({ apiVersion: "v1", entries }));
    }
    const bytes = archives.get(path.slice("/charts/".length).replace(/\?.*$/, ""));
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  return {
    url: `http://${host}/charts`,
    requests,
    archives,
    add: (name, version, more = {}, entry = {}) => {
      const bytes = packChart(chartFilesOf(name, version, more));
      const file = `${name}-${version}.tgz`;
      archives.set(file, bytes);
      const digest = createHash("sha256").update(bytes).digest("hex");
      entries[name] ??= [];
      entries[name].push({ apiVersion: "v2", name, version, urls: [file], digest, ...entry });
    },
  };
}

/** Pushes a chart as `helm push` does. */
export async function pushChart(client: OciClient, name: string, version: string): Promise<string> {
  const layer = packChart(chartFilesOf(name, version));
  return pushArtifact(client, {
    tag: version.replaceAll("+", "_"),
    layer,
    layerType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
    configType: "application/vnd.cncf.helm.config.v1+json",
    config: Buffer.from(JSON.stringify({ name, version })),
  });
}
