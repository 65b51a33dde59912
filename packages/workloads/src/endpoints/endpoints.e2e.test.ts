import { afterEach, beforeEach, expect, it } from "vitest";
import { DEPLOYMENT, ENDPOINT_SLICE, ENDPOINTS, POD, SERVICE } from "../model/workload.js";
import { Harness, template } from "../testing/harness.js";

let world: Harness;
beforeEach(async () => {
  world = await Harness.start();
});
afterEach(() => world.close());

const service = (spec: object = {}) => ({
  ...SERVICE,
  metadata: { name: "web", namespace: "default", labels: { team: "a" } },
  spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: "http" }], ...spec },
});
const deployment = (replicas: number, annotations: object = {}) => {
  const ports = [{ name: "http", containerPort: 8080 }];
  const pods = template(
    { app: "web" },
    { annotations, spec: { containers: [{ name: "app", image: "app:1", ports }] } },
  );
  const spec = { replicas, selector: { matchLabels: { app: "web" } }, template: pods };
  return { ...DEPLOYMENT, metadata: { name: "web", namespace: "default" }, spec };
};
const slices = () => world.list(ENDPOINT_SLICE, "kubernetes.io/service-name=web");
const listed = async (count: number) =>
  world.until(async () => {
    const [slice] = await slices();
    const endpoints: { conditions: { ready: boolean } }[] = slice?.endpoints ?? [];
    return endpoints.length === count && endpoints.every(({ conditions }) => conditions.ready) && slice;
  });

it("lists the ready pods of a service with their resolved ports", async () => {
  await world.create(service());
  await world.create(deployment(2));
  const slice = await listed(2);
  expect(slice).toMatchObject({
    addressType: "IPv4",
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  });
  expect(slice.metadata.labels).toMatchObject({
    team: "a",
    "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
  });
  const pods = await world.list(POD);
  expect(slice.endpoints.map(({ addresses }: { addresses: string[] }) => addresses[0]).sort()).toEqual(
    pods.map(({ status }) => status.podIP).sort(),
  );
  expect(slice.endpoints[0]).toMatchObject({
    nodeName: "capstan",
    conditions: { ready: true, serving: true, terminating: false },
  });
  const legacy = await world.get(ENDPOINTS, "web");
  expect(legacy.subsets[0].addresses).toHaveLength(2);
  expect(legacy.subsets[0].ports).toEqual([{ name: "http", port: 8080, protocol: "TCP" }]);
});

it("keeps one empty slice where nothing is selected, and follows labels", async () => {
  await world.create(service());
  await world.until(async () => (await slices()).length === 1);
  const [empty] = await slices();
  await world.create(deployment(1));
  const filled = await listed(1);
  expect(filled.metadata.name).toBe(empty.metadata.name);
  const [pod] = await world.list(POD);
  await world.patch(POD, pod.metadata.name, { metadata: { labels: { app: "other" } } });
  await world.until(async () => {
    const [slice] = await slices();
    return slice.endpoints.every(
      ({ targetRef }: { targetRef: { name: string } }) => targetRef.name !== pod.metadata.name,
    );
  });
});

it("lists pods that are not ready as such, unless the service publishes them", async () => {
  await world.create(service());
  await world.create(deployment(1, { "capstan.dev/simulate": "never-ready" }));
  const slice = await world.until(async () => {
    const [found] = await slices();
    return found?.endpoints?.length === 1 && found;
  });
  expect(slice.endpoints[0].conditions).toEqual({ ready: false, serving: false, terminating: false });
  await world.patch(SERVICE, "web", { spec: { publishNotReadyAddresses: true } });
  await listed(1);
});

it("drops Endpoints with their service", async () => {
  await world.create(service());
  await world.until(() => world.get(ENDPOINTS, "web"));
  await world.client.delete({ ...SERVICE, namespace: "default", name: "web" });
  await world.until(async () => (await world.get(ENDPOINTS, "web")) === undefined);
});
