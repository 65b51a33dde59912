import { isDns1123Label } from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt, textsAt } from "../members.js";
import { validateEnv } from "./env.js";
import { goValue } from "./go-value.js";
import { validateHandler, validateProbe } from "./probes.js";
import { type Problems, portNameMessages } from "./problems.js";
import { validateResources } from "./resources.js";
import { validateMounts } from "./volumes.js";

/** What containers of one pod share. */
export interface PodContext {
  readonly volumes: ReadonlyMap<string, string>;
  readonly names: Set<string>;
  readonly hostPorts: Set<string>;
  readonly hostNetwork: boolean;
  readonly gracePeriod: number;
  readonly isTemplate: boolean;
}

/** The main containers of a pod; there must be one. */
export function validateContainers(
  problems: Problems,
  field: string,
  spec: Members,
  context: PodContext,
): void {
  const containers = listAt(spec, "containers");
  if (containers.length === 0) problems.required(`${field}.containers`);
  containers.forEach((container, index) => {
    const at = `${field}.containers[${index}]`;
    validateCommon(problems, at, container, context);
    validateLifecycle(problems, at, container, context.gracePeriod);
    for (const name of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
      validateProbe(problems, at, name, membersAt(container, name), context.gracePeriod);
    }
  });
}

const ONLY_SIDECARS = "may not be set for init containers without restartPolicy=Always";

/** Containers that run before the main ones, or beside them where they always restart. */
export function validateInitContainers(
  problems: Problems,
  field: string,
  spec: Members,
  context: PodContext,
): void {
  listAt(spec, "initContainers").forEach((container, index) => {
    const at = `${field}.initContainers[${index}]`;
    const isSidecar = container["restartPolicy"] === "Always";
    validateCommon(problems, at, container, context);
    if (isSidecar) validateLifecycle(problems, at, container, context.gracePeriod);
    else if (membersAt(container, "lifecycle") !== undefined)
      problems.forbidden(`${at}.lifecycle`, ONLY_SIDECARS);
    for (const name of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
      const probe = membersAt(container, name);
      if (isSidecar) validateProbe(problems, at, name, probe, context.gracePeriod);
      else if (probe !== undefined) problems.forbidden(`${at}.${name}`, ONLY_SIDECARS);
    }
  });
}

/** What a container that is put into a running pod may not have, in the order in which it is told. */
const NOT_EPHEMERAL = [
  "ports",
  "resources",
  "resizePolicy",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
];
const EPHEMERAL = "cannot be set for an Ephemeral Container";

/** Containers that are put into a pod that runs. */
export function validateEphemeralContainers(
  problems: Problems,
  field: string,
  spec: Members,
  context: PodContext,
): void {
  const targets = new Set(
    [...listAt(spec, "containers"), ...listAt(spec, "initContainers")].map((each) => textAt(each, "name")),
  );
  listAt(spec, "ephemeralContainers").forEach((container, index) => {
    const at = `${field}.ephemeralContainers[${index}]`;
    validateCommon(problems, at, container, context);
    const target = textAt(container, "targetContainerName");
    if (target !== "" && !targets.has(target)) problems.notFound(`${at}.targetContainerName`, target);
    for (const name of NOT_EPHEMERAL) {
      const value = container[name];
      if (isSet(value)) problems.forbidden(`${at}.${name}`, EPHEMERAL);
    }
    listAt(container, "volumeMounts").forEach((mount, place) => {
      for (const name of ["subPath", "subPathExpr"]) {
        if (textAt(mount, name) !== "") problems.forbidden(`${at}.volumeMounts[${place}].${name}`, EPHEMERAL);
      }
    });
  });
}

function isSet(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function validateCommon(problems: Problems, field: string, container: Members, context: PodContext): void {
  const name = textAt(container, "name");
  if (name === "") problems.required(`${field}.name`);
  else {
    problems.names(`${field}.name`, name, isDns1123Label);
  }
  const image = textAt(container, "image");
  if (image === "") problems.required(`${field}.image`);
  else if (image !== image.trim() && !context.isTemplate) {
    problems.invalid(`${field}.image`, image, "must not have leading or trailing whitespace");
  }
  problems.requiredOneOf(`${field}.terminationMessagePolicy`, container["terminationMessagePolicy"], [
    "File",
    "FallbackToLogsOnError",
  ]);
  validatePorts(problems, field, container, context);
  validateEnv(problems, field, container);
  validateMounts(problems, field, container, context.volumes);
  problems.requiredOneOf(`${field}.imagePullPolicy`, container["imagePullPolicy"], [
    "Always",
    "IfNotPresent",
    "Never",
  ]);
  validateResources(problems, `${field}.resources`, membersAt(container, "resources"));
  validateSecurity(problems, `${field}.securityContext`, membersAt(container, "securityContext"));
  const restart = container["restartPolicy"];
  if (restart !== undefined)
    problems.oneOf(`${field}.restartPolicy`, restart, ["Always", "Never", "OnFailure"]);
  if (name !== "" && context.names.has(name)) problems.duplicate(`${field}.name`, name);
  context.names.add(name);
}

function validatePorts(problems: Problems, field: string, container: Members, context: PodContext): void {
  const names = new Set<string>();
  listAt(container, "ports").forEach((port, index) => {
    const at = `${field}.ports[${index}]`;
    const name = textAt(port, "name");
    if (name !== "") {
      const messages = portNameMessages(name);
      for (const message of messages) problems.invalid(`${at}.name`, name, message);
      if (messages.length === 0 && names.has(name)) problems.duplicate(`${at}.name`, name);
      names.add(name);
    }
    const containerPort = numberAt(port, "containerPort") ?? 0;
    if (containerPort === 0) problems.required(`${at}.containerPort`);
    else problems.port(`${at}.containerPort`, containerPort);
    problems.requiredOneOf(`${at}.protocol`, port["protocol"], ["SCTP", "TCP", "UDP"]);
    validateHostPort(problems, at, port, context);
  });
}

function validateHostPort(problems: Problems, field: string, port: Members, context: PodContext): void {
  const hostPort = numberAt(port, "hostPort") ?? 0;
  if (hostPort === 0) return;
  problems.port(`${field}.hostPort`, hostPort);
  if (context.hostNetwork && hostPort !== port["containerPort"]) {
    problems.invalid(`${field}.hostPort`, hostPort, "must match `containerPort` when `hostNetwork` is true");
  }
  const key = `${textAt(port, "protocol")}/${textAt(port, "hostIP")}/${hostPort}`;
  if (context.hostPorts.has(key)) problems.duplicate(`${field}.hostPort`, key);
  context.hostPorts.add(key);
}

function validateLifecycle(problems: Problems, field: string, container: Members, gracePeriod: number): void {
  const lifecycle = membersAt(container, "lifecycle");
  for (const name of ["postStart", "preStop"]) {
    const handler = membersAt(lifecycle, name);
    if (handler !== undefined) validateHandler(problems, `${field}.lifecycle.${name}`, handler, gracePeriod);
  }
}

const MAX_ID = 2_147_483_647;

/** Identities that processes run as. */
export function validateIds(problems: Problems, field: string, context: Members | undefined): void {
  for (const name of ["runAsUser", "runAsGroup", "fsGroup"]) {
    problems.range(`${field}.${name}`, context?.[name], 0, MAX_ID);
  }
}

/** A seccomp or AppArmor profile. */
export function validateProfile(problems: Problems, field: string, profile: Members | undefined): void {
  if (profile === undefined) return;
  const local = profile["localhostProfile"];
  const what = field.endsWith("seccompProfile") ? "seccomp" : "AppArmor";
  problems.requiredOneOf(
    `${field}.type`,
    profile["type"],
    ["Localhost", "RuntimeDefault", "Unconfined"],
    "type is required when seccompProfile is set",
  );
  if (profile["type"] === "Localhost" && (local === undefined || local === "")) {
    problems.required(`${field}.localhostProfile`, `must be set when ${what} type is Localhost`);
  } else if (profile["type"] !== "Localhost" && local !== undefined) {
    problems.invalid(`${field}.localhostProfile`, local, `can only be set when ${what} type is Localhost`);
  }
}

function validateSecurity(problems: Problems, field: string, context: Members | undefined): void {
  if (context === undefined) return;
  validateIds(problems, field, context);
  if (context["procMount"] !== undefined)
    problems.oneOf(`${field}.procMount`, context["procMount"], ["Default", "Unmasked"]);
  validateProfile(problems, `${field}.seccompProfile`, membersAt(context, "seccompProfile"));
  validateProfile(problems, `${field}.appArmorProfile`, membersAt(context, "appArmorProfile"));
  if (context["allowPrivilegeEscalation"] !== false) return;
  const printed = goValue("core.v1.SecurityContext", context);
  if (context["privileged"] === true) {
    problems.invalid(
      field,
      printed,
      "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
    );
  }
  if (textsAt(membersAt(context, "capabilities"), "add").includes("CAP_SYS_ADMIN")) {
    problems.invalid(
      field,
      printed,
      "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
    );
  }
}
