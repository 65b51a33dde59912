import { type Json, MERGE_PATCH } from "./api.js";
import { answers, type Trial } from "./check.js";
import { configMap } from "./samples.js";

/** Applies bodies to one ConfigMap. */
export function mapAt(trial: Trial) {
  const at = `${trial.path("configmaps")}/${trial.name}`;
  const body = (data: object, metadata: object = {}) => ({
    ...configMap(trial.name),
    metadata: { name: trial.name, ...metadata },
    data,
  });
  return {
    at,
    apply: (manager: string, data: object, query = "", metadata: object = {}) =>
      trial.api.apply(at, manager, body(data, metadata), query),
    update: (manager: string, patch: object) =>
      trial.api.patch(`${at}?fieldManager=${manager}`, MERGE_PATCH, patch),
    managers: async (): Promise<Json> => answers(await trial.api.get(at)).metadata.managedFields ?? [],
  };
}

/** Applies bodies to one Deployment. */
export function deploymentAt(trial: Trial) {
  const at = `${trial.path("deployments", "apps/v1")}/${trial.name}`;
  return {
    at,
    apply: (manager: string, body: object, query = "") => trial.api.apply(at, manager, body, query),
  };
}

/** Fields of one manager's entry. */
export const fieldsOf = (managers: Json, manager: string, operation = "Apply"): Json =>
  managers.find((each: Json) => each.manager === manager && each.operation === operation)?.fieldsV1;
