import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readObjects } from "../helm-actions/resource.js";
import { chartFiles } from "../testing/helm-home.js";
import type { ReleaseRequest, RenderedRelease } from "./chart-request.js";
import { ChartLoader } from "./load-chart.js";
import { answerChartRequest } from "./render-release.js";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "capstan-chart-"));
  const served = "versions: {{ .Capabilities.APIVersions | len }}\n";
  for (const [name, text] of Object.entries(chartFiles("1.0.0", { "templates/NOTES.txt": served }))) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

function request(more: Partial<ReleaseRequest> = {}): ReleaseRequest {
  return {
    kind: "release",
    chart: { directory, digest: "d" },
    version: undefined,
    releaseName: "r",
    namespace: "n",
    revision: 1,
    isUpgrade: false,
    values: {},
    kubeVersion: "v1.35.0",
    apiVersions: "v1\napps/v1",
    skipSchemaValidation: false,
    postRendering: { strategy: "combined", renderers: [], common: undefined, labels: {} },
    lookups: {},
    now: 0,
    seed: "",
    ...more,
  };
}

async function render(loader: ChartLoader, more?: Partial<ReleaseRequest>): Promise<RenderedRelease> {
  const answer = await answerChartRequest(request(more), loader);
  if (answer.state !== "rendered") throw new Error(answer.state);
  return answer;
}

it("sends the JSON of a chart to those that do not have it", async () => {
  const loader = new ChartLoader();
  const { digest, json } = (await render(loader)).chart;
  expect(JSON.parse(json ?? "")).toMatchObject({ metadata: { name: "app", version: "1.0.0" } });
  expect((await render(loader, { knownChart: digest })).chart).toMatchObject({ digest, json: undefined });
  const other = await render(loader, { knownChart: digest, version: "1.0.0+abc" });
  expect(JSON.parse(other.chart.json ?? "").metadata.version).toBe("1.0.0+abc");
});

it("tells what the manifest declares, and knows what the cluster serves", async () => {
  const { manifest, objects, notes } = await render(new ChartLoader());
  expect(objects).toEqual(readObjects(manifest));
  expect(objects?.[0]).toMatchObject({ kind: "ConfigMap", metadata: { name: "r-config" } });
  expect(notes).toBe("versions: 2\n");
});
