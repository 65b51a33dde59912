import {
  type KubeObject,
  type LabelSelectorObject,
  labelSelectorFromObject,
  matchesLabels,
} from "@capstan/kube";
import type { EquivalentKinds } from "../registry/equivalent-kinds.js";
import type { ServedKind } from "../registry/kind.js";
import type { AdmissionRequest } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { listOf, type Members, membersOf, textOf } from "./members.js";

/** Kinds that admission policies and webhooks never see, so that nobody locks themselves out. */
const EXEMPT = new Set([
  "validatingwebhookconfigurations",
  "mutatingwebhookconfigurations",
  "validatingadmissionpolicies",
  "validatingadmissionpolicybindings",
  "mutatingadmissionpolicies",
  "mutatingadmissionpolicybindings",
]);

export function isExempt({ kind }: AdmissionRequest): boolean {
  return kind.group === "admissionregistration.k8s.io" && EXEMPT.has(kind.resource);
}

/** What a request is matched against: the stored state, and the versions that are the same kind. */
export interface MatchParts {
  readonly state: AdmissionState;
  readonly versions: EquivalentKinds;
}

/**
 * The version at which rules and selectors (`MatchResources`, or those of a webhook) select a request: its
 * own where a rule names it, else another one of the same kind; undefined where they do not.
 */
export function matchedKind(
  match: Members,
  request: AdmissionRequest,
  parts: MatchParts,
  rules: readonly Members[] = listOf(match["resourceRules"]),
): ServedKind | undefined {
  const kinds = kindsOf(match, request, parts);
  const excluded = listOf(match["excludeResourceRules"]);
  if (kinds.some((kind) => excluded.some((rule) => matchesRule(rule, request, kind)))) return undefined;
  const found =
    rules.length === 0
      ? request.kind
      : kinds.find((kind) => rules.some((rule) => matchesRule(rule, request, kind)));
  const selected =
    found !== undefined &&
    selectsNamespace(match["namespaceSelector"], request, parts.state) &&
    selectsObject(match["objectSelector"], request);
  return selected ? found : undefined;
}

/** Whether rules alone match a request at any of the versions that they may match it at. */
export function matchesRules(
  match: Members,
  request: AdmissionRequest,
  parts: MatchParts,
  rules: readonly Members[],
): boolean {
  return kindsOf(match, request, parts).some((kind) =>
    rules.some((rule) => matchesRule(rule, request, kind)),
  );
}

function kindsOf(match: Members, request: AdmissionRequest, parts: MatchParts): readonly ServedKind[] {
  const { kind } = request;
  return match["matchPolicy"] === "Exact" ? [kind] : [kind, ...parts.versions(kind)];
}

function matchesRule(rule: Members, request: AdmissionRequest, kind: ServedKind): boolean {
  const { operation, subresource, name } = request;
  const names = texts(rule["resourceNames"]);
  return (
    includes(rule["operations"], operation) &&
    includes(rule["apiGroups"], kind.group) &&
    includes(rule["apiVersions"], kind.version) &&
    texts(rule["resources"]).some((resource) => matchesResource(resource, kind.resource, subresource)) &&
    matchesScope(textOf(rule["scope"]), request) &&
    (names.length === 0 || names.includes(name))
  );
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function includes(list: unknown, value: string): boolean {
  return texts(list).some((item) => item === "*" || item === value);
}

function matchesResource(pattern: string, resource: string, subresource: string | undefined): boolean {
  const [wantedResource = "", wantedPart] = pattern.split("/", 2);
  if (wantedResource !== "*" && wantedResource !== resource) return false;
  if (wantedPart === undefined) return subresource === undefined;
  return wantedPart === "*" || wantedPart === subresource;
}

function matchesScope(scope: string, { kind }: AdmissionRequest): boolean {
  if (scope === "" || scope === "*") return true;
  return (scope === "Namespaced") === kind.namespaced;
}

function selectsNamespace(selector: unknown, request: AdmissionRequest, state: AdmissionState): boolean {
  if (isEverything(selector)) return true;
  const { kind, namespace, object, oldObject } = request;
  const parsed = labelSelectorFromObject(selector as LabelSelectorObject);
  if (kind.group === "" && kind.resource === "namespaces") {
    return [object, oldObject].some((candidate) => candidate && matchesLabels(parsed, labelsOf(candidate)));
  }
  if (namespace === undefined) return true;
  const found = state.get("", "namespaces", undefined, namespace);
  return matchesLabels(parsed, found ? labelsOf(found) : {});
}

function selectsObject(selector: unknown, { object, oldObject }: AdmissionRequest): boolean {
  if (isEverything(selector)) return true;
  const parsed = labelSelectorFromObject(selector as LabelSelectorObject);
  // Options of a connection have no labels, and no metadata to have them in.
  return [object, oldObject].some(
    (candidate) => candidate?.metadata !== undefined && matchesLabels(parsed, labelsOf(candidate)),
  );
}

function isEverything(selector: unknown): boolean {
  const { matchLabels, matchExpressions } = membersOf(selector);
  return Object.keys(membersOf(matchLabels)).length === 0 && listOf(matchExpressions).length === 0;
}

function labelsOf(object: KubeObject): Readonly<Record<string, string>> {
  return object.metadata.labels ?? {};
}
