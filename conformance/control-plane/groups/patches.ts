import { JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH } from "../api.js";
import { answers, type Check, check, like, refuses, same } from "../check.js";
import { define } from "../definitions.js";
import { deploymentOf, inPod, mapOf, podOf } from "../patching.js";

const PATCH = "reference/using-api/api-concepts: Patches";

const OWN = "observed on a kube-apiserver 1.35: patch";

const common: readonly Check[] = [
  check("an unknown kind of patch is 415", OWN, async (trial) => {
    const patch = await mapOf(trial);
    same((await patch("application/json", {})).code, 415, "the code");
  }),
  check("a custom resource takes no strategic patch", OWN, async (trial) => {
    const { collection, object } = await define(trial);
    await trial.api.post(collection(), object(trial.name));
    refuses(
      await trial.api.patch(`${collection()}/${trial.name}`, STRATEGIC_PATCH, {}),
      415,
      "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
    );
  }),
  check("parameters of the media type are passed over", OWN, async (trial) => {
    const patch = await mapOf(trial);
    answers(await patch(`${MERGE_PATCH};charset=utf-8`, { data: { a: "x" } }));
  }),
  check("an object that does not exist is 404", OWN, async ({ api, path }) => {
    for (const type of [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH]) {
      refuses(
        await api.patch(`${path("configmaps")}/none`, type, type === JSON_PATCH ? [] : {}),
        404,
        'configmaps "none" not found',
      );
    }
  }),
  check("a patch that changes nothing writes nothing", OWN, async (trial) => {
    const patch = await mapOf(trial);
    const before = answers(await patch(MERGE_PATCH, {}));
    same(
      answers(await patch(MERGE_PATCH, { data: { a: "1" } })).metadata.resourceVersion,
      before.metadata.resourceVersion,
      "the version",
    );
    same(
      answers(await patch(JSON_PATCH, [{ op: "replace", path: "/data/a", value: "1" }])).metadata
        .resourceVersion,
      before.metadata.resourceVersion,
      "the version",
    );
    same(
      answers(await patch(STRATEGIC_PATCH, { data: { b: "2" } })).metadata.resourceVersion,
      before.metadata.resourceVersion,
      "the version",
    );
  }),
  check("a version in a patch is a condition", OWN, async (trial) => {
    const patch = await mapOf(trial);
    const status = refuses(
      await patch(MERGE_PATCH, { metadata: { resourceVersion: "1" }, data: { a: "x" } }),
      409,
      "the object has been modified; please apply your changes to the latest version and try again",
    );
    same(status.reason, "Conflict", "the reason");
    const { metadata } = answers(await patch(MERGE_PATCH, {}));
    answers(
      await patch(MERGE_PATCH, { metadata: { resourceVersion: metadata.resourceVersion }, data: { a: "x" } }),
    );
  }),
  check("a uid in a patch must be the object's", OWN, async (trial) => {
    const patch = await mapOf(trial);
    refuses(
      await patch(MERGE_PATCH, { metadata: { uid: "other" } }),
      422,
      'metadata.uid: Invalid value: "other": field is immutable',
    );
  }),
  check("a name in a patch must be the object's", OWN, async (trial) => {
    const patch = await mapOf(trial);
    refuses(
      await patch(MERGE_PATCH, { metadata: { name: "other" } }),
      400,
      `the name of the object (other) does not match the name on the URL (${trial.name})`,
    );
    refuses(await patch(MERGE_PATCH, { metadata: { namespace: "other" } }), 400, "the namespace of the");
  }),
  check("what the system sets comes back", OWN, async (trial) => {
    const patch = await mapOf(trial);
    const before = answers(await patch(MERGE_PATCH, {}));
    const after = answers(
      await patch(MERGE_PATCH, { metadata: { creationTimestamp: "2001-01-01T00:00:00Z" } }),
    );
    same(after.metadata.creationTimestamp, before.metadata.creationTimestamp, "the time of creation");
    refuses(
      await patch(MERGE_PATCH, { metadata: { deletionTimestamp: "2001-01-01T00:00:00Z" } }),
      422,
      'metadata.deletionTimestamp: Invalid value: "2001-01-01T00:00:00Z": field is immutable',
    );
  }),
  check("force is for applying", "observed on a kube-apiserver 1.35: requests", async (trial) => {
    const patch = await mapOf(trial);
    refuses(
      await patch(MERGE_PATCH, {}, "?force=true"),
      422,
      "force: Forbidden: may not be specified for non-apply patch",
    );
  }),
  check("patches run one after the other, however many there are", OWN, async (trial) => {
    const patch = await mapOf(trial, {});
    const answered = await Promise.all(
      Array.from({ length: 20 }, (_, index) => patch(MERGE_PATCH, { data: { [`k${index}`]: "x" } })),
    );
    for (const each of answered) answers(each);
    same(Object.keys(answers(await patch(MERGE_PATCH, {})).data).length, 20, "the number of keys");
  }),
];

const json: readonly Check[] = [
  check("JSON patch: add, replace, remove, move, copy, test", PATCH, async (trial) => {
    const patch = await mapOf(trial);
    const operations = [
      { op: "test", path: "/data/a", value: "1" },
      { op: "add", path: "/data/c", value: "3" },
      { op: "replace", path: "/data/a", value: "9" },
      { op: "copy", from: "/data/c", path: "/data/d" },
      { op: "move", from: "/data/b", path: "/data/e" },
      { op: "remove", path: "/data/c" },
    ];
    same(answers(await patch(JSON_PATCH, operations)).data, { a: "9", d: "3", e: "2" }, "data");
  }),
  check("JSON patch: an operation that fails is 422 without a cause", OWN, async (trial) => {
    const patch = await mapOf(trial);
    for (const operation of [
      { op: "test", path: "/data/a", value: "2" },
      { op: "remove", path: "/data/none" },
      { op: "add", path: "/none/x", value: "" },
    ]) {
      const status = refuses(
        await patch(JSON_PATCH, [operation]),
        422,
        "the server rejected our request due to an error in our request",
      );
      like(status, { reason: "Invalid" });
    }
  }),
  check("JSON patch: what is none is 400", OWN, async (trial) => {
    const patch = await mapOf(trial);
    same((await patch(JSON_PATCH, { a: 1 })).code, 400, "the code of an object");
    same((await patch(JSON_PATCH, "[")).code, 400, "the code of a cut text");
  }),
  check("JSON patch: lists by index and by the end", OWN, async (trial) => {
    const patch = await deploymentOf(trial, {}, { args: ["a", "b"] });
    const at = "/spec/template/spec/containers/0/args";
    const operations = [
      { op: "add", path: `${at}/-`, value: "z" },
      { op: "add", path: `${at}/0`, value: "y" },
      { op: "remove", path: `${at}/1` },
    ];
    same(podOf(answers(await patch(operations, JSON_PATCH))).containers[0].args, ["y", "b", "z"], "args");
    same(
      (await patch([{ op: "add", path: `${at}/9`, value: "x" }], JSON_PATCH)).code,
      422,
      "the code of an index beyond the end",
    );
  }),
  check("JSON patch: escapes in paths", OWN, async (trial) => {
    const patch = await mapOf(trial);
    const operations = [
      { op: "add", path: "/metadata/annotations", value: {} },
      { op: "add", path: "/metadata/annotations/a.b~1c~0d", value: "x" },
    ];
    refuses(await patch(JSON_PATCH, operations), 422);
    like(
      answers(
        await patch(JSON_PATCH, [
          operations[0],
          { op: "add", path: "/metadata/annotations/a.b~1c", value: "x" },
        ]),
      ),
      { metadata: { annotations: { "a.b/c": "x" } } },
    );
  }),
  check("JSON patch: more than 10,000 operations are 413", OWN, async (trial) => {
    const patch = await mapOf(trial);
    const operations = Array.from({ length: 10_001 }, () => ({ op: "test", path: "/data/a", value: "1" }));
    refuses(
      await patch(JSON_PATCH, operations),
      413,
      "The allowed maximum operations in a JSON patch is 10000, got 10001",
    );
  }),
  check("JSON patch: a result that does not fit the type is 422", OWN, async (trial) => {
    const patch = await mapOf(trial);
    refuses(
      await patch(JSON_PATCH, [{ op: "replace", path: "/data", value: 5 }]),
      422,
      ' "" is invalid: patch: Invalid value:',
      "cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string",
    );
  }),
];

const merge: readonly Check[] = [
  check("merge patch: null removes, objects merge", PATCH, async (trial) => {
    const patch = await mapOf(trial);
    same(
      answers(await patch(MERGE_PATCH, { data: { a: null, c: "3", none: null } })).data,
      { b: "2", c: "3" },
      "data",
    );
    same(answers(await patch(MERGE_PATCH, { data: null })).data, undefined, "data");
  }),
  check("merge patch: lists are replaced whole", PATCH, async (trial) => {
    const patch = await deploymentOf(trial);
    const containers = [{ name: "other", image: "app:9" }];
    same(
      podOf(answers(await patch(inPod({ containers }), MERGE_PATCH))).containers.length,
      1,
      "the number of containers",
    );
  }),
  check("merge patch: what is none is 400", OWN, async (trial) => {
    const patch = await mapOf(trial);
    same((await patch(MERGE_PATCH, "[")).code, 400, "the code");
  }),
  check("merge patch of a custom resource prunes and fills in", OWN, async (trial) => {
    const schema = {
      type: "object",
      properties: {
        spec: { type: "object", properties: { a: { type: "string" }, b: { type: "integer", default: 5 } } },
      },
    };
    const { collection, object } = await define(trial, { schema });
    await trial.api.post(collection(), object(trial.name, { spec: { a: "x", b: 1 } }));
    const patched = answers(
      await trial.api.patch(`${collection()}/${trial.name}`, MERGE_PATCH, { spec: { b: null, unknown: 1 } }),
    );
    same(patched.spec, { a: "x", b: 5 }, "spec");
  }),
  check("an empty version in a patch of a custom resource is refused", OWN, async (trial) => {
    const { collection, object } = await define(trial);
    await trial.api.post(collection(), object(trial.name));
    refuses(
      await trial.api.patch(`${collection()}/${trial.name}`, MERGE_PATCH, {
        metadata: { resourceVersion: "" },
      }),
      422,
      "metadata.resourceVersion: Invalid value: 0: must be specified for an update",
    );
  }),
];

export const patches: readonly Check[] = [...common, ...json, ...merge];
