import type { DeliverySettings, HelmSettings } from "@capstan/delivery";
import { CommandError, exitCode } from "../exit-code.js";

/** What applies to every Kustomization and HelmRelease of a process. */
export type ProcessSettings = DeliverySettings & HelmSettings;

/** What a gate of Flux's controllers means here. */
interface Gate {
  /** What it is without being named. */
  readonly byDefault: boolean;
  /** The settings that it changes; none: it is about a cost that does not arise here. */
  readonly settings?: (on: boolean) => Partial<ProcessSettings>;
  /** Why it cannot be switched from its default. */
  readonly fixed?: string;
}

const GATES: Readonly<Record<string, Gate>> = {
  AdditiveCELDependencyCheck: {
    byDefault: false,
    settings: (on) => ({ additiveDependencyCheck: on }),
  },
  AdoptLegacyReleases: { byDefault: false },
  AllowDNSLookups: { byDefault: false, fixed: "templates ask no name servers" },
  CacheSecretsAndConfigMaps: { byDefault: false },
  CancelHealthCheckOnNewRevision: {
    byDefault: true,
    fixed: "a new revision is always taken up at once",
  },
  CorrectDrift: { byDefault: false, fixed: "say so in spec.driftDetection" },
  DefaultToRetryOnFailure: { byDefault: false, settings: (on) => ({ defaultToRetryOnFailure: on }) },
  DetectDrift: { byDefault: false, fixed: "say so in spec.driftDetection" },
  DirectSourceFetch: { byDefault: false },
  DisableChartDigestTracking: { byDefault: false, settings: (on) => ({ disableChartDigestTracking: on }) },
  DisableConfigWatchers: { byDefault: false },
  DisableFailFastBehavior: { byDefault: false, settings: (on) => ({ failFast: !on }) },
  DisableStatusPollerCache: { byDefault: true },
  ExternalArtifact: { byDefault: true, settings: (on) => ({ allowExternalArtifact: on }) },
  GroupChangeLog: { byDefault: false },
  MigrateAPIVersion: { byDefault: false },
  OOMWatch: { byDefault: false },
  ObjectLevelWorkloadIdentity: {
    byDefault: false,
    settings: (on) => ({ objectLevelWorkloadIdentity: on }),
  },
  StrictPostBuildSubstitutions: { byDefault: true, settings: (on) => ({ strictSubstitutions: on }) },
  UseHelm3Defaults: { byDefault: false, fixed: "say so in the spec of a HelmRelease" },
};

/**
 * The settings of `--feature-gates=Name=true,Other=false`, the gates that Flux's kustomize-controller and
 * helm-controller know.
 * Throws `CommandError` for others, and for those that cannot be switched.
 */
export function featureGates(text: string): Partial<ProcessSettings> {
  let settings: Partial<ProcessSettings> = {};
  for (const entry of text.split(",")) {
    const [name = "", value = "", ...rest] = entry.trim().split("=");
    if (entry.trim() === "") continue;
    const gate = Object.hasOwn(GATES, name) ? GATES[name] : undefined;
    if (gate === undefined) throw usage(`${JSON.stringify(name)} is no feature gate; there are ${names()}`);
    if (rest.length > 0 || !/^(?:true|false)$/i.test(value)) {
      throw usage(`the feature gate ${name} is true or false, not ${JSON.stringify(value)}`);
    }
    const on = value.toLowerCase() === "true";
    if (gate.fixed !== undefined && on !== gate.byDefault) {
      throw usage(`the feature gate ${name} cannot be ${on}: ${gate.fixed}`);
    }
    settings = { ...settings, ...gate.settings?.(on) };
  }
  return settings;
}

function names(): string {
  return Object.keys(GATES).join(", ");
}

function usage(message: string): CommandError {
  return new CommandError(message, exitCode.usage);
}
