/** Variables of the caller's environment that git and its helpers may see. */
const PASSED_ON = [
  "PATH",
  "TMPDIR",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "GIT_EXEC_PATH",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
  "no_proxy",
] as const;

/**
 * Settings that win over any configuration file, those inside a repository included: nothing runs on its
 * own, nothing is written in the background, links and paths are checked.
 */
const SETTINGS: readonly (readonly [string, string])[] = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.askPass", ""],
  ["core.pager", "cat"],
  ["core.attributesFile", "/dev/null"],
  ["core.excludesFile", "/dev/null"],
  ["core.protectHFS", "true"],
  ["core.protectNTFS", "true"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["fetch.fsckObjects", "false"],
  ["transfer.credentialsInUrl", "die"],
  ["submodule.recurse", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["protocol.version", "2"],
  ["http.followRedirects", "initial"],
  ["http.lowSpeedLimit", "1"],
  ["http.lowSpeedTime", "30"],
  ["advice.detachedHead", "false"],
  ["init.defaultBranch", "main"],
  ["commit.gpgSign", "false"],
  ["tag.gpgSign", "false"],
  ["push.gpgSign", "false"],
];

export interface EnvironmentOptions {
  /** The environment to take the few needed variables from. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Protocols that git may speak in this run; none where empty. */
  readonly protocols: readonly string[];
  /** More settings, of the same weight. They show in the process's environment: no secrets. */
  readonly settings?: readonly (readonly [string, string])[];
  /** A configuration file with what must not show in the environment. */
  readonly configFile?: string;
  /** More variables (`GIT_SSH_COMMAND`, author and committer). No secrets. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** The whole environment of one run of git. */
export function gitEnvironment(options: EnvironmentOptions): Record<string, string> {
  const environment: Record<string, string> = {
    HOME: "/nonexistent",
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: options.configFile ?? "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_ALLOW_PROTOCOL: options.protocols.join(":"),
    GIT_PROTOCOL_FROM_USER: "0",
    GIT_EDITOR: "false",
    GIT_SSH_VARIANT: "ssh",
  };
  for (const name of PASSED_ON) {
    const value = options.inherited[name];
    if (value !== undefined) environment[name] = value;
  }
  const settings = [...SETTINGS, ...(options.settings ?? [])];
  environment["GIT_CONFIG_COUNT"] = String(settings.length);
  for (const [index, [key, value]] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return { ...environment, ...options.variables };
}
