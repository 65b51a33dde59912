import { expect, test } from "vitest";
import { builtInKinds } from "../kinds/built-in-kinds.js";
import { Discovery } from "./discovery.js";
import { compareApiVersions } from "./group-order.js";

const request = { accept: undefined, ifNoneMatch: undefined, serverAddress: "127.0.0.1:6443" };
const AGGREGATED =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

function discovery(): Discovery {
  return new Discovery(builtInKinds, () => 0);
}

test("groups come in the order of their priority, with their preferred version first", () => {
  const body = JSON.parse(discovery().answer({ ...request, path: "/apis" })?.body ?? "") as {
    groups: { name: string; preferredVersion: { version: string } }[];
  };
  expect(body.groups.slice(0, 2).map((group) => group.name)).toEqual(["apiregistration.k8s.io", "apps"]);
  expect(body.groups.find((group) => group.name === "autoscaling")?.preferredVersion.version).toBe("v2");
});

test("resources list their subresources and the hash of their stored version", () => {
  const body = JSON.parse(discovery().answer({ ...request, path: "/apis/apps/v1/" })?.body ?? "") as {
    resources: { name: string }[];
  };
  expect(body.resources.map((resource) => resource.name)).toEqual([
    "controllerrevisions",
    "daemonsets",
    "daemonsets/status",
    "deployments",
    "deployments/scale",
    "deployments/status",
    "replicasets",
    "replicasets/scale",
    "replicasets/status",
    "statefulsets",
    "statefulsets/scale",
    "statefulsets/status",
  ]);
  expect(body.resources[3]).toMatchObject({ shortNames: ["deploy"], storageVersionHash: "8aSe+NMegvE=" });
});

test("aggregated discovery carries an ETag and answers 304 to it", () => {
  const documents = discovery();
  const first = documents.answer({ ...request, path: "/apis", accept: AGGREGATED });
  expect(first?.contentType).toBe("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
  const etag = first?.headers["etag"];
  const second = documents.answer({ ...request, path: "/apis", accept: AGGREGATED, ifNoneMatch: etag });
  expect(second).toMatchObject({ status: 304, body: "" });
});

test("paths that nothing serves are not found", () => {
  expect(discovery().answer({ ...request, path: "/apis/nobody.example/v1" })).toBeUndefined();
  expect(discovery().answer({ ...request, path: "/api/v2" })).toBeUndefined();
  expect(discovery().answer({ ...request, path: "/apis/a/b/c" })).toBeUndefined();
});

test("versions are ordered as Kubernetes prefers them", () => {
  const versions = ["foo", "v1alpha1", "v2", "v1", "v10", "v1beta2", "v1beta10", "bar"];
  expect(versions.sort(compareApiVersions)).toEqual([
    "v10",
    "v2",
    "v1",
    "v1beta10",
    "v1beta2",
    "v1alpha1",
    "bar",
    "foo",
  ]);
});
