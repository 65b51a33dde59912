import { afterEach, beforeEach, expect, it } from "vitest";
import { AUTOSCALER, DEPLOYMENT, DISRUPTION_BUDGET } from "../model/workload.js";
import { conditions, Harness, template } from "../testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const deployment = (replicas: number) => ({
  ...DEPLOYMENT,
  metadata: { name: "web", namespace: "default" },
  spec: { replicas, selector: { matchLabels: { app: "web" } }, template: template({ app: "web" }) },
});

it.each([
  [
    { maxUnavailable: "25%" },
    { expectedPods: 4, desiredHealthy: 3, currentHealthy: 4, disruptionsAllowed: 1 },
  ],
  [{ minAvailable: 4 }, { expectedPods: 4, desiredHealthy: 4, currentHealthy: 4, disruptionsAllowed: 0 }],
  [{ minAvailable: "50%" }, { expectedPods: 4, desiredHealthy: 2, currentHealthy: 4, disruptionsAllowed: 2 }],
])("a budget of %j allows %j", async (spec, numbers) => {
  await world.create(deployment(4));
  const selector = { matchLabels: { app: "web" } };
  await world.create({
    ...DISRUPTION_BUDGET,
    metadata: { name: "web", namespace: "default" },
    spec: { ...spec, selector },
  });
  const { status } = await world.until(async () => {
    const found = await world.get(DISRUPTION_BUDGET, "web");
    return found.status?.currentHealthy === 4 && found;
  });
  expect(status).toMatchObject({ ...numbers, observedGeneration: 1 });
  expect(conditions({ status })["DisruptionAllowed"]).toBe(
    numbers.disruptionsAllowed > 0 ? "True SufficientPods" : "False InsufficientPods",
  );
});

it("an autoscaler keeps its target within bounds, and says that it knows no metrics", async () => {
  await world.create(deployment(1));
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
  const metrics = [
    { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
  ];
  const spec = { scaleTargetRef, minReplicas: 2, maxReplicas: 4, metrics };
  await world.create({ ...AUTOSCALER, metadata: { name: "scaler", namespace: "default" }, spec });
  await world.until(async () => (await world.get(DEPLOYMENT, "web")).status.availableReplicas === 2);
  await world.settle();
  const { status } = await world.get(AUTOSCALER, "scaler");
  expect(status).toMatchObject({ currentReplicas: 2, desiredReplicas: 2 });
  expect(conditions({ status })).toEqual({
    AbleToScale: "True SucceededGetScale",
    ScalingActive: "False FailedGetResourceMetric",
  });
  expect(await world.events("scaler")).toContain(
    "SuccessfulRescale: New size: 2; reason: Current number of replicas below Spec.MinReplicas",
  );
});
