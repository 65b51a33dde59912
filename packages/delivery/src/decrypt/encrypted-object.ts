import type { KubeObject } from "@capstan/kube";

const DECRYPT = "kustomize.toolkit.fluxcd.io/decrypt";

/** Whether an object asks not to be decrypted. */
export function isExempt(object: KubeObject): boolean {
  const value: unknown = object.metadata.annotations?.[DECRYPT];
  return typeof value === "string" && value.toLowerCase() === "disabled";
}

/** Whether an object is a SOPS document with a MAC. */
export function isEncrypted(object: KubeObject): boolean {
  const sops = object["sops"];
  if (typeof sops !== "object" || sops === null || !("mac" in sops)) return false;
  return sops.mac !== null && sops.mac !== "";
}

/** Whether an object is a Secret that must not be applied: its values are cipher text still. */
export function isEncryptedSecret(object: KubeObject): boolean {
  return (
    object.kind === "Secret" &&
    object.apiVersion === "v1" &&
    Object.hasOwn(object, "sops") &&
    !isExempt(object)
  );
}
