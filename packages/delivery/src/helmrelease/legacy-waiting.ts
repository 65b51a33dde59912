import { type Client, refOf } from "@capstan/controller";
import {
  formatLabelSelector,
  type Health,
  type KubeObject,
  labelSelectorFromObject,
  objectHealth,
} from "@capstan/kube";
import { legacyHealth } from "./legacy-health.js";

const REVISION = "deployment.kubernetes.io/revision";

/** Asks the API whether an object is ready as Helm 3 judges it. */
export async function readLegacyHealth(
  client: Client,
  object: KubeObject,
  jobs: boolean,
  signal: AbortSignal,
): Promise<Health> {
  const live = await client.tryGet(refOf(object), { signal });
  if (live === undefined) return objectHealth(undefined);
  const replicaSet =
    live.kind === "Deployment" && live.apiVersion === "apps/v1"
      ? await newestReplicaSet(client, live, signal)
      : undefined;
  return legacyHealth(live, { jobs, replicaSet });
}

/** The ReplicaSet of a Deployment's newest revision. */
async function newestReplicaSet(
  client: Client,
  deployment: KubeObject,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const { namespace = "", uid, annotations } = deployment.metadata;
  const { selector } = deployment["spec"] as {
    readonly selector: Parameters<typeof labelSelectorFromObject>[0];
  };
  const labelSelector = formatLabelSelector(labelSelectorFromObject(selector));
  const type = { apiVersion: "apps/v1", kind: "ReplicaSet" };
  const { items } = await client.list(type, { namespace, labelSelector, signal });
  return items.find(
    ({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.uid === uid) === true &&
      metadata.annotations?.[REVISION] === annotations?.[REVISION],
  );
}
