import { readFile } from "node:fs/promises";
import type { Clock } from "@capstan/kube";
import type { ClusterConfig, IssuedToken } from "./cluster-config.js";
import type { ExecCredential } from "./exec-credential.js";

/** How long a token file is trusted before it is read again, as in client-go. */
const TOKEN_FILE_MS = 60_000;
/** A plugin's credential is replaced this long before it ends. */
const EXPIRY_MARGIN_MS = 10_000;

/** The changing half of a connection: who we are at this moment. */
export interface Authorization {
  /** Value of the `authorization` header, and a client certificate where a plugin gave one. */
  current(): Promise<{ readonly header?: string; readonly cert?: string; readonly key?: string }>;
  /** Drops what is cached, after the server refused it; false where nothing would change. */
  refresh(): boolean;
}

export interface AuthorizationOptions {
  readonly clock: Clock;
  /** Run credential plugins that the config names; they execute programs of the config's choice. */
  readonly allowExec?: boolean;
  /** Environment for plugins. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The credentials of a cluster config as headers. */
export function authorizationOf(config: ClusterConfig, options: AuthorizationOptions): Authorization {
  const { credentials } = config;
  switch (credentials?.kind) {
    case undefined:
      return fixed({});
    case "token":
      return fixed({ header: `Bearer ${credentials.token}` });
    case "basic": {
      const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
      return fixed({ header: `Basic ${pair}` });
    }
    case "tokenFile":
      return tokenFile(credentials.path, options.clock);
    case "issued":
      return issued(credentials.issue, options.clock);
    case "exec": {
      if (options.allowExec !== true) {
        throw new Error(
          `the kubeconfig runs the credential plugin "${credentials.exec.command}", which is not allowed here`,
        );
      }
      return execPlugin(config, credentials.exec, options);
    }
  }
}

function fixed(current: { readonly header?: string }): Authorization {
  return { current: async () => current, refresh: () => false };
}

function tokenFile(path: string, clock: Clock): Authorization {
  let cached: { readonly header: string; readonly until: number } | undefined;
  return {
    current: async () => {
      if (cached === undefined || clock.now() >= cached.until) {
        const token = (await readFile(path, "utf8")).trim();
        cached = { header: `Bearer ${token}`, until: clock.now() + TOKEN_FILE_MS };
      }
      return { header: cached.header };
    },
    refresh: () => {
      cached = undefined;
      return true;
    },
  };
}

function issued(issue: () => Promise<IssuedToken>, clock: Clock): Authorization {
  let cached: Promise<IssuedToken> | undefined;
  return {
    current: async () => {
      let known = await cached;
      if (known === undefined || clock.now() >= known.expiresAt - EXPIRY_MARGIN_MS) {
        cached = issue();
        cached.catch(() => {
          cached = undefined;
        });
        known = await cached;
      }
      return { header: `Bearer ${known.token}` };
    },
    refresh: () => {
      cached = undefined;
      return true;
    },
  };
}

function execPlugin(
  config: ClusterConfig,
  exec: Extract<NonNullable<ClusterConfig["credentials"]>, { kind: "exec" }>["exec"],
  options: AuthorizationOptions,
): Authorization {
  let cached: Promise<ExecCredential> | undefined;
  const obtain = async (): Promise<ExecCredential> => {
    const { runExecPlugin } = await import("./exec-credential.js");
    return runExecPlugin(exec, config.server, config.tls?.ca, options.env ?? {});
  };
  return {
    current: async () => {
      let credential = cached === undefined ? undefined : await cached;
      const { expiresAt } = credential ?? {};
      if (
        credential === undefined ||
        (expiresAt !== undefined && options.clock.now() >= expiresAt - EXPIRY_MARGIN_MS)
      ) {
        cached = obtain();
        cached.catch(() => {
          cached = undefined;
        });
        credential = await cached;
      }
      const { token, cert, key } = credential;
      return {
        ...(token === undefined ? {} : { header: `Bearer ${token}` }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      };
    },
    refresh: () => {
      cached = undefined;
      return true;
    },
  };
}
