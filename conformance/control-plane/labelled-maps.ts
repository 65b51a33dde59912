import { answers, type Trial } from "./check.js";
import { configMap } from "./samples.js";

/** Within this time the first version is gone, also from a server that has just started. */
export const AGEING = 40_000;

/** ConfigMaps that belong to one check, by a label. */
export async function maps(trial: Trial, count: number): Promise<string> {
  for (let index = 0; index < count; index++) {
    const name = `${trial.name}-${String(index).padStart(3, "0")}`;
    answers(
      await trial.api.post(
        trial.path("configmaps"),
        configMap(name, { n: String(index) }, { labels: { of: trial.name, n: String(index) } }),
      ),
      201,
    );
  }
  return `${trial.path("configmaps")}?labelSelector=of%3D${trial.name}`;
}
