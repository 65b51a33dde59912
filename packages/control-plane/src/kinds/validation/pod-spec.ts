import { isIP } from "node:net";
import { isDns1123Label, isDns1123Subdomain, isQualifiedName } from "@capstan/kube";
import { listAt, type Members, membersAt, numberAt, textAt, textsAt } from "../members.js";
import {
  type PodContext,
  validateContainers,
  validateEphemeralContainers,
  validateIds,
  validateInitContainers,
  validateProfile,
} from "./containers.js";
import { validateAnnotations, validateLabels } from "./object-meta.js";
import { NOT_IP, type Problems } from "./problems.js";
import { validateAffinity, validateSpread, validateTolerations } from "./scheduling.js";
import { validateVolumes } from "./volumes.js";

const SUBDOMAIN_FIELDS = ["serviceAccountName", "nodeName"];

/** A pod spec, of a pod or of a template. */
export function validatePodSpec(problems: Problems, field: string, spec: Members, isTemplate: boolean): void {
  const volumes = validateVolumes(problems, `${field}.volumes`, listAt(spec, "volumes"));
  const context: PodContext = {
    volumes,
    names: new Set(),
    hostPorts: new Set(),
    hostNetwork: spec["hostNetwork"] === true,
    gracePeriod: numberAt(spec, "terminationGracePeriodSeconds") ?? 30,
    isTemplate,
  };
  validateContainers(problems, field, spec, context);
  validateInitContainers(problems, field, spec, context);
  if (!isTemplate) validateEphemeralContainers(problems, field, spec, context);
  problems.requiredOneOf(`${field}.restartPolicy`, spec["restartPolicy"], ["Always", "OnFailure", "Never"]);
  problems.requiredOneOf(`${field}.dnsPolicy`, spec["dnsPolicy"], [
    "ClusterFirstWithHostNet",
    "ClusterFirst",
    "Default",
    "None",
  ]);
  validateLabels(problems, `${field}.nodeSelector`, membersAt(spec, "nodeSelector"));
  validateSecurityContext(problems, `${field}.securityContext`, spec);
  listAt(spec, "imagePullSecrets").forEach((secret, index) => {
    const extra = Object.keys(secret).some((name) => name !== "name");
    if (extra) problems.invalid(`${field}.imagePullSecrets[${index}]`, secret, "only name may be set");
  });
  validateAffinity(problems, `${field}.affinity`, membersAt(spec, "affinity"));
  validateDns(problems, field, spec);
  validateSpread(problems, `${field}.topologySpreadConstraints`, listAt(spec, "topologySpreadConstraints"));
  for (const name of SUBDOMAIN_FIELDS) {
    if (textAt(spec, name) !== "") problems.names(`${field}.${name}`, textAt(spec, name), isDns1123Subdomain);
  }
  const deadline = spec["activeDeadlineSeconds"];
  problems.range(`${field}.activeDeadlineSeconds`, deadline, 1, 2_147_483_647);
  for (const name of ["hostname", "subdomain"]) {
    if (textAt(spec, name) !== "") problems.names(`${field}.${name}`, textAt(spec, name), isDns1123Label);
  }
  validateTolerations(problems, `${field}.tolerations`, listAt(spec, "tolerations"));
  validateAliases(problems, `${field}.hostAliases`, listAt(spec, "hostAliases"));
  for (const name of ["priorityClassName", "runtimeClassName"]) {
    if (textAt(spec, name) !== "") problems.names(`${field}.${name}`, textAt(spec, name), isDns1123Subdomain);
  }
  validateGates(problems, field, spec);
  validateClaims(problems, field, spec);
  const os = textAt(membersAt(spec, "os"), "name");
  if (membersAt(spec, "os") !== undefined) problems.requiredOneOf(`${field}.os`, os, ["linux", "windows"]);
}

const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

/** Claims of a pod's devices: each names a claim or a template of one. */
function validateClaims(problems: Problems, field: string, spec: Members): void {
  listAt(spec, "resourceClaims").forEach((claim, index) => {
    const [name, template] = [claim["resourceClaimName"] ?? null, claim["resourceClaimTemplateName"] ?? null];
    if ((name === null) !== (template === null)) return;
    const shown = { Name: claim["name"], ResourceClaimName: name, ResourceClaimTemplateName: template };
    problems.invalid(
      `${field}.resourceClaims[${index}]`,
      shown,
      name === null
        ? "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
        : "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified",
    );
  });
}

function validateSecurityContext(problems: Problems, field: string, spec: Members): void {
  const context = membersAt(spec, "securityContext");
  validateIds(problems, field, context);
  const groups = context?.["supplementalGroups"];
  if (Array.isArray(groups)) {
    groups.forEach((group, index) => {
      problems.range(`${field}.supplementalGroups[${index}]`, group, 0, 2_147_483_647);
    });
  }
  if (spec["shareProcessNamespace"] === true && spec["hostPID"] === true) {
    problems.invalid(
      `${field}.shareProcessNamespace`,
      true,
      "ShareProcessNamespace and HostPID cannot both be enabled",
    );
  }
  const sysctls = new Set<string>();
  listAt(context, "sysctls").forEach((sysctl, index) => {
    const name = textAt(sysctl, "name");
    const at = `${field}.sysctls[${index}].name`;
    if (name === "") problems.required(at);
    else if (name.length > 253 || !SYSCTL.test(name)) {
      const shown = SYSCTL.source.replaceAll("\\/", "/");
      problems.invalid(at, name, `must have at most 253 characters and match regex ${shown}`);
    } else if (sysctls.has(name)) problems.duplicate(at, name);
    sysctls.add(name);
  });
  validateProfile(problems, `${field}.seccompProfile`, membersAt(context, "seccompProfile"));
  validateProfile(problems, `${field}.appArmorProfile`, membersAt(context, "appArmorProfile"));
}

function validateDns(problems: Problems, field: string, spec: Members): void {
  const config = membersAt(spec, "dnsConfig");
  const servers = textsAt(config, "nameservers");
  if (spec["dnsPolicy"] === "None") {
    if (config === undefined) {
      problems.required(`${field}.dnsConfig`, "must provide `dnsConfig` when `dnsPolicy` is None");
      return;
    }
    if (servers.length === 0) {
      problems.required(
        `${field}.dnsConfig.nameservers`,
        "must provide at least one DNS nameserver when `dnsPolicy` is None",
      );
    }
  }
  if (servers.length > 3) {
    problems.invalid(`${field}.dnsConfig.nameservers`, servers, "must not have more than 3 nameservers");
  }
  servers.forEach((server, index) => {
    if (isIP(server) === 0) problems.invalid(`${field}.dnsConfig.nameservers[${index}]`, server, NOT_IP);
  });
  const searches = textsAt(config, "searches");
  if (searches.length > 32) {
    problems.invalid(`${field}.dnsConfig.searches`, searches, "must not have more than 32 search paths");
  }
  listAt(config, "options").forEach((option, index) => {
    if (textAt(option, "name") === "")
      problems.required(`${field}.dnsConfig.options[${index}]`, "must not be empty");
  });
}

function validateAliases(problems: Problems, field: string, aliases: readonly Members[]): void {
  aliases.forEach((alias, index) => {
    const ip = textAt(alias, "ip");
    if (isIP(ip) === 0) problems.invalid(`${field}[${index}].ip`, ip, NOT_IP);
    textsAt(alias, "hostnames").forEach((hostname, at) => {
      problems.names(`${field}[${index}].hostnames[${at}]`, hostname, isDns1123Subdomain);
    });
  });
}

function validateGates(problems: Problems, field: string, spec: Members): void {
  listAt(spec, "readinessGates").forEach((gate, index) => {
    problems.names(
      `${field}.readinessGates[${index}].conditionType`,
      textAt(gate, "conditionType"),
      isQualifiedName,
    );
  });
  const seen = new Set<string>();
  const gates = listAt(spec, "schedulingGates");
  gates.forEach((gate, index) => {
    const name = textAt(gate, "name");
    const at = `${field}.schedulingGates[${index}].name`;
    problems.names(at, name, isQualifiedName);
    if (seen.has(name)) problems.duplicate(at.replace(/\.name$/, ""), name);
    seen.add(name);
  });
  if (gates.length > 0 && textAt(spec, "nodeName") !== "") {
    problems.forbidden(`${field}.nodeName`, "cannot be set until all schedulingGates have been cleared");
  }
}

/** The template of a workload: labels, annotations and a spec. */
export function validatePodTemplate(problems: Problems, field: string, template: Members | undefined): void {
  const metadata = membersAt(template, "metadata");
  validateLabels(problems, `${field}.labels`, membersAt(metadata, "labels"));
  validateAnnotations(problems, `${field}.annotations`, membersAt(metadata, "annotations"));
  const spec = membersAt(template, "spec") ?? {};
  validatePodSpec(problems, `${field}.spec`, spec, true);
  if (listAt(spec, "ephemeralContainers").length > 0) {
    problems.forbidden(
      `${field}.spec.ephemeralContainers`,
      "ephemeral containers not allowed in pod template",
    );
  }
}
