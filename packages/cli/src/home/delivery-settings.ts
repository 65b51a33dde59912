import { parseDuration } from "@capstan/kube";
import { CommandError, exitCode } from "../exit-code.js";
import type { DeliveryFlags } from "./delivery-flags.js";
import { featureGates, type ProcessSettings } from "./feature-gates.js";

/**
 * The settings that flags stand for; Secrets without namespace are in `namespace`. Throws `CommandError`.
 */
export function deliverySettings(flags: DeliveryFlags, namespace: string): Partial<ProcessSettings> {
  const gates = featureGates(flags.featureGates ?? "");
  for (const [flag, account] of [
    ["--default-decryption-service-account", flags.defaultDecryptionServiceAccount],
    ["--default-kubeconfig-service-account", flags.defaultKubeconfigServiceAccount],
  ] as const) {
    if (account !== undefined && gates.objectLevelWorkloadIdentity !== true) {
      const message = `${flag} needs --feature-gates=ObjectLevelWorkloadIdentity=true`;
      throw new CommandError(message, exitCode.usage);
    }
  }
  const { sopsAgeSecret, requeueDependency, intervalJitterPercentage } = flags;
  return {
    noCrossNamespaceRefs: flags.crossNamespaceRefs === false,
    defaultServiceAccount: flags.defaultServiceAccount,
    defaultDecryptionServiceAccount: flags.defaultDecryptionServiceAccount,
    defaultKubeConfigServiceAccount: flags.defaultKubeconfigServiceAccount,
    insecureKubeConfigExec: flags.insecureKubeconfigExec ?? false,
    insecureKubeConfigTls: flags.insecureKubeconfigTls ?? false,
    overrideManagers: flags.overrideManager ?? [],
    customStageKinds: (flags.customApplyStageKinds ?? "")
      .split(",")
      .map((kind) => kind.trim())
      .filter(Boolean),
    ...(sopsAgeSecret === undefined ? {} : { sopsAgeSecret: { namespace, name: sopsAgeSecret } }),
    ...(requeueDependency === undefined ? {} : { dependencyRetryMs: durationOf(requeueDependency) }),
    ...(intervalJitterPercentage === undefined ? {} : { intervalJitter: shareOf(intervalJitterPercentage) }),
    ...gates,
  };
}

function durationOf(text: string): number {
  try {
    return parseDuration(text);
  } catch (cause) {
    throw new CommandError(`--requeue-dependency: ${JSON.stringify(text)} is no duration`, exitCode.usage, {
      cause,
    });
  }
}

function shareOf(text: string): number {
  const percentage = Number(text);
  if (text.trim() === "" || !(percentage >= 0 && percentage < 100)) {
    throw new CommandError("--interval-jitter-percentage is at least 0 and below 100", exitCode.usage);
  }
  return percentage / 100;
}
