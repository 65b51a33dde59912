import { type Command, Option } from "commander";
import { CommandError, exitCode } from "../exit-code.js";

/** A flag of Flux's controllers that has no part here. */
interface ForeignFlag {
  /** What it takes; nothing, for one that is on by being there. */
  readonly takes?: string;
  /** What holds in its place; said to whoever gives it. */
  readonly instead: string;
  /** Values that say what holds anyway; any other is refused, as it would promise what is not done. */
  readonly only?: readonly string[];
}

const COSTS = "requests are bounded by how many objects are handled at a time (--concurrent)";
const LEASE = "leases last 35s, are renewed within 30s, and are released at the end";
const RETRIES = "unexpected failures are retried after 750ms, and later each time, up to 15m";
const TOKENS = "tokens of clouds are kept until shortly before they expire";
const MEMORY = "builds have bounds of their own on memory and time";
const CHARTS = "charts and indexes have fixed bounds, and are kept as long as they are used";

const FOREIGN: Readonly<Record<string, ForeignFlag>> = {
  "events-addr": { takes: "url", instead: "events are written to the Kubernetes API alone" },
  "metrics-addr": { takes: "address", instead: "metrics are served at --health-addr, under /metrics" },
  "log-level": { takes: "level", instead: "everything is logged" },
  "log-encoding": { takes: "encoding", instead: "logs are JSON", only: ["json"] },
  "storage-path": { takes: "directory", instead: "artifacts are kept in --data-dir" },
  "watch-all-namespaces": { takes: "bool", instead: "all namespaces are watched", only: ["true"] },
  "watch-configs-label-selector": {
    takes: "selector",
    instead: "changes of ConfigMaps and Secrets count where reconcile.fluxcd.io/watch is Enabled",
    only: ["reconcile.fluxcd.io/watch=Enabled"],
  },
  "sops-vault-configmap": {
    takes: "name",
    instead: "Vaults are asked with the sops.vault-token of a Kustomization's Secret",
    only: [],
  },
  "concurrent-ssa": { takes: "number", instead: COSTS },
  "kube-api-qps": { takes: "number", instead: COSTS },
  "kube-api-burst": { takes: "number", instead: COSTS },
  "min-retry-delay": { takes: "duration", instead: RETRIES },
  "max-retry-delay": { takes: "duration", instead: RETRIES },
  "http-retry": {
    takes: "number",
    instead: "an artifact that cannot be fetched is asked for again by the next run",
  },
  "http-timeout": { takes: "duration", instead: "artifacts are fetched within the timeout of the run" },
  "graceful-shutdown-timeout": {
    takes: "duration",
    instead: "runs are ended, and taken up again at the next start",
  },
  "leader-election-release-on-cancel": { takes: "bool", instead: LEASE },
  "leader-election-lease-duration": { takes: "duration", instead: LEASE },
  "leader-election-renew-deadline": { takes: "duration", instead: LEASE },
  "leader-election-retry-period": { takes: "duration", instead: LEASE },
  "token-cache-max-size": { takes: "number", instead: TOKENS },
  "token-cache-max-duration": { takes: "duration", instead: TOKENS },
  "oom-watch-memory-threshold": { takes: "number", instead: MEMORY },
  "oom-watch-interval": { takes: "duration", instead: MEMORY },
  "oom-watch-max-memory-path": { takes: "path", instead: MEMORY },
  "oom-watch-current-memory-path": { takes: "path", instead: MEMORY },
  "snapshot-digest-algo": { takes: "name", instead: "releases are digested with sha256", only: ["sha256"] },
  "helm-index-max-size": { takes: "number", instead: CHARTS },
  "helm-chart-max-size": { takes: "number", instead: CHARTS },
  "helm-chart-file-max-size": { takes: "number", instead: CHARTS },
  "helm-cache-max-size": { takes: "number", instead: CHARTS },
  "helm-cache-ttl": { takes: "duration", instead: CHARTS },
  "helm-cache-purge-interval": { takes: "duration", instead: CHARTS },
};

/**
 * Takes flags that Deployments of Flux's controllers carry and that have no part here, without showing them in the
 * help: a set of arguments that is carried over starts, and says what holds in their place.
 */
export function addFluxFlags(command: Command): Command {
  for (const [name, { takes, instead }] of Object.entries(FOREIGN)) {
    // Go takes a boolean with and without a value.
    const value = takes === undefined ? "" : takes === "bool" ? ` [${takes}]` : ` <${takes}>`;
    command.addOption(new Option(`--${name}${value}`, instead).hideHelp());
  }
  return command.addOption(new Option("--enable-leader-election [bool]", "as --leader-election").hideHelp());
}

/** What to tell of the flags that were given, a line each. Throws `CommandError` for values that nothing stands for. */
export function notesOnFluxFlags(options: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(FOREIGN).flatMap(([name, { instead, only }]) => {
    const given = options[camelCase(name)];
    if (given === undefined) return [];
    const value = String(given);
    if (only?.includes(value)) return [];
    if (only !== undefined) {
      throw new CommandError(`--${name}=${value} is not supported: ${instead}`, exitCode.usage);
    }
    return [`--${name} does nothing here: ${instead}`];
  });
}

/** Whether a flag that takes a boolean or nothing was given and not switched off. */
export function isOn(given: unknown): boolean {
  return given === true || (typeof given === "string" && /^(?:1|t|true)$/i.test(given));
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
