import { KustomizeError } from "../errors.js";
import { generateMap } from "../generators/generate.js";
import { generateHelmChart } from "../generators/helm-chart.js";
import { decodeAs, struct, text } from "../kustomization/decode.js";
import {
  configMapArgsDecoder,
  type GeneratorArgs,
  helmPluginDecoder,
  secretArgsDecoder,
} from "../kustomization/types.js";
import { Resource } from "../resource/resource.js";
import { newMap, newScalar, newString } from "../yaml/node.js";
import type { BuildContext } from "./context.js";
import { type PluginInput, readConfig } from "./plugin-input.js";

/** A step that makes resources. */
export interface Generator {
  readonly kind: string;
  generate(): Promise<Resource[]>;
}

/** The built-in generators, by kind. */
export const GENERATOR_PLUGINS: ReadonlyMap<string, (input: PluginInput) => Generator> = new Map([
  ["ConfigMapGenerator", (input: PluginInput) => mapPlugin(input, "ConfigMap")],
  ["SecretGenerator", (input: PluginInput) => mapPlugin(input, "Secret")],
  ["HelmChartInflationGenerator", helmPlugin],
  ["IAMPolicyGenerator", iamPlugin],
]);

function mapPlugin(input: PluginInput, kind: "ConfigMap" | "Secret"): Generator {
  const decoder = kind === "Secret" ? secretArgsDecoder : configMapArgsDecoder;
  const written: GeneratorArgs = decodeAs(decoder, input.config, "Generator", {
    strict: false,
    coerce: true,
  });
  const { resource, loader, context } = input;
  const args: GeneratorArgs = {
    ...written,
    name: written.name || resource.name,
    namespace: written.namespace || resource.namespace,
  };
  return {
    kind: `${kind}Generator`,
    generate: async () => [await generateMap(kind, args, loader, context.scopes, resource.file)],
  };
}

function helmPlugin(input: PluginInput): Generator {
  const chart = decodeAs(helmPluginDecoder, input.config, "HelmChart", { strict: false, coerce: true });
  const { resource, loader, context } = input;
  return {
    kind: "HelmChartInflationGenerator",
    generate: () => generateHelmChart(chart, loader, context.inflateHelmChart, context.scopes, resource.file),
  };
}

interface IamConfig {
  readonly cloud?: string;
  readonly kubernetesService?: { readonly namespace?: string; readonly name?: string };
  readonly serviceAccount?: { readonly name?: string; readonly projectId?: string };
}

function iamPlugin(input: PluginInput): Generator {
  const config = readConfig<IamConfig>(input, {
    cloud: text,
    kubernetesService: struct<NonNullable<IamConfig["kubernetesService"]>>("KubernetesService", {
      namespace: text,
      name: text,
    }),
    serviceAccount: struct<NonNullable<IamConfig["serviceAccount"]>>("ServiceAccount", {
      name: text,
      projectId: text,
    }),
  });
  const { resource, context } = input;
  return {
    kind: "IAMPolicyGenerator",
    generate: async () => {
      if (config.cloud !== "gke") {
        throw new KustomizeError("generator", `cloud provider ${config.cloud ?? ""} not supported yet`);
      }
      return [iamServiceAccount(config, resource.file, context)];
    },
  };
}

function iamServiceAccount(config: IamConfig, file: string, context: BuildContext): Resource {
  const { name = "", projectId = "" } = config.serviceAccount ?? {};
  const made = new Resource(newMap(), file, 0, context.scopes);
  made.node.content.push(
    newScalar("apiVersion"),
    newString("v1"),
    newScalar("kind"),
    newString("ServiceAccount"),
  );
  made.setAnnotations(
    new Map([["iam.gke.io/gcp-service-account", `${name}@${projectId}.iam.gserviceaccount.com`]]),
  );
  made.setName(config.kubernetesService?.name ?? "");
  made.setNamespace(config.kubernetesService?.namespace ?? "");
  return made;
}
