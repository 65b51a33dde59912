import { MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, like, refuses, same, type Trial } from "../check.js";
import { configMap, deployment } from "../samples.js";

const POLICY = "reference/access-authn-authz/validating-admission-policy";

const E2E = "a conformance test of Kubernetes: ";

const REGISTRATION = "/apis/admissionregistration.k8s.io/v1";

/** A policy with one binding to the trial's namespace. */
async function policy(trial: Trial, spec: object, bindingSpec: object = {}): Promise<void> {
  const resourceRules = [
    {
      apiGroups: ["apps"],
      apiVersions: ["v1"],
      operations: ["CREATE", "UPDATE"],
      resources: ["deployments"],
    },
  ];
  answers(
    await trial.api.post(`${REGISTRATION}/validatingadmissionpolicies`, {
      metadata: { name: trial.name },
      spec: {
        matchConstraints: { resourceRules, objectSelector: { matchLabels: { policy: trial.name } } },
        ...spec,
      },
    }),
    201,
  );
  const matchResources = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": trial.ns } } };
  answers(
    await trial.api.post(`${REGISTRATION}/validatingadmissionpolicybindings`, {
      metadata: { name: trial.name },
      spec: { policyName: trial.name, validationActions: ["Deny"], matchResources, ...bindingSpec },
    }),
    201,
  );
  trial.after(() => trial.api.delete(`${REGISTRATION}/validatingadmissionpolicybindings/${trial.name}`));
  trial.after(() => trial.api.delete(`${REGISTRATION}/validatingadmissionpolicies/${trial.name}`));
}

const mine = (trial: Trial) => [
  { name: "mine", expression: `object.metadata.name.startsWith('${trial.name}')` },
];

const tried = (trial: Trial, replicas: number) => {
  const object = deployment(trial.name, { replicas });
  const metadata = { name: trial.name, labels: { policy: trial.name } };
  return trial.api.post(`${trial.path("deployments", "apps/v1")}?dryRun=All`, { ...object, metadata });
};

const policies: readonly Check[] = [
  check(
    "a policy refuses a deployment",
    `${E2E}ValidatingAdmissionPolicy should validate against a Deployment`,
    async (trial) => {
      await policy(trial, {
        matchConditions: mine(trial),
        validations: [{ expression: "object.spec.replicas <= 5" }],
      });
      await eventually(async () => {
        const status = refuses(
          await tried(trial, 6),
          422,
          `deployments.apps "${trial.name}" is forbidden: ValidatingAdmissionPolicy '${trial.name}' with binding '${trial.name}' denied request: failed expression: object.spec.replicas <= 5`,
        );
        like(status, {
          reason: "Invalid",
          details: {
            name: trial.name,
            group: "apps",
            kind: "deployments",
            causes: [{ message: /denied request/ }],
          },
        });
      });
      answers(await tried(trial, 5), 201);
    },
  ),
  check(
    "variables, messages and reasons",
    `${E2E}ValidatingAdmissionPolicy should allow expressions to refer variables`,
    async (trial) => {
      await policy(trial, {
        matchConditions: mine(trial),
        variables: [
          { name: "replicas", expression: "object.spec.replicas" },
          { name: "oddReplicas", expression: "variables.replicas % 2 == 1" },
        ],
        validations: [
          { expression: "variables.replicas > 1" },
          {
            expression: "variables.oddReplicas",
            messageExpression: "'not odd: ' + string(variables.replicas)",
            reason: "Forbidden",
          },
        ],
      });
      await eventually(async () => refuses(await tried(trial, 4), 403, "denied request: not odd: 4"));
      refuses(await tried(trial, 1), 422, "failed expression: variables.replicas > 1");
      answers(await tried(trial, 3), 201);
    },
  ),
  check("warnings instead of refusals", `${POLICY}: Validation actions`, async (trial) => {
    await policy(
      trial,
      { matchConditions: mine(trial), validations: [{ expression: "false", message: "never" }] },
      { validationActions: ["Warn", "Audit"] },
    );
    await eventually(async () => {
      const answer = await tried(trial, 1);
      answers(answer, 201);
      same(
        answer.warnings,
        [
          `Validation failed for ValidatingAdmissionPolicy '${trial.name}' with binding '${trial.name}': never`,
        ],
        "warnings",
      );
    });
  }),
  check("parameters come from an object, by name", `${POLICY}: Parameter resources`, async (trial) => {
    await trial.api.post(trial.path("configmaps"), configMap(`${trial.name}p`, { max: "3" }));
    await policy(
      trial,
      {
        matchConditions: mine(trial),
        paramKind: { apiVersion: "v1", kind: "ConfigMap" },
        validations: [{ expression: "object.spec.replicas <= int(params.data.max)" }],
      },
      { paramRef: { name: `${trial.name}p`, namespace: trial.ns, parameterNotFoundAction: "Deny" } },
    );
    await eventually(async () => refuses(await tried(trial, 4), 422, "denied request"));
    await eventually(async () => answers(await tried(trial, 3), 201));
    await trial.api.delete(`${trial.path("configmaps")}/${trial.name}p`);
    await eventually(async () =>
      refuses(
        await tried(trial, 3),
        422,
        "no params found for policy binding with `Deny` parameterNotFoundAction",
      ),
    );
  }),
  check(
    "parameters come by selector: all must hold",
    `${POLICY}: Per-namespace parameters`,
    async (trial) => {
      for (const max of ["3", "5"])
        await trial.api.post(
          trial.path("configmaps"),
          configMap(`${trial.name}p${max}`, { max }, { labels: { param: trial.name, max } }),
        );
      await policy(
        trial,
        {
          matchConditions: mine(trial),
          paramKind: { apiVersion: "v1", kind: "ConfigMap" },
          validations: [{ expression: "object.spec.replicas <= int(params.data.max)" }],
        },
        {
          paramRef: {
            selector: {
              matchLabels: { param: trial.name },
              matchExpressions: [{ key: "max", operator: "In", values: ["5"] }],
            },
            parameterNotFoundAction: "Allow",
          },
        },
      );
      await eventually(async () => refuses(await tried(trial, 6), 422), 40_000);
      await eventually(async () => answers(await tried(trial, 4), 201));
    },
  ),
  check("failurePolicy is for errors only", `${POLICY}: Failure Policy`, async (trial) => {
    await policy(trial, {
      failurePolicy: "Ignore",
      matchConditions: mine(trial),
      validations: [{ expression: "object.spec.none.such == 1" }, { expression: "object.spec.replicas < 9" }],
    });
    await eventually(async () =>
      refuses(await tried(trial, 9), 422, "failed expression: object.spec.replicas < 9"),
    );
    answers(await tried(trial, 1), 201);
  }),
  check(
    "request, oldObject, namespaceObject and authorizer",
    `${POLICY}: Validation expression`,
    async (trial) => {
      const expressions = [
        "request.operation == 'CREATE' && request.resource.resource == 'deployments'",
        "oldObject == null",
        `namespaceObject.metadata.name == '${trial.ns}'`,
        "authorizer.group('').resource('secrets').namespace('default').check('get').allowed()",
        "authorizer.requestResource.check('create').allowed()",
      ];
      await policy(trial, {
        matchConditions: mine(trial),
        validations: [
          ...expressions.map((expression) => ({ expression })),
          { expression: "object.spec.replicas < 9" },
        ],
      });
      await eventually(async () =>
        refuses(await tried(trial, 9), 422, "failed expression: object.spec.replicas < 9"),
      );
      answers(await tried(trial, 1), 201);
    },
  ),
  check(
    "policies and bindings: their whole life",
    `${E2E}ValidatingAdmissionPolicy should support ValidatingAdmissionPolicy API operations; ValidatingAdmissionPolicyBinding API operations`,
    async (trial) => {
      await policy(trial, { matchConditions: mine(trial), validations: [{ expression: "true" }] });
      for (const resource of ["validatingadmissionpolicies", "validatingadmissionpolicybindings"]) {
        const at = `${REGISTRATION}/${resource}/${trial.name}`;
        const live = answers(await trial.api.get(at));
        same(live.metadata.generation, 1, "the generation");
        like(answers(await trial.api.patch(at, MERGE_PATCH, { metadata: { labels: { of: trial.name } } })), {
          metadata: { generation: 1 },
        });
        same(
          answers(await trial.api.get(`${REGISTRATION}/${resource}?labelSelector=of%3D${trial.name}`)).items
            .length,
          1,
          "the number listed",
        );
      }
      const status = `${REGISTRATION}/validatingadmissionpolicies/${trial.name}/status`;
      const condition = {
        type: "E2E",
        status: "True",
        reason: "Test",
        message: "",
        lastTransitionTime: "2026-01-02T03:04:05Z",
      };
      like(
        answers(await trial.api.patch(status, MERGE_PATCH, { status: { conditions: [condition] } })).status
          .conditions,
        [condition],
      );
      answers(
        await trial.api.delete(
          `${REGISTRATION}/validatingadmissionpolicybindings?labelSelector=of%3D${trial.name}`,
        ),
      );
      answers(
        await trial.api.delete(
          `${REGISTRATION}/validatingadmissionpolicies?labelSelector=of%3D${trial.name}`,
        ),
      );
    },
  ),
];

export const policyChecks: readonly Check[] = [...policies];
