import { type Json, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same } from "../check.js";
import { DEFINITIONS, define, definitionBody } from "../definitions.js";

const CRD = "tasks/extend-kubernetes/custom-resources/custom-resource-definitions";

const E2E = "a conformance test of Kubernetes: ";

const OWN = "observed on a kube-apiserver 1.35: crd";

const definitions: readonly Check[] = [
  check(
    "a definition is established, and goes",
    `${E2E}CustomResourceDefinition resources Simple creating/deleting custom resource definition objects works`,
    async (trial) => {
      const { definition, remove } = await define(trial);
      const { status, metadata } = answers(await trial.api.get(definition));
      same(
        status.conditions.map(({ type, status: value, reason }: Json) => [type, value, reason]),
        [
          ["NamesAccepted", "True", "NoConflicts"],
          ["Established", "True", "InitialNamesAccepted"],
        ],
        "conditions",
      );
      like(status, { acceptedNames: { kind: /^K/ }, storedVersions: ["v1"] });
      same(metadata.generation, 1, "the generation");
      await remove();
      await eventually(async () => same((await trial.api.get(definition)).code, 404, "the code"));
    },
  ),
  check(
    "definitions are listed by label and deleted as a collection",
    `${E2E}CustomResourceDefinition resources Simple listing custom resource definition objects works`,
    async (trial) => {
      for (const each of ["a", "b"]) {
        const body = definitionBody({ ...trial, name: `${trial.name}${each}` });
        answers(
          await trial.api.post(DEFINITIONS, {
            ...body,
            metadata: { ...body.metadata, labels: { of: trial.name } },
          }),
          201,
        );
      }
      const at = `${DEFINITIONS}?labelSelector=of%3D${trial.name}`;
      same(answers(await trial.api.get(at)).items.length, 2, "the number listed");
      answers(await trial.api.delete(at));
      await eventually(async () => same(answers(await trial.api.get(at)).items.length, 0, "the number left"));
    },
  ),
  check(
    "a definition's status is read, updated and patched",
    `${E2E}CustomResourceDefinition resources Simple getting/updating/patching custom resource definition status sub-resource works`,
    async (trial) => {
      const { definition } = await define(trial);
      const live = answers(await trial.api.get(`${definition}/status`));
      const condition = { type: "StatusUpdate", status: "True", reason: "E2E", message: "by a check" };
      const updated = answers(
        await trial.api.put(`${definition}/status`, {
          ...live,
          status: { ...live.status, conditions: [...live.status.conditions, condition] },
        }),
      );
      like(updated.status.conditions.at(-1), condition);
      const patched = answers(
        await trial.api.patch(`${definition}/status`, MERGE_PATCH, {
          metadata: { annotations: { foo: "bar" } },
          status: { conditions: [...updated.status.conditions, { ...condition, type: "StatusPatched" }] },
        }),
      );
      like(patched.status.conditions.at(-1), { type: "StatusPatched" });
    },
  ),
  check("deleting a definition deletes its objects, and waits for their finalizers", OWN, async (trial) => {
    const { definition, collection, object: made, remove } = await define(trial);
    await trial.api.post(collection(), made("held", {}, { finalizers: ["example.com/hold"] }));
    await remove();
    await eventually(async () => {
      like(answers(await trial.api.get(`${collection()}/held`)), { metadata: { deletionTimestamp: /Z$/ } });
      const { conditions } = answers(await trial.api.get(definition)).status;
      like(
        conditions.find(({ type }: Json) => type === "Terminating"),
        { status: "True", reason: "InstanceDeletionInProgress" },
      );
    });
    const refused = await trial.api.post(collection(), made("new"));
    holds(refused.code === 403 || refused.code === 405, `creating is refused, not ${refused.code}`);
    await trial.api.patch(`${collection()}/held`, MERGE_PATCH, { metadata: { finalizers: null } });
    await eventually(async () => same((await trial.api.get(definition)).code, 404, "the code"), 25_000);
    same((await trial.api.get(collection())).code, 404, "the code of its objects");
  }),
  check(
    "a definition takes its objects with it, whatever policies say, and served or not",
    OWN,
    async (trial) => {
      const { api, name } = trial;
      const { definition, collection, object: made, group, plural } = await define(trial);
      answers(await api.post(collection(), made("a")), 201);
      const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
      const bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
      trial.after(() => api.delete(`${policies}/${name}`));
      trial.after(() => api.delete(`${bindings}/${name}`));
      const rule = { apiGroups: [group], apiVersions: ["*"], resources: [plural], operations: ["DELETE"] };
      const policy = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: "false" }] };
      answers(await api.post(policies, { metadata: { name }, spec: policy }), 201);
      const binding = { policyName: name, validationActions: ["Deny"] };
      answers(await api.post(bindings, { metadata: { name }, spec: binding }), 201);
      await eventually(async () => answers(await api.delete(`${collection()}/a?dryRun=All`), 422));
      const body = answers(await api.get(definition));
      const unserved = body.spec.versions.map((each: Json) => ({ ...each, served: false }));
      answers(await api.patch(definition, MERGE_PATCH, { spec: { versions: unserved } }));
      await eventually(async () => answers(await api.get(collection()), 404));
      answers(await api.delete(definition));
      await eventually(async () => answers(await api.get(definition), 404));
      const { name: named } = body.metadata;
      answers(await api.post(DEFINITIONS, { metadata: { name: named }, spec: body.spec }), 201);
      await eventually(async () => same(answers(await api.get(collection())).items, [], "the objects"));
    },
  ),
  check("names that another has are not accepted", OWN, async (trial) => {
    const { kind } = await define(trial, { names: { shortNames: [`s${trial.name.slice(-8)}`] } });
    const body = definitionBody(
      { ...trial, name: `${trial.name}two` },
      { names: { kind, listKind: `${kind}Two` } },
    );
    answers(await trial.api.post(DEFINITIONS, body), 201);
    trial.after(() => trial.api.delete(`${DEFINITIONS}/${body.metadata.name}`));
    await eventually(async () => {
      const { conditions } = answers(await trial.api.get(`${DEFINITIONS}/${body.metadata.name}`)).status;
      like(
        conditions.find(({ type }: Json) => type === "NamesAccepted"),
        { status: "False", reason: "KindConflict", message: `"${kind}" is already in use` },
      );
      like(
        conditions.find(({ type }: Json) => type === "Established"),
        { status: "False", reason: "NotAccepted" },
      );
    });
  }),
  check("group and plural stay; scope and kind once established", OWN, async (trial) => {
    const { definition } = await define(trial);
    refuses(
      await trial.api.patch(definition, MERGE_PATCH, { spec: { scope: "Cluster" } }),
      422,
      'spec.scope: Invalid value: "Cluster": field is immutable',
    );
    refuses(
      await trial.api.patch(definition, MERGE_PATCH, { spec: { names: { kind: "Other" } } }),
      422,
      'spec.names.kind: Invalid value: "Other": field is immutable',
    );
  }),
  check("a version that holds objects is not dropped", OWN, async (trial) => {
    const schema = { openAPIV3Schema: { type: "object" } };
    const v = (name: string, storage: boolean) => ({ name, served: true, storage, schema });
    const { definition } = await define(trial, { versions: [v("v1", true)] });
    answers(
      await trial.api.patch(definition, MERGE_PATCH, { spec: { versions: [v("v1", false), v("v2", true)] } }),
    );
    await eventually(async () =>
      same(answers(await trial.api.get(definition)).status.storedVersions, ["v1", "v2"], "stored versions"),
    );
    refuses(
      await trial.api.patch(definition, MERGE_PATCH, { spec: { versions: [v("v2", true)] } }),
      422,
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version',
    );
  }),
  check("a cluster-wide definition", CRD, async (trial) => {
    const { collection, object: made } = await define(trial, { scope: "Cluster" });
    answers(await trial.api.post(collection(), made(trial.name)), 201);
    same(
      (await trial.api.get(collection().replace("/v1/", `/v1/namespaces/${trial.ns}/`))).code,
      404,
      "the code in a namespace",
    );
    answers(await trial.api.delete(`${collection()}/${trial.name}`));
  }),
];

export const definitionChecks: readonly Check[] = [...definitions];
