import { isDns1035Label, isDns1123Label, isDns1123Subdomain } from "@capstan/kube";
import { canonicalIpMessages } from "./addresses.js";

type NameRule = (name: string) => readonly string[];

/** A name that is one segment of a path and nothing more. */
export function pathSegmentMessages(name: string): readonly string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"].filter((char) => name.includes(char)).map((char) => `may not contain '${char}'`);
}

const cronJobName: NameRule = (name) =>
  name.length > 52
    ? [...isDns1123Subdomain(name), "must be no more than 52 characters"]
    : isDns1123Subdomain(name);

/** Any name: the kind's own rules check it. */
const anything: NameRule = () => [];

const RULES: Readonly<Record<string, NameRule>> = {
  "core.v1.Namespace": isDns1123Label,
  "core.v1.Service": isDns1035Label,
  "apps.v1.StatefulSet": isDns1123Label,
  "batch.v1.CronJob": cronJobName,
  "rbac.v1.ClusterRole": pathSegmentMessages,
  "rbac.v1.ClusterRoleBinding": pathSegmentMessages,
  "rbac.v1.Role": pathSegmentMessages,
  "rbac.v1.RoleBinding": pathSegmentMessages,
  "apiextensions.v1.CustomResourceDefinition": anything,
  "apiregistration.v1.APIService": pathSegmentMessages,
  "core.v1.ComponentStatus": anything,
  "certificates.v1.CertificateSigningRequest": pathSegmentMessages,
  "networking.v1.IPAddress": canonicalIpMessages,
};

/** What objects of a published type may be called. */
export function nameRule(message: string): NameRule {
  return RULES[message] ?? isDns1123Subdomain;
}
