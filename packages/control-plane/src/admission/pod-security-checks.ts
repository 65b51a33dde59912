import { listOf, type Members, membersOf, textOf, textsOf } from "./members.js";

export type SecurityLevel = "privileged" | "baseline" | "restricted";

/** One way in which a pod breaks a level: `reason (detail)`. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** A pod as the checks see it. */
export interface CheckedPod {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Members;
  readonly containers: readonly Members[];
  /** Minor version of the policy; a large number for the latest. */
  readonly minor: number;
}

type Check = (pod: CheckedPod) => Violation | undefined;

/** Checks of the baseline level, in the order of their names, with the first version that has them. */
export const BASELINE: readonly { readonly id: string; readonly since: number; readonly check: Check }[] = [
  { id: "appArmorProfile", since: 0, check: appArmor },
  { id: "capabilities_baseline", since: 0, check: baselineCapabilities },
  { id: "hostNamespaces", since: 0, check: hostNamespaces },
  { id: "hostPathVolumes", since: 0, check: hostPathVolumes },
  { id: "hostPorts", since: 0, check: hostPorts },
  { id: "hostProbesAndHostLifecycle", since: 34, check: hostProbes },
  { id: "privileged", since: 0, check: privileged },
  { id: "procMount", since: 0, check: procMount },
  { id: "seLinuxOptions", since: 0, check: seLinux },
  { id: "seccompProfile_baseline", since: 19, check: baselineSeccomp },
  { id: "sysctls", since: 0, check: sysctls },
  { id: "windowsHostProcess", since: 0, check: windowsHostProcess },
];

/** Checks that the restricted level adds; those of `OVERRIDDEN` it replaces. */
export const RESTRICTED: readonly { readonly id: string; readonly since: number; readonly check: Check }[] = [
  { id: "allowPrivilegeEscalation", since: 8, check: privilegeEscalation },
  { id: "capabilities_restricted", since: 22, check: restrictedCapabilities },
  { id: "procMount_restricted", since: 35, check: restrictedProcMount },
  { id: "restrictedVolumes", since: 0, check: restrictedVolumes },
  { id: "runAsNonRoot", since: 0, check: runAsNonRoot },
  { id: "runAsUser", since: 23, check: runAsUser },
  { id: "seccompProfile_restricted", since: 19, check: restrictedSeccomp },
];

/** Baseline checks that a restricted check stands in for, with the version from which it does. */
export const OVERRIDDEN: ReadonlyMap<string, number> = new Map([
  ["capabilities_baseline", 22],
  ["hostPathVolumes", 0],
  ["procMount", 35],
  ["seccompProfile_baseline", 19],
]);

const securityOf = (part: Members): Members => membersOf(part["securityContext"]);
const quote = (items: readonly string[]): string => items.map((item) => JSON.stringify(item)).join(", ");
const plural = (noun: string, items: readonly unknown[]): string => (items.length === 1 ? noun : `${noun}s`);

function namesOf(containers: readonly Members[]): string[] {
  return containers.map((container) => textOf(container["name"]));
}

function who(containers: readonly Members[]): string {
  return `${plural("container", containers)} ${quote(namesOf(containers))}`;
}

/** `pod and container "a"`, for those that set something; empty where nobody did. */
function setters(podDoes: boolean, containers: readonly Members[], joint = "and"): string {
  const parts = [...(podDoes ? ["pod"] : []), ...(containers.length > 0 ? [who(containers)] : [])];
  return parts.join(` ${joint} `);
}

function appArmor({ annotations, spec, containers }: CheckedPod): Violation | undefined {
  const typeOf = (part: Members): string => textOf(membersOf(securityOf(part)["appArmorProfile"])["type"]);
  const bad = (type: string): boolean => type !== "" && type !== "RuntimeDefault" && type !== "Localhost";
  const badContainers = containers.filter((container) => bad(typeOf(container)));
  const podBad = bad(typeOf(spec));
  const values = new Set([...(podBad ? [typeOf(spec)] : []), ...badContainers.map(typeOf)]);
  const prefix = "container.apparmor.security.beta.kubernetes.io/";
  const badAnnotations = Object.entries(annotations).filter(
    ([key, value]) =>
      key.startsWith(prefix) &&
      value !== "" &&
      value !== "runtime/default" &&
      !value.startsWith("localhost/"),
  );
  const pairs = badAnnotations.map(([key, value]) => `${key}=${JSON.stringify(value)}`).sort();
  const forbidden = [...[...values].sort(), ...pairs].map((value) => `"${value}"`);
  if (forbidden.length === 0) return undefined;
  const places = [setters(podBad, badContainers), pairs.length > 0 ? plural("annotation", pairs) : ""];
  const where = places.filter((place) => place !== "").join(" and ");
  const reason = `forbidden AppArmor ${forbidden.length === 1 ? "profile" : "profiles"}`;
  return { reason, detail: `${where} must not set AppArmor profile type to ${forbidden.join(", ")}` };
}

const BASELINE_CAPABILITIES = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);

function capabilities(container: Members, which: "add" | "drop"): string[] {
  const list = membersOf(securityOf(container)["capabilities"])[which];
  return Array.isArray(list) ? list.map(String) : [];
}

function addedBeyond(
  containers: readonly Members[],
  allowed: ReadonlySet<string>,
): { offenders: Members[]; extra: string[] } {
  const offenders = containers.filter((container) =>
    capabilities(container, "add").some((name) => !allowed.has(name)),
  );
  const extra = new Set(
    offenders.flatMap((container) => capabilities(container, "add").filter((name) => !allowed.has(name))),
  );
  return { offenders, extra: [...extra].sort() };
}

function baselineCapabilities({ containers }: CheckedPod): Violation | undefined {
  const { offenders, extra } = addedBeyond(containers, BASELINE_CAPABILITIES);
  if (offenders.length === 0) return undefined;
  const detail = `${who(offenders)} must not include ${quote(extra)} in securityContext.capabilities.add`;
  return { reason: "non-default capabilities", detail };
}

function restrictedCapabilities({ containers, spec, minor }: CheckedPod): Violation | undefined {
  if (isWindows(spec) && minor >= 25) return undefined;
  const keeping = containers.filter((container) => !capabilities(container, "drop").includes("ALL"));
  const { offenders, extra } = addedBeyond(containers, new Set(["NET_BIND_SERVICE"]));
  const details: string[] = [];
  if (keeping.length > 0) details.push(`${who(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  if (offenders.length > 0) {
    details.push(`${who(offenders)} must not include ${quote(extra)} in securityContext.capabilities.add`);
  }
  return details.length === 0
    ? undefined
    : { reason: "unrestricted capabilities", detail: details.join("; ") };
}

function isWindows(spec: Members): boolean {
  return membersOf(spec["os"])["name"] === "windows";
}

function hostNamespaces({ spec }: CheckedPod): Violation | undefined {
  const set = ["hostNetwork", "hostPID", "hostIPC"].filter((name) => spec[name] === true);
  return set.length === 0
    ? undefined
    : { reason: "host namespaces", detail: set.map((name) => `${name}=true`).join(", ") };
}

function hostPathVolumes({ spec }: CheckedPod): Violation | undefined {
  const names = namesOf(listOf(spec["volumes"]).filter((volume) => volume["hostPath"] !== undefined));
  if (names.length === 0) return undefined;
  return { reason: "hostPath volumes", detail: `${plural("volume", names)} ${quote(names)}` };
}

function hostPorts({ containers }: CheckedPod): Violation | undefined {
  const portsOf = (container: Members): string[] =>
    listOf(container["ports"])
      .map((port) => String(port["hostPort"] ?? 0))
      .filter((port) => port !== "0");
  const offenders = containers.filter((container) => portsOf(container).length > 0);
  if (offenders.length === 0) return undefined;
  const ports = [...new Set(offenders.flatMap(portsOf))].sort();
  const verb = offenders.length === 1 ? "uses" : "use";
  return {
    reason: "hostPort",
    detail: `${who(offenders)} ${verb} ${plural("hostPort", ports)} ${ports.join(", ")}`,
  };
}

function hostProbes({ containers }: CheckedPod): Violation | undefined {
  const hostsOf = (container: Members): string[] => {
    const lifecycle = membersOf(container["lifecycle"]);
    const handlers = ["livenessProbe", "readinessProbe", "startupProbe"].map((name) =>
      membersOf(container[name]),
    );
    handlers.push(membersOf(lifecycle["postStart"]), membersOf(lifecycle["preStop"]));
    return handlers
      .flatMap((handler) =>
        ["httpGet", "tcpSocket"].map((action) => textOf(membersOf(handler[action])["host"])),
      )
      .filter((host) => host !== "");
  };
  const offenders = containers.filter((container) => hostsOf(container).length > 0);
  if (offenders.length === 0) return undefined;
  const hosts = [...new Set(offenders.flatMap(hostsOf))].sort();
  const verb = offenders.length === 1 ? "uses" : "use";
  const what = plural("probe or lifecycle host", hosts);
  return { reason: "probe or lifecycle host", detail: `${who(offenders)} ${verb} ${what} ${quote(hosts)}` };
}

function privileged({ containers }: CheckedPod): Violation | undefined {
  const offenders = containers.filter((container) => securityOf(container)["privileged"] === true);
  if (offenders.length === 0) return undefined;
  return { reason: "privileged", detail: `${who(offenders)} must not set securityContext.privileged=true` };
}

function procMount(pod: CheckedPod): Violation | undefined {
  return pod.spec["hostUsers"] === false && pod.minor >= 35 ? undefined : restrictedProcMount(pod);
}

function restrictedProcMount({ containers }: CheckedPod): Violation | undefined {
  const mountOf = (container: Members): string => textOf(securityOf(container)["procMount"]);
  const offenders = containers.filter(
    (container) => mountOf(container) !== "" && mountOf(container) !== "Default",
  );
  if (offenders.length === 0) return undefined;
  const values = [...new Set(offenders.map(mountOf))].sort();
  return {
    reason: "procMount",
    detail: `${who(offenders)} must not set securityContext.procMount to ${quote(values)}`,
  };
}

function seLinux({ spec, containers, minor }: CheckedPod): Violation | undefined {
  const allowed = new Set([
    "",
    "container_t",
    "container_init_t",
    "container_kvm_t",
    ...(minor >= 31 ? ["container_engine_t"] : []),
  ]);
  const optionsOf = (part: Members): Members => membersOf(securityOf(part)["seLinuxOptions"]);
  const bad = (part: Members): boolean => {
    const { type, user, role } = optionsOf(part);
    return !allowed.has(textOf(type)) || textOf(user) !== "" || textOf(role) !== "";
  };
  const offenders = containers.filter(bad);
  const podBad = bad(spec);
  if (!podBad && offenders.length === 0) return undefined;
  const parts = [...(podBad ? [spec] : []), ...offenders].map(optionsOf);
  const types = [
    ...new Set(parts.map((options) => textOf(options["type"])).filter((type) => !allowed.has(type))),
  ].sort();
  const details: string[] = [];
  if (types.length > 0) details.push(`${plural("type", types)} ${quote(types)}`);
  if (parts.some((options) => textOf(options["user"]) !== "")) details.push("user may not be set");
  if (parts.some((options) => textOf(options["role"]) !== "")) details.push("role may not be set");
  return {
    reason: "seLinuxOptions",
    detail: `${setters(podBad, offenders)} set forbidden securityContext.seLinuxOptions: ${details.join("; ")}`,
  };
}

function seccompOf(part: Members): string | undefined {
  const profile = securityOf(part)["seccompProfile"];
  return profile === undefined || profile === null ? undefined : textOf(membersOf(profile)["type"]);
}

const SECCOMP = new Set(["RuntimeDefault", "Localhost"]);

function baselineSeccomp({ spec, containers }: CheckedPod): Violation | undefined {
  const bad = (part: Members): boolean =>
    seccompOf(part) !== undefined && !SECCOMP.has(seccompOf(part) ?? "");
  const offenders = containers.filter(bad);
  const podBad = bad(spec);
  if (!podBad && offenders.length === 0) return undefined;
  const values = [
    ...new Set([...(podBad ? [spec] : []), ...offenders].map((part) => seccompOf(part) ?? "")),
  ].sort();
  return {
    reason: "seccompProfile",
    detail: `${setters(podBad, offenders)} must not set securityContext.seccompProfile.type to ${quote(values)}`,
  };
}

function restrictedSeccomp({ spec, containers, minor }: CheckedPod): Violation | undefined {
  if (isWindows(spec) && minor >= 25) return undefined;
  const podType = seccompOf(spec);
  const podBad = podType !== undefined && !SECCOMP.has(podType);
  const bad = containers.filter(
    (container) => seccompOf(container) !== undefined && !SECCOMP.has(seccompOf(container) ?? ""),
  );
  if (podBad || bad.length > 0) {
    const values = [
      ...new Set([...(podBad ? [podType] : []), ...bad.map((part) => seccompOf(part) ?? "")]),
    ].sort();
    return {
      reason: "seccompProfile",
      detail: `${setters(podBad, bad)} must not set securityContext.seccompProfile.type to ${quote(values)}`,
    };
  }
  const unset = containers.filter((container) => seccompOf(container) === undefined);
  if (podType !== undefined || unset.length === 0) return undefined;
  const detail = `pod or ${who(unset)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: "seccompProfile", detail };
}

const SYSCTLS: readonly (readonly [since: number, names: string])[] = [
  [
    0,
    "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies net.ipv4.ping_group_range net.ipv4.ip_unprivileged_port_start",
  ],
  [27, "net.ipv4.ip_local_reserved_ports"],
  [
    29,
    "net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes",
  ],
  [32, "net.ipv4.tcp_rmem net.ipv4.tcp_wmem"],
];

function sysctls({ spec, minor }: CheckedPod): Violation | undefined {
  const allowed = new Set(SYSCTLS.flatMap(([since, names]) => (minor >= since ? names.split(" ") : [])));
  const names = namesOf(listOf(securityOf(spec)["sysctls"])).filter((name) => !allowed.has(name));
  return names.length === 0 ? undefined : { reason: "forbidden sysctls", detail: names.join(", ") };
}

function windowsHostProcess({ spec, containers }: CheckedPod): Violation | undefined {
  const set = (part: Members): boolean =>
    membersOf(securityOf(part)["windowsOptions"])["hostProcess"] === true;
  const offenders = containers.filter(set);
  const podBad = set(spec);
  if (!podBad && offenders.length === 0) return undefined;
  return {
    reason: "hostProcess",
    detail: `${setters(podBad, offenders)} must not set securityContext.windowsOptions.hostProcess=true`,
  };
}

function privilegeEscalation({ spec, containers, minor }: CheckedPod): Violation | undefined {
  if (isWindows(spec) && minor >= 25) return undefined;
  const offenders = containers.filter(
    (container) => securityOf(container)["allowPrivilegeEscalation"] !== false,
  );
  if (offenders.length === 0) return undefined;
  const detail = `${who(offenders)} must set securityContext.allowPrivilegeEscalation=false`;
  return { reason: "allowPrivilegeEscalation != false", detail };
}

const VOLUMES = new Set(
  "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret".split(" "),
);

function restrictedVolumes({ spec }: CheckedPod): Violation | undefined {
  const typeOf = (volume: Members): string | undefined => Object.keys(volume).find((key) => key !== "name");
  const offenders = listOf(spec["volumes"]).filter((volume) => !VOLUMES.has(typeOf(volume) ?? "emptyDir"));
  if (offenders.length === 0) return undefined;
  const types = [...new Set(offenders.map((volume) => typeOf(volume) ?? ""))].sort();
  const names = namesOf(offenders);
  const verb = names.length === 1 ? "uses" : "use";
  const detail = `${plural("volume", names)} ${quote(names)} ${verb} restricted volume ${plural("type", types)} ${quote(types)}`;
  return { reason: "restricted volume types", detail };
}

function runAsNonRoot({ spec, containers, minor }: CheckedPod): Violation | undefined {
  if (spec["hostUsers"] === false && minor >= 35) return undefined;
  const of = (part: Members): unknown => securityOf(part)["runAsNonRoot"];
  const rooted = containers.filter((container) => of(container) === false);
  const podRooted = of(spec) === false;
  if (podRooted || rooted.length > 0) {
    return {
      reason: "runAsNonRoot != true",
      detail: `${setters(podRooted, rooted)} must not set securityContext.runAsNonRoot=false`,
    };
  }
  const unset = containers.filter((container) => of(container) !== true);
  if (of(spec) === true || unset.length === 0) return undefined;
  return {
    reason: "runAsNonRoot != true",
    detail: `pod or ${who(unset)} must set securityContext.runAsNonRoot=true`,
  };
}

function runAsUser({ spec, containers, minor }: CheckedPod): Violation | undefined {
  if (spec["hostUsers"] === false && minor >= 35) return undefined;
  const root = (part: Members): boolean => securityOf(part)["runAsUser"] === 0;
  const offenders = containers.filter(root);
  if (!root(spec) && offenders.length === 0) return undefined;
  return { reason: "runAsUser=0", detail: `${setters(root(spec), offenders)} must not set runAsUser=0` };
}

/** The pod of a template or an object, ready for the checks. */
export function checkedPod(metadata: unknown, spec: Members, minor: number): CheckedPod {
  const containers = ["initContainers", "containers", "ephemeralContainers"].flatMap((field) =>
    listOf(spec[field]),
  );
  return { annotations: textsOf(membersOf(metadata)["annotations"]), spec, containers, minor };
}
