import { createMergePatch, deepEqual, type KubeObject } from "@capstan/kube";

type Fields = Record<string, unknown>;

/** The fields by which the items of Kubernetes' lists are told apart, by the list's name. */
const MERGE_KEYS: Readonly<Record<string, readonly string[]>> = {
  containers: ["name"],
  initContainers: ["name"],
  ephemeralContainers: ["name"],
  volumes: ["name"],
  imagePullSecrets: ["name"],
  env: ["name"],
  volumeMounts: ["mountPath"],
  volumeDevices: ["devicePath"],
  hostAliases: ["ip"],
  topologySpreadConstraints: ["topologyKey", "whenUnsatisfiable"],
  webhooks: ["name"],
  secrets: ["name"],
};

/**
 * The merge patch that makes of a live object what a manifest declares, as kubectl's three-way merge
 * does: what the manifest says is so, what it said before and says no longer goes, what others added
 * stays, also in lists whose items have keys.
 */
export function threeWayPatch(original: KubeObject, target: KubeObject, live: KubeObject): unknown {
  return createMergePatch(live, mergeFields({ ...original }, { ...target }, { ...live }));
}

function mergeFields(original: Fields, target: Fields, live: Fields): Fields {
  const out: Fields = { ...live };
  for (const key of Object.keys(original)) {
    if (!Object.hasOwn(target, key)) delete out[key];
  }
  for (const [key, value] of Object.entries(target)) {
    out[key] = mergeValue(key, original[key], value, live[key]);
  }
  return out;
}

function mergeValue(name: string, original: unknown, target: unknown, live: unknown): unknown {
  if (isFields(target) && isFields(live)) {
    return mergeFields(isFields(original) ? original : {}, target, live);
  }
  if (!Array.isArray(target) || !Array.isArray(live)) return target;
  const keys = keysOf(name, [...target, ...live]);
  if (keys === undefined) return target;
  return mergeItems(keys, Array.isArray(original) ? original : [], target, live);
}

/** Ports are keyed by what they have: those of containers and of Services differ. */
function keysOf(name: string, items: readonly unknown[]): readonly string[] | undefined {
  const keys =
    name === "ports"
      ? items.some((item) => isFields(item) && "containerPort" in item)
        ? ["containerPort", "protocol"]
        : ["port", "protocol"]
      : MERGE_KEYS[name];
  return keys !== undefined && items.every(isFields) ? keys : undefined;
}

function mergeItems(
  keys: readonly string[],
  original: readonly unknown[],
  target: readonly unknown[],
  live: readonly unknown[],
): readonly unknown[] {
  const find = (items: readonly unknown[], item: unknown) =>
    items.filter(isFields).find((other) => isFields(item) && sameKeys(keys, item, other));
  const merged = target.map((item) => {
    const known = find(live, item);
    return isFields(item) && known !== undefined
      ? mergeFields(find(original, item) ?? {}, item, known)
      : item;
  });
  const others = live.filter(
    (item) => find(target, item) === undefined && find(original, item) === undefined,
  );
  return [...merged, ...others];
}

function sameKeys(keys: readonly string[], a: Fields, b: Fields): boolean {
  return keys.every((key) => deepEqual(keyValue(key, a), keyValue(key, b)));
}

function keyValue(key: string, item: Fields): unknown {
  return item[key] ?? (key === "protocol" ? "TCP" : undefined);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
