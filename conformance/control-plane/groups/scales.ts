import { APPLY_PATCH, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, holds, like, refuses, same, type Trial } from "../check.js";
import { deployment, service } from "../samples.js";

const SCALE = "observed on a kube-apiserver 1.35: scale";
const SERVICES = "observed on a kube-apiserver 1.35: kinds";

/** The path of the scale of a deployment of the check's own. */
async function scaled({ api, path, name }: Trial): Promise<string> {
  answers(await api.post(path("deployments", "apps/v1"), deployment(name, { replicas: 2 })), 201);
  return `${path("deployments", "apps/v1")}/${name}/scale`;
}

const applied = (name: string, replicas: number) => ({
  apiVersion: "autoscaling/v1",
  kind: "Scale",
  metadata: { name },
  spec: { replicas },
});

const refusedServices: readonly (readonly [object, string])[] = [
  [{ ports: [{ port: 1, appProtocol: "a b" }] }, 'spec.ports[0].appProtocol: Invalid value: "a b"'],
  [
    { ipFamilies: ["IPv6"], ports: [{ port: 1 }] },
    'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
  ],
  [
    { ipFamilyPolicy: "RequireDualStack", ports: [{ port: 1 }] },
    "this cluster is not configured for dual-stack services",
  ],
  [
    { type: "LoadBalancer", loadBalancerSourceRanges: ["x"], ports: [{ port: 1 }] },
    'spec.LoadBalancerSourceRanges[0]: Invalid value: "x": must be a valid CIDR value',
  ],
];

export const scaleChecks: readonly Check[] = [
  check("applying a scale conflicts with who scaled before", SCALE, async (trial) => {
    const { api, name } = trial;
    const at = await scaled(trial);
    answers(await api.patch(`${at}?fieldManager=first`, MERGE_PATCH, { spec: { replicas: 3 } }));
    const status = refuses(
      await api.patch(`${at}?fieldManager=second`, APPLY_PATCH, applied(name, 4)),
      409,
      'Apply failed with 1 conflict: conflict with "first" with subresource "scale" using autoscaling/v1: .spec.replicas',
    );
    like(status.details, { causes: [{ reason: "FieldManagerConflict", field: ".spec.replicas" }] });
    const forced = await api.patch(`${at}?fieldManager=second&force=true`, APPLY_PATCH, applied(name, 4));
    same(answers(forced).spec.replicas, 4, "the replicas");
    refuses(await api.patch(at, APPLY_PATCH, applied(name, 4)), 422, "fieldManager: Required value");
  }),
  check("unknown fields of a scale are told", SCALE, async (trial) => {
    const { api, name } = trial;
    const at = await scaled(trial);
    const answer = await api.put(at, { ...applied(name, 1), spec: { replicas: 1, bogus: 2 } });
    like(answers(answer), { spec: { replicas: 1, bogus: undefined } });
    holds(answer.warnings.includes('unknown field "spec.bogus"'), `a warning: ${answer.warnings}`);
    refuses(
      await api.put(`${at}?fieldValidation=Strict`, { ...applied(name, 1), spec: { replicas: 1, bogus: 2 } }),
      400,
      'strict decoding error: unknown field "spec.bogus"',
    );
  }),
  check("what is no scale is refused", SCALE, async (trial) => {
    const { api, name } = trial;
    const at = await scaled(trial);
    refuses(
      await api.put(at, { kind: "Deployment", metadata: { name }, spec: { replicas: 1 } }),
      400,
      'Deployment in version "v1" cannot be handled as a Scale',
    );
    refuses(
      await api.patch(at, MERGE_PATCH, { spec: { replicas: -1 } }),
      422,
      "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    );
  }),
  check("a binding names its pod", SERVICES, async ({ api, path }) => {
    refuses(
      await api.post(`${path("pods")}/none/binding`, { target: { name: "n" } }),
      400,
      "name in URL does not match name in Binding object",
    );
  }),
  ...refusedServices.map(([spec, message]) =>
    check(`a service is refused: ${message}`, SERVICES, async ({ api, path, name }) =>
      refuses(await api.post(path("services"), service(name, spec)), 422, message),
    ),
  ),
];
