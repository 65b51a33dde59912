import { afterEach, beforeEach, expect, it } from "vitest";
import { Home } from "../testing/home.js";

let home: Home;
beforeEach(async () => {
  home = await Home.open();
});
afterEach(async () => {
  await home.close();
});

const configMap = (name: string) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "apps" } });

function deployment(image: string): string {
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image }] } };
  return JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "apps" },
    spec: { selector: { matchLabels: labels }, template },
  });
}

it("tells that a wait for health ended because of another revision", async () => {
  await home.start();
  await home.commit({ "web.yaml": deployment("broken:1") });
  await home.kustomization("app", { wait: true });
  await home.untilCondition("app", "Unknown Progressing");
  const revision = await home.commit({ "a.yaml": configMap("a") });
  await home.untilReady("app", revision);
  const canceled = (await home.events("app")).filter((event) => event.includes("HealthCheckCanceled"));
  expect(canceled).toEqual([
    "Normal HealthCheckCanceled: Health checks canceled due to new reconciliation triggered by GitRepository/flux-system/repo",
  ]);
});
