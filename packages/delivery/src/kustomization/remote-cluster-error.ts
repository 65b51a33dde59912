/** A `spec.kubeConfig` that leads nowhere. */
export class RemoteClusterError extends Error {
  override readonly name = "RemoteClusterError";
}
