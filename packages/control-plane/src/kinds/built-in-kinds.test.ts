import { expect, test } from "vitest";
import { allMessageNames, messageType } from "../schema/message.js";
import { builtInKinds } from "./built-in-kinds.js";

test("every built-in kind has its names, scope and schema", () => {
  const kinds = builtInKinds();
  expect(kinds).toHaveLength(70);
  const deployment = kinds.find((kind) => kind.kind === "Deployment");
  expect(deployment).toMatchObject({
    group: "apps",
    version: "v1",
    listKind: "DeploymentList",
    resource: "deployments",
    singular: "deployment",
    shortNames: ["deploy"],
    categories: ["all"],
    namespaced: true,
    statusSubresource: true,
    scale: { specReplicasPath: ".spec.replicas" },
    storage: { prefix: "apps/deployments", apiVersion: "apps/v1" },
  });
  const containers =
    deployment?.schema.properties?.["spec"]?.properties?.["template"]?.properties?.["spec"]?.properties?.[
      "containers"
    ];
  expect(containers).toMatchObject({
    type: "array",
    listType: "map",
    listMapKeys: ["name"],
    patchStrategy: ["merge"],
    patchMergeKey: "name",
  });
  expect(containers?.items?.properties?.["ports"]).toMatchObject({
    listMapKeys: ["containerPort", "protocol"],
    patchMergeKey: "containerPort",
  });
});

test("every published type can be read, and every type it names exists", () => {
  for (const name of allMessageNames()) {
    for (const field of messageType(name).fields) {
      if (field.message !== undefined) expect(messageType(field.message).name).toBe(field.message);
    }
  }
});

test("versions of one kind share one place in the store", () => {
  const places = builtInKinds().filter(
    (kind) => kind.resource === "events" || kind.kind === "HorizontalPodAutoscaler",
  );
  expect(
    places.map((kind) => [kind.group, kind.version, kind.storage.prefix, kind.storage.apiVersion]),
  ).toEqual([
    ["", "v1", "core/events", "v1"],
    ["autoscaling", "v2", "autoscaling/horizontalpodautoscalers", "autoscaling/v2"],
    ["autoscaling", "v1", "autoscaling/horizontalpodautoscalers", "autoscaling/v2"],
    ["events.k8s.io", "v1", "core/events", "v1"],
  ]);
});
