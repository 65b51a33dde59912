/** How to reach one API server and as whom: what a kubeconfig context or a Pod's mounts say. */
export interface ClusterConfig {
  /** `https://host:port`, with a path prefix where the server is behind one. */
  readonly server: string;
  readonly tls?: {
    /** PEM bundle that the server's certificate must chain to; the system's otherwise. */
    readonly ca?: string;
    readonly serverName?: string;
    /** Skips the check of the server's certificate. */
    readonly insecure?: boolean;
    readonly cert?: string;
    readonly key?: string;
  };
  readonly credentials?: Credentials;
  /** `http(s)://host:port` of a forward proxy. */
  readonly proxyUrl?: string;
  readonly impersonate?: {
    readonly user: string;
    readonly groups?: readonly string[];
    readonly uid?: string;
  };
  /** Namespace of the context. */
  readonly namespace?: string;
}

/** Where the `authorization` header comes from. */
export type Credentials =
  | { readonly kind: "token"; readonly token: string }
  /** A file that is rotated under us: read again when `TOKEN_FILE_MS` have passed. */
  | { readonly kind: "tokenFile"; readonly path: string }
  /** Tokens that are asked for when they are needed, and again before they end. */
  | { readonly kind: "issued"; readonly issue: () => Promise<IssuedToken> }
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "exec"; readonly exec: ExecConfig };

export interface IssuedToken {
  readonly token: string;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** A credential plugin (`client.authentication.k8s.io`). */
export interface ExecConfig {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly provideClusterInfo: boolean;
  readonly installHint?: string;
}
