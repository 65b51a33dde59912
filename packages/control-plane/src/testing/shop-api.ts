import type { KubeObject } from "@capstan/kube";

/** Where APIServices are. */
export const APISERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
/** Where the Service goes that `shopApiService` names. */
export const SHOP_SERVICES = "/api/v1/namespaces/default/services";

/** The Service behind the API `shop.test/v1` of another server. */
export function shopService(spec: object): KubeObject {
  return { apiVersion: "v1", kind: "Service", metadata: { name: "shop" }, spec } as KubeObject;
}

/** Registers `shop.test/v1`, served by the Service `shop`, whose certificate is not checked unless `spec` asks. */
export function shopApiService(spec: object = {}): KubeObject {
  return {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: "v1.shop.test" },
    spec: {
      group: "shop.test",
      version: "v1",
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      insecureSkipTLSVerify: true,
      service: { namespace: "default", name: "shop" },
      ...spec,
    },
  } as KubeObject;
}
