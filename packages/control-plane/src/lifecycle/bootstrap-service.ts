import type { Transport } from "@capstan/kube";
import { sendUnless } from "./api-calls.js";

const PATH = "/api/v1/namespaces/default/services";

/** Creates `default/kubernetes`, the Service that stands for the API itself, where it is missing. */
export async function bootstrapService(transport: Transport): Promise<void> {
  const found = await transport.request({ method: "GET", path: `${PATH}/kubernetes` });
  if (found.status === 200) return;
  const labels = { component: "apiserver", provider: "kubernetes" };
  const body = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kubernetes", namespace: "default", labels },
    spec: {
      type: "ClusterIP",
      clusterIP: "10.96.0.1",
      ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 443 }],
    },
  };
  await sendUnless(transport, { method: "POST", path: PATH, body }, "AlreadyExists");
}
