import { deepEqual, isDns1123Subdomain, type KubeObject } from "@capstan/kube";
import { listAt, type Members, membersAt, textAt, textsAt } from "../members.js";
import { pathSegmentMessages } from "./names.js";
import type { Problems } from "./problems.js";

const RBAC = "rbac.authorization.k8s.io";

export function validateRole(problems: Problems, object: KubeObject): void {
  const namespaced = object.kind === "Role";
  listAt(object as Members, "rules").forEach((rule, index) => {
    const at = `rules[${index}]`;
    const paths = textsAt(rule, "nonResourceURLs");
    if (textsAt(rule, "verbs").length === 0)
      problems.required(`${at}.verbs`, "verbs must contain at least one value");
    if (paths.length > 0) {
      if (namespaced) {
        problems.invalid(
          `${at}.nonResourceURLs`,
          paths,
          "namespaced rules cannot apply to non-resource URLs",
        );
      }
      const mixed = ["apiGroups", "resources", "resourceNames"].some(
        (name) => textsAt(rule, name).length > 0,
      );
      if (mixed) {
        problems.invalid(
          `${at}.nonResourceURLs`,
          paths,
          "rules cannot apply to both regular resources and non-resource URLs",
        );
      }
      return;
    }
    if (textsAt(rule, "apiGroups").length === 0) {
      problems.required(`${at}.apiGroups`, "resource rules must supply at least one api group");
    }
    if (textsAt(rule, "resources").length === 0) {
      problems.required(`${at}.resources`, "resource rules must supply at least one resource");
    }
  });
}

export function validateRoleBinding(problems: Problems, object: KubeObject): void {
  const clusterWide = object.kind === "ClusterRoleBinding";
  const role = membersAt(object as Members, "roleRef");
  problems.oneOf("roleRef.apiGroup", textAt(role, "apiGroup"), [RBAC]);
  problems.oneOf(
    "roleRef.kind",
    textAt(role, "kind"),
    clusterWide ? ["ClusterRole"] : ["Role", "ClusterRole"],
  );
  const name = textAt(role, "name");
  if (name === "") problems.required("roleRef.name");
  else problems.names("roleRef.name", name, pathSegmentMessages);
  listAt(object as Members, "subjects").forEach((subject, index) => {
    validateSubject(problems, `subjects[${index}]`, subject, clusterWide);
  });
}

function validateSubject(problems: Problems, field: string, subject: Members, clusterWide: boolean): void {
  const name = textAt(subject, "name");
  const kind = textAt(subject, "kind");
  const group = textAt(subject, "apiGroup");
  if (name === "") problems.required(`${field}.name`);
  if (kind === "ServiceAccount") {
    if (name !== "") problems.names(`${field}.name`, name, isDns1123Subdomain);
    if (group !== "") problems.unsupported(`${field}.apiGroup`, group, [""]);
    if (clusterWide && textAt(subject, "namespace") === "") problems.required(`${field}.namespace`);
  } else if (kind === "User" || kind === "Group") {
    if (group !== RBAC) problems.unsupported(`${field}.apiGroup`, group, [RBAC]);
  } else problems.unsupported(`${field}.kind`, kind, ["ServiceAccount", "User", "Group"]);
}

export function validateRoleBindingUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  const [role, before] = [membersAt(next as Members, "roleRef"), membersAt(previous as Members, "roleRef")];
  if (deepEqual(role, before)) return;
  const printed = {
    APIGroup: textAt(role, "apiGroup"),
    Kind: textAt(role, "kind"),
    Name: textAt(role, "name"),
  };
  problems.invalid("roleRef", printed, "cannot change roleRef");
}
