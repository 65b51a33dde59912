import type { Command } from "commander";

/** Flags of the controllers that say how Kustomizations and HelmReleases are handled, as Flux names them. */
export interface DeliveryFlags {
  /** `false` where `--no-cross-namespace-refs` is given. */
  readonly crossNamespaceRefs?: boolean;
  readonly defaultServiceAccount?: string;
  readonly defaultDecryptionServiceAccount?: string;
  readonly defaultKubeconfigServiceAccount?: string;
  readonly sopsAgeSecret?: string;
  readonly insecureKubeconfigExec?: boolean;
  readonly insecureKubeconfigTls?: boolean;
  readonly overrideManager?: readonly string[];
  readonly customApplyStageKinds?: string;
  readonly requeueDependency?: string;
  readonly intervalJitterPercentage?: string;
  readonly featureGates?: string;
  readonly remoteBases?: boolean;
}

/** Adds the flags to a command. */
export function addDeliveryFlags(command: Command): Command {
  return command
    .option("--no-cross-namespace-refs", "refuse references to other namespaces")
    .option("--remote-bases", "let kustomizations load bases and files from the network")
    .option("--no-remote-bases", "refuse remote bases, as happens unless they are allowed")
    .option("--default-service-account <name>", "impersonated where a Kustomization names none")
    .option("--default-decryption-service-account <name>", "stands for Kustomizations at key services")
    .option("--default-kubeconfig-service-account <name>", "stands for Kustomizations at other clusters")
    .option("--sops-age-secret <name>", "Secret with age identities for whoever names none")
    .option("--insecure-kubeconfig-exec", "run programs that kubeconfigs in the API name")
    .option("--insecure-kubeconfig-tls", "let kubeconfigs in the API turn off TLS verification")
    .option("--override-manager <name>", "field manager that is undone (may be repeated)", collect, [])
    .option("--custom-apply-stage-kinds <kinds>", "kinds applied in a stage of their own: group/Kind,…")
    .option("--requeue-dependency <duration>", "time between looks at what is not ready", "30s")
    .option("--interval-jitter-percentage <number>", "share by which intervals are spread", "5")
    .option("--feature-gates <gates>", "Name=true,Other=false");
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
