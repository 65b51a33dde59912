import { parseYaml } from "@capstan/kube";
import type { Json } from "../api.js";
import { type Check, check, holds, refuses } from "../check.js";
import { core } from "./validation-core.js";
import { definitions } from "./validation-definitions.js";
import { others } from "./validation-others.js";
import { pods } from "./validation-pods.js";
import { workloads } from "./validation-workloads.js";

/** By resource and group version: what a row is about, the object as YAML, the problems it must be told. */
export type Refusals = Readonly<
  Record<string, readonly (readonly [name: string, object: string, ...messages: string[]])[]>
>;

const CLUSTER_WIDE = new Set([
  "apiservices",
  "certificatesigningrequests",
  "clusterroles",
  "csidrivers",
  "customresourcedefinitions",
  "flowschemas",
  "mutatingwebhookconfigurations",
  "namespaces",
  "persistentvolumes",
  "prioritylevelconfigurations",
  "priorityclasses",
  "runtimeclasses",
  "storageclasses",
  "validatingadmissionpolicies",
  "validatingadmissionpolicybindings",
  "validatingwebhookconfigurations",
  "volumeattachments",
]);

export const validation: readonly Check[] = Object.entries({
  ...pods,
  ...core,
  ...workloads,
  ...others,
  ...definitions,
}).flatMap(([at, rows]) => rows.map(([name, object, ...messages]) => refusal(at, name, object, messages)));

function refusal(at: string, name: string, text: string, messages: readonly string[]): Check {
  const [resource = "", groupVersion = ""] = at.split(" ");
  return check(
    `${resource} are validated: ${name}`,
    `reference/kubernetes-api: ${groupVersion} ${resource}`,
    async ({ api, path }) => {
      const body = parseYaml(
        text.replace("LONG253", "a".repeat(254)).replace("LONG53", "a".repeat(53)),
      ) as Json;
      const { name: given = "a", ...metadata } = body.metadata ?? {};
      const object = { ...body, metadata: given === "" ? metadata : { ...metadata, name: given } };
      const root = groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
      const answer = await api.post(
        CLUSTER_WIDE.has(resource) ? `${root}/${resource}` : path(resource, groupVersion),
        object,
      );
      const causes = (refuses(answer, 422).details?.causes ?? []) as { field: string; message: string }[];
      const told = causes.map(({ field, message }) => `${field}: ${message}`);
      for (const message of messages) {
        holds(
          told.some((each) => each.startsWith(message)),
          `it is told ${JSON.stringify(message)}; told: ${JSON.stringify(told)}`,
        );
      }
      const surplus = told.filter((each) => !messages.some((message) => each.startsWith(message)));
      holds(surplus.length === 0, `nothing else is told: ${JSON.stringify(surplus)}`);
    },
  );
}
