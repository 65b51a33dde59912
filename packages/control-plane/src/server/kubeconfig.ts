import { stringifyYaml } from "@capstan/kube";

export interface KubeconfigOptions {
  readonly url: string;
  readonly caPem: string;
  readonly user: string;
  readonly credentials: { readonly certificate: string; readonly key: string } | { readonly token: string };
}

const NAME = "capstan";

/** A kubeconfig (`v1 Config`) with one cluster, one user and everything embedded. */
export function formatKubeconfig(options: KubeconfigOptions): string {
  const { url, caPem, user, credentials } = options;
  return stringifyYaml({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: NAME, cluster: { server: url, "certificate-authority-data": base64(caPem) } }],
    users: [
      {
        name: user,
        user:
          "token" in credentials
            ? { token: credentials.token }
            : {
                "client-certificate-data": base64(credentials.certificate),
                "client-key-data": base64(credentials.key),
              },
      },
    ],
    contexts: [{ name: NAME, context: { cluster: NAME, user } }],
    "current-context": NAME,
    preferences: {},
  });
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
