/** What a process allows for clusters that objects name. */
export interface RemotePolicy {
  /** Impersonated there where a spec names no service account. */
  readonly defaultServiceAccount: string | undefined;
  /** Whose tokens reach a cluster of a ConfigMap that names no service account. */
  readonly defaultKubeConfigServiceAccount: string | undefined;
  /** Run credential plugins that a kubeconfig names, with this environment. */
  readonly insecureKubeConfigExec: boolean;
  /** Let a kubeconfig turn off the check of the server's certificate. */
  readonly insecureKubeConfigTls: boolean;
  /** Let service accounts of an object's namespace stand for it at other services. */
  readonly objectLevelWorkloadIdentity: boolean;
  /** The account that this process runs as, where it runs in a cluster. */
  readonly ownServiceAccount: { readonly namespace: string; readonly name: string } | undefined;
}

/** Nothing that could be misused. */
export const STRICT_REMOTES: RemotePolicy = {
  defaultServiceAccount: undefined,
  defaultKubeConfigServiceAccount: undefined,
  insecureKubeConfigExec: false,
  insecureKubeConfigTls: false,
  objectLevelWorkloadIdentity: false,
  ownServiceAccount: undefined,
};
