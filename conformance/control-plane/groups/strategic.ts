import { type Json, MERGE_PATCH, STRATEGIC_PATCH } from "../api.js";
import { answers, type Check, check, holds, like, refuses, same } from "../check.js";
import { deploymentOf, inPod, mapOf, podOf } from "../patching.js";
import { deployment, service } from "../samples.js";
import { succeeded } from "../tools.js";

const STRATEGIC = "tasks/manage-kubernetes-objects/update-api-object-kubectl-patch";

const OWN = "observed on a kube-apiserver 1.35: patch";

const strategic: readonly Check[] = [
  check("strategic: lists merge by their key", STRATEGIC, async (trial) => {
    const patch = await deploymentOf(trial);
    const { containers } = podOf(
      answers(
        await patch(
          inPod({
            containers: [
              { name: "side", image: "app:2" },
              { name: "main", env: [{ name: "A", value: "1" }] },
            ],
          }),
        ),
      ),
    );
    like(
      containers.find(({ name }: Json) => name === "main"),
      { image: "app:1", env: [{ name: "A", value: "1" }] },
    );
    like(
      containers.find(({ name }: Json) => name === "side"),
      { image: "app:2" },
    );
  }),
  check(
    "strategic: new items stand in front of those there",
    `${STRATEGIC}: Notes on the strategic merge patch`,
    async (trial) => {
      const patch = await deploymentOf(trial);
      const { containers } = podOf(
        answers(await patch(inPod({ containers: [{ name: "side", image: "app:2" }] }))),
      );
      same(
        containers.map(({ name }: Json) => name),
        ["side", "main"],
        "the order",
      );
    },
  ),
  check(
    "strategic: a list without a strategy is replaced",
    `${STRATEGIC}: Notes on the strategic merge patch`,
    async (trial) => {
      const tolerations = [{ key: "a", operator: "Exists" }];
      const patch = await deploymentOf(trial, {}, { args: ["a", "b"] });
      answers(await patch(inPod({ tolerations })));
      const spec = podOf(
        answers(
          await patch(
            inPod({
              tolerations: [{ key: "b", operator: "Exists" }],
              containers: [{ name: "main", args: ["c"] }],
            }),
          ),
        ),
      );
      same(
        spec.tolerations.map(({ key }: Json) => key),
        ["b"],
        "tolerations",
      );
      same(spec.containers[0].args, ["c"], "args");
    },
  ),
  check("strategic: $patch: delete takes an item away", OWN, async (trial) => {
    const patch = await deploymentOf(
      trial,
      {},
      {
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      },
    );
    const gone = {
      containers: [
        {
          name: "main",
          env: [
            { $patch: "delete", name: "A" },
            { $patch: "delete", name: "NONE" },
          ],
        },
      ],
    };
    same(podOf(answers(await patch(inPod(gone)))).containers[0].env, [{ name: "B", value: "2" }], "env");
  }),
  check("strategic: $patch: replace in a list and in a map", OWN, async (trial) => {
    const patch = await deploymentOf(trial, {}, { env: [{ name: "A", value: "1" }] });
    const replaced = inPod({
      nodeSelector: { x: "y" },
      containers: [{ name: "main", env: [{ name: "C", value: "3" }, { $patch: "replace" }] }],
    });
    same(podOf(answers(await patch(replaced))).containers[0].env, [{ name: "C", value: "3" }], "env");
    same(
      podOf(answers(await patch(inPod({ nodeSelector: { $patch: "replace", z: "1" } })))).nodeSelector,
      { z: "1" },
      "nodeSelector",
    );
  }),
  check("strategic: $patch: delete empties a map", OWN, async (trial) => {
    const patch = await deploymentOf(trial);
    answers(await patch(inPod({ nodeSelector: { a: "b" } })));
    same(
      podOf(answers(await patch(inPod({ nodeSelector: { $patch: "delete" } })))).nodeSelector,
      undefined,
      "nodeSelector",
    );
  }),
  check("strategic: $deleteFromPrimitiveList", OWN, async (trial) => {
    const patch = await mapOf(trial);
    answers(await patch(STRATEGIC_PATCH, { metadata: { finalizers: ["example.com/a", "example.com/b"] } }));
    const left = answers(
      await patch(STRATEGIC_PATCH, {
        metadata: { "$deleteFromPrimitiveList/finalizers": ["example.com/a"] },
      }),
    );
    same(left.metadata.finalizers, ["example.com/b"], "finalizers");
    answers(await patch(STRATEGIC_PATCH, { metadata: { finalizers: ["example.com/c", "example.com/b"] } }));
    answers(await patch(MERGE_PATCH, { metadata: { finalizers: null } }));
  }),
  check("strategic: $setElementOrder puts lists in order", OWN, async (trial) => {
    const patch = await deploymentOf(
      trial,
      {},
      {
        env: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      },
    );
    const ordered = inPod({
      "$setElementOrder/containers": [{ name: "main" }],
      containers: [
        {
          name: "main",
          "$setElementOrder/env": [{ name: "B" }, { name: "C" }, { name: "A" }],
          env: [{ name: "C", value: "3" }],
        },
      ],
    });
    same(
      podOf(answers(await patch(ordered))).containers[0].env.map(({ name }: Json) => name),
      ["B", "C", "A"],
      "the order",
    );
  }),
  check("strategic: a patch against its own order is refused", OWN, async (trial) => {
    const patch = await deploymentOf(trial);
    const wrong = inPod({
      "$setElementOrder/containers": [{ name: "a" }],
      containers: [{ name: "main", image: "x" }],
    });
    refuses(await patch(wrong), 500, "doesn't match $setElementOrder list");
  }),
  check("strategic: $retainKeys clears what it does not name", OWN, async (trial) => {
    const patch = await deploymentOf(trial);
    const recreate = { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } };
    same(answers(await patch(recreate)).spec.strategy, { type: "Recreate" }, "strategy");
    refuses(
      await patch({
        spec: { strategy: { $retainKeys: ["type"], type: "RollingUpdate", rollingUpdate: {} } },
      }),
      400,
      "invalid patch format of retainKeys",
    );
  }),
  check("strategic: an item without its key is refused", OWN, async (trial) => {
    const patch = await deploymentOf(trial);
    refuses(
      await patch(inPod({ containers: [{ image: "x" }] })),
      500,
      "does not contain declared merge key: name",
    );
  }),
  check("strategic: an unknown directive is refused", OWN, async (trial) => {
    const patch = await deploymentOf(trial);
    refuses(await patch({ spec: { $patch: "explode" } }), 500, "unknown patch type: explode");
  }),
  check("strategic: ports of services merge by port", OWN, async (trial) => {
    const at = trial.path("services");
    await trial.api.post(
      at,
      service(trial.name, {
        ports: [
          { name: "a", port: 80 },
          { name: "b", port: 81 },
        ],
      }),
    );
    const patched = answers(
      await trial.api.patch(`${at}/${trial.name}`, STRATEGIC_PATCH, {
        spec: { ports: [{ port: 81, targetPort: 9 }] },
      }),
    );
    same(
      patched.spec.ports.map(({ port, targetPort }: Json) => [port, targetPort]),
      [
        [80, 80],
        [81, 9],
      ],
      "ports",
    );
  }),
  check("strategic: owners merge by uid", OWN, async (trial) => {
    const patch = await mapOf(trial);
    const owner = (uid: string) => ({ apiVersion: "none.example.com/v1", kind: "None", name: uid, uid });
    answers(await patch(STRATEGIC_PATCH, { metadata: { ownerReferences: [owner("u1")] } }));
    const both = answers(await patch(STRATEGIC_PATCH, { metadata: { ownerReferences: [owner("u2")] } }));
    same(both.metadata.ownerReferences.length, 2, "the number of owners");
    const one = answers(
      await patch(STRATEGIC_PATCH, { metadata: { ownerReferences: [{ $patch: "delete", uid: "u1" }] } }),
    );
    same(
      one.metadata.ownerReferences.map(({ uid }: Json) => uid),
      ["u2"],
      "owners",
    );
  }),
];

const kubectl: readonly Check[] = [
  check("kubectl patch in three ways", "reference/kubectl/generated/kubectl_patch", async (trial) => {
    await mapOf(trial);
    const run = async (...args: string[]) =>
      succeeded(await trial.tools.kubectl(["patch", "cm", trial.name, "-n", trial.ns, ...args]));
    await run("-p", '{"data":{"s":"1"}}');
    await run("--type=merge", "-p", '{"data":{"m":"1","a":null}}');
    const text = await run("--type=json", "-p", '[{"op":"remove","path":"/data/b"}]', "-o", "json");
    same(JSON.parse(text).data, { s: "1", m: "1" }, "data");
    holds((await run("-p", '{"data":{"s":"1"}}')).includes("patched (no change)"), "no change is told");
  }),
  check(
    "kubectl patch --subresource=status and =scale",
    "reference/kubectl/generated/kubectl_patch",
    async (trial) => {
      const { api, path, name, ns, tools } = trial;
      await api.post(path("replicationcontrollers"), {
        metadata: { name },
        spec: { replicas: 0, template: deployment(name).spec.template },
      });
      succeeded(
        await tools.kubectl([
          "patch",
          "rc",
          name,
          "-n",
          ns,
          "--subresource=scale",
          "--type=merge",
          "-p",
          '{"spec":{"replicas":0}}',
        ]),
      );
      succeeded(
        await tools.kubectl([
          "patch",
          "rc",
          name,
          "-n",
          ns,
          "--subresource=status",
          "--type=merge",
          "-p",
          '{"status":{"observedGeneration":1}}',
        ]),
      );
    },
  ),
];

export const strategicPatches: readonly Check[] = [...strategic, ...kubectl];
