import { type Json, MERGE_PATCH } from "../api.js";
import { deploymentAt, fieldsOf, mapAt } from "../applying.js";
import { answers, type Check, check, holds, like, refuses, same } from "../check.js";
import { configMap, deployment, service } from "../samples.js";

const SSA = "reference/using-api/server-side-apply";

const OWN = "observed on a kube-apiserver 1.35: apply";

const ownership: readonly Check[] = [
  check("an applier owns what it wrote, and nothing else", OWN, async (trial) => {
    const { apply, managers } = mapAt(trial);
    await apply("one", { a: "1" }, "", { labels: { x: "y" } });
    const [entry] = await managers();
    like(entry, { manager: "one", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1", time: /Z$/ });
    same(entry.fieldsV1, { "f:data": { "f:a": {} }, "f:metadata": { "f:labels": { "f:x": {} } } }, "fields");
  }),
  check("a creator owns everything, defaults too", OWN, async ({ api, path, name }) => {
    const made = answers(await api.post(path("services"), service(name)), 201);
    const fields = fieldsOf(made.metadata.managedFields, "conformance", "Update");
    like(fields, {
      "f:spec": {
        "f:sessionAffinity": {},
        "f:type": {},
        "f:selector": {},
        "f:ports": {
          ".": {},
          'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {} },
        },
      },
    });
  }),
  check("fields of keyed lists are owned by key", OWN, async (trial) => {
    const { apply } = deploymentAt(trial);
    const made = answers(
      await apply(
        "one",
        deployment(trial.name, { replicas: 0 }, { ports: [{ containerPort: 80 }], args: ["a"] }),
      ),
      201,
    );
    const fields = fieldsOf(made.metadata.managedFields, "one");
    same(
      fields["f:spec"]["f:template"]["f:spec"]["f:containers"],
      {
        'k:{"name":"main"}': {
          ".": {},
          "f:args": {},
          "f:image": {},
          "f:name": {},
          "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
        },
      },
      "containers",
    );
  }),
  check("an updater takes what it changes", OWN, async (trial) => {
    const { apply, update, managers } = mapAt(trial);
    await apply("one", { a: "1", b: "1" });
    answers(await update("two", { data: { a: "2", c: "3" } }));
    const entries = await managers();
    same(fieldsOf(entries, "one"), { "f:data": { "f:b": {} } }, "fields of one");
    same(fieldsOf(entries, "two", "Update"), { "f:data": { "f:a": {}, "f:c": {} } }, "fields of two");
  }),
  check(
    "without a name the user agent is the manager",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      const made = answers(
        await api.post(path("configmaps"), configMap(name), { headers: { "user-agent": "tool/1.2 (x)" } }),
        201,
      );
      same(made.metadata.managedFields[0].manager, "tool", "the manager");
    },
  ),
  check("a conflict names managers and fields", `${SSA}: Conflicts`, async (trial) => {
    const { apply } = mapAt(trial);
    await apply("one", { a: "1", b: "1" });
    const status = refuses(
      await apply("two", { a: "2" }),
      409,
      'Apply failed with 1 conflict: conflict with "one": .data.a',
    );
    like(status, {
      reason: "Conflict",
      details: {
        causes: [{ reason: "FieldManagerConflict", message: 'conflict with "one"', field: ".data.a" }],
      },
    });
    refuses(
      await apply("two", { a: "2", b: "2" }),
      409,
      'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b',
    );
  }),
  check("a conflict with an updater tells its version", OWN, async (trial) => {
    const { apply, update } = mapAt(trial);
    await apply("one", { a: "1" });
    await update("two", { data: { a: "2" } });
    refuses(await apply("one", { a: "1" }), 409, 'conflict with "two" using v1: .data.a');
  }),
  check("force takes the fields", `${SSA}: Conflicts`, async (trial) => {
    const { apply, managers } = mapAt(trial);
    await apply("one", { a: "1", b: "1" });
    like(answers(await apply("two", { a: "2" }, "&force=true")), { data: { a: "2", b: "1" } });
    same(fieldsOf(await managers(), "one"), { "f:data": { "f:b": {} } }, "fields of one");
  }),
  check("equal values are shared", `${SSA}: Conflicts`, async (trial) => {
    const { apply, managers } = mapAt(trial);
    await apply("one", { a: "1" });
    answers(await apply("two", { a: "1" }));
    const entries = await managers();
    same(
      [fieldsOf(entries, "one"), fieldsOf(entries, "two")],
      [{ "f:data": { "f:a": {} } }, { "f:data": { "f:a": {} } }],
      "fields",
    );
  }),
  check("a shared field that one gives up stays", OWN, async (trial) => {
    const { apply } = mapAt(trial);
    await apply("one", { a: "1", b: "1" });
    await apply("two", { a: "1" });
    same(answers(await apply("one", { b: "1" })).data, { a: "1", b: "1" }, "data");
  }),
  check("a field that nobody applies any more goes", `${SSA}: Field management`, async (trial) => {
    const { apply } = mapAt(trial);
    await apply("one", { a: "1", b: "1" });
    same(answers(await apply("one", { b: "1" })).data, { b: "1" }, "data");
  }),
  check("a field that another updated stays when its applier goes", OWN, async (trial) => {
    const { apply, update } = mapAt(trial);
    await apply("one", { a: "1", b: "1" });
    await update("two", { data: { a: "2" } });
    same(answers(await apply("one", { b: "1" })).data, { a: "2", b: "1" }, "data");
  }),
  check("applying the same again writes nothing", OWN, async (trial) => {
    const { apply } = mapAt(trial);
    const first = answers(await apply("one", { a: "1" }), 201);
    const again = answers(await apply("one", { a: "1" }));
    same(again.metadata, first.metadata, "metadata");
  }),
  check("an item that is dropped goes with its defaults", OWN, async (trial) => {
    const { apply } = deploymentAt(trial);
    const two = (more: object[]) => {
      const body = deployment(trial.name, { replicas: 0 });
      body.spec.template.spec.containers.push(...more);
      return body;
    };
    await apply("one", two([{ name: "side", image: "app:2" }]));
    same(
      answers(await apply("one", two([]))).spec.template.spec.containers.map(({ name }: Json) => name),
      ["main"],
      "containers",
    );
  }),
  check("an item that another applies too stays", OWN, async (trial) => {
    const { apply } = deploymentAt(trial);
    const env = (names: string[]) =>
      deployment(trial.name, { replicas: 0 }, { env: names.map((name) => ({ name, value: "1" })) });
    await apply("one", env(["A", "B"]));
    await apply("two", env(["A"]));
    same(
      answers(await apply("one", env(["B"])))
        .spec.template.spec.containers[0].env.map(({ name }: Json) => name)
        .sort(),
      ["A", "B"],
      "env",
    );
  }),
  check("appliers add items to one list", `${SSA}: Merge strategy`, async (trial) => {
    const at = `${trial.path("configmaps")}/${trial.name}`;
    const body = (finalizers: string[]) => ({
      ...configMap(trial.name, {}, { finalizers }),
      data: undefined,
    });
    trial.after(() => trial.api.patch(at, MERGE_PATCH, { metadata: { finalizers: null } }));
    await trial.api.apply(at, "one", body(["example.com/a"]));
    same(
      answers(await trial.api.apply(at, "two", body(["example.com/b"]))).metadata.finalizers.sort(),
      ["example.com/a", "example.com/b"],
      "finalizers",
    );
    same(
      answers(await trial.api.apply(at, "two", body([]))).metadata.finalizers,
      ["example.com/a"],
      "finalizers",
    );
  }),
  check("atomic lists and maps have one owner", `${SSA}: Merge strategy`, async (trial) => {
    const { apply } = deploymentAt(trial);
    const args = (list: string[]) => deployment(trial.name, { replicas: 0 }, { args: list });
    await apply("one", args(["a"]));
    refuses(await apply("two", args(["b"])), 409, '.spec.template.spec.containers[name="main"].args');
  }),
  check("the order of an applier's list holds", OWN, async (trial) => {
    const { apply } = deploymentAt(trial);
    const env = (names: string[]) =>
      deployment(trial.name, { replicas: 0 }, { env: names.map((name) => ({ name, value: "1" })) });
    await apply("one", env(["A", "B", "C"]));
    same(
      answers(await apply("one", env(["C", "A", "B"]))).spec.template.spec.containers[0].env.map(
        ({ name }: Json) => name,
      ),
      ["C", "A", "B"],
      "env",
    );
  }),
  check("status is not of the main endpoint", OWN, async (trial) => {
    const { apply } = deploymentAt(trial);
    const made = answers(
      await apply("one", { ...deployment(trial.name, { replicas: 0 }), status: { replicas: 5 } }),
      201,
    );
    same(fieldsOf(made.metadata.managedFields, "one")["f:status"], undefined, "fields of the status");
  }),
  check("managers of a status stand apart", OWN, async (trial) => {
    const { at, apply } = deploymentAt(trial);
    await apply("one", deployment(trial.name, { replicas: 0, paused: true }));
    const condition = { type: "Mine", status: "True" };
    const body = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: trial.name },
      status: { conditions: [condition] },
    };
    const { metadata } = answers(await trial.api.apply(`${at}/status`, "one", body));
    const entries = metadata.managedFields.filter(({ manager }: Json) => manager === "one");
    same(entries.map(({ subresource }: Json) => subresource ?? "").sort(), ["", "status"], "subresources");
  }),
  check("scaling moves the replicas to the scaler", OWN, async (trial) => {
    const { at, apply } = deploymentAt(trial);
    await apply("one", deployment(trial.name, { replicas: 1, paused: true }));
    await trial.api.patch(`${at}/scale?fieldManager=scaler`, MERGE_PATCH, { spec: { replicas: 2 } });
    const { managedFields } = answers(await trial.api.get(at)).metadata;
    like(
      managedFields.find(({ manager }: Json) => manager === "scaler"),
      { subresource: "scale", operation: "Update", fieldsV1: { "f:spec": { "f:replicas": {} } } },
    );
    same(fieldsOf(managedFields, "one")["f:spec"]["f:replicas"], undefined, "the applier's replicas");
  }),
  check("an empty list of managers clears them", `${SSA}: Clearing managedFields`, async (trial) => {
    const { apply, update, managers } = mapAt(trial);
    await apply("one", { a: "1" });
    answers(await update("x", { metadata: { managedFields: [{}] } }));
    same(await managers(), [], "managers");
    await apply("one", { a: "1" });
    same(
      (await managers()).map(({ manager }: Json) => manager),
      ["one", "before-first-apply"],
      "managers",
    );
  }),
  check("managers that make no sense are passed over", OWN, async (trial) => {
    const { apply, update, managers } = mapAt(trial);
    await apply("one", { a: "1" });
    const entry = {
      manager: "m",
      operation: "Explode",
      apiVersion: "v1",
      fieldsType: "FieldsV1",
      fieldsV1: {},
    };
    answers(await update("x", { metadata: { managedFields: [entry] } }));
    same(
      (await managers()).map(({ manager }: Json) => manager),
      ["one"],
      "managers",
    );
  }),
  check("more than ten updaters are merged into one", OWN, async (trial) => {
    const { apply, update, managers } = mapAt(trial);
    await apply("one", {});
    for (let index = 0; index < 12; index++)
      answers(await update(`m${index}`, { data: { [`k${index}`]: "1" } }));
    const names = (await managers()).map(({ manager }: Json) => manager);
    holds(names.includes("ancient-changes") && names.length <= 11, `managers are ${names.join(", ")}`);
  }),
];

export const ownershipChecks: readonly Check[] = [...ownership];
