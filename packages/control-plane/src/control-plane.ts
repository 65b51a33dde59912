import type { Clock, Random, Transport } from "@capstan/kube";
import { Assembly } from "./assembly.js";
import { type AuditFileOptions, openAuditFile } from "./audit/audit-file.js";
import type { AuditPolicy } from "./audit/audit-policy.js";
import { staticTokens, type TokenAuthenticator } from "./authentication/authenticator.js";
import type { HealthCheck } from "./handler/special/health.js";
import type { PodRuntime } from "./handler/special/pods.js";
import type { ServedKind } from "./registry/kind.js";
import { type OnFailure, printFailure } from "./registry/on-failure.js";
import type { User } from "./registry/ports.js";
import { loadCredentials } from "./server/credentials.js";
import { DataDirectory } from "./server/data-directory.js";
import { HttpServer } from "./server/http-server.js";
import { formatKubeconfig } from "./server/kubeconfig.js";
import { LmdbStore } from "./store/lmdb-store.js";
import { MemoryStore } from "./store/memory-store.js";
import { keepHistoryShort, type Retention } from "./store/retention.js";

/** The user of the admin kubeconfig. */
export const ADMIN_USER: User = {
  name: "kubernetes-admin",
  groups: ["system:masters", "system:authenticated"],
};

export interface ControlPlaneOptions {
  /** Where objects, keys and the kubeconfig are kept. Left out: in memory, gone with the process. */
  readonly dataDir?: string;
  /** Address to listen on; loopback unless told otherwise. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Names and addresses that the serving certificate also holds. */
  readonly hosts?: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  /** Bearer tokens known from the start. */
  readonly tokens?: ReadonlyMap<string, User>;
  /** How much of the past lists and watches can go back to; five minutes and 100,000 changes if left out. */
  readonly history?: Partial<Retention>;
  /** Kinds served beside the built-in ones. */
  readonly kinds?: readonly ServedKind[];
  /** Writes down who asked what; nothing is where it is left out. */
  readonly audit?: AuditLogOptions;
  /** Told of errors inside the control plane that no client is answered with; printed where it is left out. */
  readonly onFailure?: OnFailure;
}

/** Where and how requests are written down, one `audit.k8s.io/v1` Event a line. */
export interface AuditLogOptions extends AuditFileOptions {
  readonly path: string;
  readonly policy: AuditPolicy;
}

/** A running control plane. */
export interface ControlPlane {
  readonly url: string;
  readonly port: number;
  /** The authority of the serving certificate. */
  readonly caPem: string;
  /** The administrator's kubeconfig; with a data directory also in its file `kubeconfig` (0600). */
  readonly kubeconfig: string;
  /** The API in process, as the administrator or as `user`. */
  transport(user?: User): Transport;
  /** Lets somebody answer for pods' logs. */
  setPodRuntime(runtime: PodRuntime): void;
  /** Lets whoever places and runs workloads say what is wrong with that, for `componentstatuses`. */
  setWorkloadCheck(check: HealthCheck): void;
  /** Ends watches, finishes running requests, syncs the store, releases the data directory. */
  close(): Promise<void>;
}

/**
 * Starts the API: opens the store, makes what is missing, and listens. Throws `StoreError` when the
 * data directory is locked, damaged or of a newer version, and the system's error when the port is taken.
 */
export async function openControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { clock, random, onFailure = printFailure } = options;
  const directory = options.dataDir === undefined ? undefined : DataDirectory.open(options.dataDir, random);
  const undo: (() => Promise<void> | void)[] = [];
  if (directory !== undefined) undo.push(() => directory.release());
  try {
    const store = directory === undefined ? new MemoryStore() : new LmdbStore(directory.storePath);
    undo.push(() => store.close());
    undo.push(keepHistoryShort(store, { clock, onFailure, ...options.history }));
    const credentials = loadCredentials(directory, clock, random, options.hosts);
    const authenticators: TokenAuthenticator[] = [];
    const auditFile =
      options.audit === undefined ? undefined : openAuditFile(options.audit.path, options.audit);
    if (auditFile !== undefined) undo.push(() => auditFile.close());
    if (options.tokens !== undefined) authenticators.push(staticTokens(options.tokens));
    const assembly = new Assembly({
      store,
      clock,
      random,
      authenticators,
      tokenKey: credentials.tokenKey,
      authority: credentials.authority,
      frontProxy: credentials.frontProxy,
      onFailure,
      ...(options.kinds === undefined ? {} : { kinds: options.kinds }),
      ...(auditFile === undefined || options.audit === undefined
        ? {}
        : { audit: { policy: options.audit.policy, sink: (event) => auditFile.write(event) } }),
    });
    undo.push(() => assembly.close());
    await assembly.start();
    const server = new HttpServer(assembly.serverParts(), {
      certificate: credentials.serving.certificate,
      key: credentials.serving.key,
      clientAuthority: credentials.authority,
    });
    const host = options.host ?? "127.0.0.1";
    const port = await server.listen(host, options.port);
    undo.push(() => server.close());
    const url = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
    assembly.setServerAddress(`${host}:${port}`);
    const kubeconfig = formatKubeconfig({
      url,
      caPem: credentials.authority,
      user: ADMIN_USER.name,
      credentials: credentials.admin,
    });
    directory?.write("kubeconfig", kubeconfig);
    return {
      url,
      port,
      caPem: credentials.authority,
      kubeconfig,
      transport: (user = ADMIN_USER) => assembly.transport(user),
      setPodRuntime: (runtime) => assembly.setPodRuntime(runtime),
      setWorkloadCheck: (check) => assembly.setWorkloadCheck(check),
      close: () => unwind(undo),
    };
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

/** Ends watches before the server, so that connections close by themselves, and the store last but the lock. */
async function unwind(undo: readonly (() => Promise<void> | void)[]): Promise<void> {
  for (const step of [...undo].reverse()) await step();
}
