import { type Json, STRATEGIC_PATCH } from "./api.js";
import { answers, type Trial } from "./check.js";
import { configMap, deployment } from "./samples.js";

/** A ConfigMap of these data, and the call that patches it. */
export async function mapOf(trial: Trial, data: Record<string, string> = { a: "1", b: "2" }) {
  const at = `${trial.path("configmaps")}/${trial.name}`;
  answers(await trial.api.post(trial.path("configmaps"), configMap(trial.name, data)), 201);
  return (type: string, body: unknown, query = "") => trial.api.patch(`${at}${query}`, type, body);
}

/** A Deployment, and the call that patches it. */
export async function deploymentOf(trial: Trial, spec: object = {}, container: object = {}) {
  const collection = trial.path("deployments", "apps/v1");
  answers(await trial.api.post(collection, deployment(trial.name, { replicas: 0, ...spec }, container)), 201);
  return (body: unknown, type = STRATEGIC_PATCH) =>
    trial.api.patch(`${collection}/${trial.name}`, type, body);
}

/** A patch of the pods that a Deployment makes. */
export const inPod = (spec: object) => ({ spec: { template: { spec } } });

/** The pods that a Deployment makes. */
export const podOf = (object: Json): Json => object.spec.template.spec;
