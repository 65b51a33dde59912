import type { Health, KubeObject } from "@capstan/kube";

type Fields = Readonly<Record<string, unknown>>;

const READY: Health = { status: "Current", message: "" };

/** What more than an object itself tells whether it is ready. */
export interface LegacyContext {
  /** Whether Jobs have to be done. */
  readonly jobs: boolean;
  /** The ReplicaSet of a Deployment's newest revision; `undefined` where there is none yet. */
  readonly replicaSet: KubeObject | undefined;
}

/**
 * Whether an object is ready as Helm 3 judges it: Pods, workloads, volume claims, Services and definitions
 * by the counters that matter to them, everything else at once. A rollout may go on where as many are ready
 * as its strategy asks for. Nothing but a Job fails. Pure.
 */
export function legacyHealth(object: KubeObject, context: LegacyContext): Health {
  switch (`${object.apiVersion} ${object.kind}`) {
    case "v1 Pod":
      return when(hasCondition(object, "Ready", "True"), "the Pod is not ready");
    case "batch/v1 Job":
      return context.jobs ? jobHealth(object) : READY;
    case "apps/v1 Deployment":
      return deploymentHealth(object, context.replicaSet);
    case "apps/v1 DaemonSet":
      return daemonSetHealth(object);
    case "apps/v1 StatefulSet":
      return statefulSetHealth(object);
    case "apps/v1 ReplicaSet":
    case "v1 ReplicationController":
      return replicasHealth(object);
    case "v1 PersistentVolumeClaim":
      return when(statusOf(object)["phase"] === "Bound", "the claim is not bound");
    case "v1 Service":
      return serviceHealth(object);
    case "apiextensions.k8s.io/v1 CustomResourceDefinition":
      return when(
        hasCondition(object, "Established", "True") || hasCondition(object, "NamesAccepted", "False"),
        "the definition is not established",
      );
    default:
      return READY;
  }
}

function when(ready: boolean, message: string): Health {
  return ready ? READY : { status: "InProgress", message };
}

function jobHealth(job: KubeObject): Health {
  const status = statusOf(job);
  const { completions, backoffLimit } = specOf(job);
  if (count(status["failed"]) > count(backoffLimit, 6)) {
    const { namespace = "", name } = job.metadata;
    return { status: "Failed", message: `job is failed: ${namespace}/${name}` };
  }
  return when(
    completions === undefined || count(status["succeeded"]) >= count(completions),
    "the Job is not done",
  );
}

function deploymentHealth(deployment: KubeObject, replicaSet: KubeObject | undefined): Health {
  if (specOf(deployment)["paused"] === true) return READY;
  if (replicaSet === undefined || !isObserved(replicaSet) || !isObserved(deployment)) {
    return when(false, "the newest revision has no replicas yet");
  }
  const replicas = count(specOf(deployment)["replicas"], 1);
  const ready = count(statusOf(replicaSet)["readyReplicas"]);
  return when(ready >= replicas - maxUnavailable(deployment, replicas), `${ready} out of ${replicas} ready`);
}

/** How many replicas a Deployment's strategy lets be missing. */
function maxUnavailable(deployment: KubeObject, replicas: number): number {
  const strategy = fieldsOf(specOf(deployment)["strategy"]);
  if ((strategy["type"] ?? "RollingUpdate") !== "RollingUpdate" || replicas === 0) return 0;
  const rolling = fieldsOf(strategy["rollingUpdate"]);
  const surge = scaled(rolling["maxSurge"] ?? "25%", replicas, Math.ceil);
  const missing = scaled(rolling["maxUnavailable"] ?? "25%", replicas, Math.floor);
  return Math.min(surge === 0 && missing === 0 ? 1 : missing, replicas);
}

function daemonSetHealth(daemonSet: KubeObject): Health {
  if (!isObserved(daemonSet)) return when(false, "the newest generation is not observed yet");
  const strategy = fieldsOf(specOf(daemonSet)["updateStrategy"]);
  if ((strategy["type"] ?? "RollingUpdate") !== "RollingUpdate") return READY;
  const status = statusOf(daemonSet);
  const desired = count(status["desiredNumberScheduled"]);
  if (count(status["updatedNumberScheduled"]) !== desired) return when(false, "the rollout is not done");
  const missing = scaled(fieldsOf(strategy["rollingUpdate"])["maxUnavailable"] ?? 1, desired, Math.ceil);
  const ready = count(status["numberReady"]);
  return when(ready >= desired - missing, `${ready} out of ${desired} ready`);
}

function statefulSetHealth(statefulSet: KubeObject): Health {
  if (!isObserved(statefulSet)) return when(false, "the newest generation is not observed yet");
  const spec = specOf(statefulSet);
  const strategy = fieldsOf(spec["updateStrategy"]);
  if ((strategy["type"] ?? "RollingUpdate") !== "RollingUpdate") return READY;
  const status = statusOf(statefulSet);
  const replicas = count(spec["replicas"], 1);
  const partition = count(fieldsOf(strategy["rollingUpdate"])["partition"]);
  if (count(status["updatedReplicas"]) < replicas - partition) return when(false, "the rollout is not done");
  const ready = count(status["readyReplicas"]);
  if (ready !== replicas) return when(false, `${ready} out of ${replicas} ready`);
  const rolledOut = partition > 0 || status["currentRevision"] === status["updateRevision"];
  return when(rolledOut, "the rollout is not done");
}

function replicasHealth(object: KubeObject): Health {
  const status = statusOf(object);
  const [ready, all] = [count(status["readyReplicas"]), count(status["replicas"])];
  return when(isObserved(object) && ready >= all, `${ready} out of ${all} ready`);
}

function serviceHealth(service: KubeObject): Health {
  const { type, clusterIP, externalIPs } = specOf(service);
  if (type === "ExternalName") return READY;
  if (clusterIP === undefined || clusterIP === "") return when(false, "the Service has no cluster IP");
  if (type !== "LoadBalancer" || (Array.isArray(externalIPs) && externalIPs.length > 0)) return READY;
  const { ingress } = fieldsOf(statusOf(service)["loadBalancer"]);
  return when(Array.isArray(ingress), "the load balancer has no address");
}

function isObserved(object: KubeObject): boolean {
  return statusOf(object)["observedGeneration"] === object.metadata.generation;
}

function hasCondition(object: KubeObject, type: string, status: string): boolean {
  const { conditions } = statusOf(object);
  if (!Array.isArray(conditions)) return false;
  return conditions.map(fieldsOf).some((one) => one["type"] === type && one["status"] === status);
}

/** A number, or a share of `total`; all of it where it is neither. */
function scaled(value: unknown, total: number, round: (share: number) => number): number {
  if (typeof value === "number") return value;
  const percent = typeof value === "string" ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? total : round((Number(percent) * total) / 100);
}

function count(value: unknown, otherwise = 0): number {
  return typeof value === "number" ? value : otherwise;
}

function specOf(object: KubeObject): Fields {
  return fieldsOf(object["spec"]);
}

function statusOf(object: KubeObject): Fields {
  return fieldsOf(object["status"]);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
