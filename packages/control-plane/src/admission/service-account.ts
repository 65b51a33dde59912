import type { KubeObject, Random } from "@capstan/kube";
import { forbidden } from "../handler/errors.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { listOf, type Members, textOf } from "./members.js";
import { containersOf, isFor, mapContainers, specOf, withSpec } from "./pod-request.js";

const MIRROR = "kubernetes.io/config.mirror";
const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const VOLUME_PREFIX = "kube-api-access-";
const TOKEN_SECONDS = 3607;
const SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** Gives pods a service account that exists, its pull secrets, and its token as a mounted volume. */
export class ServiceAccountAdmission implements Admission {
  readonly #state: AdmissionState;
  readonly #random: Random;

  constructor(state: AdmissionState, random: Random) {
    this.#state = state;
    this.#random = random;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined {
    const { object, operation } = request;
    if (!object || operation !== "CREATE" || !isFor(request, "", "pods")) return object;
    if (object.metadata.annotations?.[MIRROR] !== undefined) return object;
    const given = specOf(object);
    const name = textOf(given["serviceAccountName"]) || "default";
    const account = this.#account(request, name);
    let spec: Members = { ...given, serviceAccountName: name, serviceAccount: name };
    const pullSecrets = account["imagePullSecrets"];
    if (listOf(spec["imagePullSecrets"]).length === 0 && listOf(pullSecrets).length > 0) {
      spec = { ...spec, imagePullSecrets: pullSecrets };
    }
    return withSpec(object, mountsToken(spec, account) ? this.#withToken(spec) : spec);
  }

  validate(request: AdmissionRequest): void {
    const { object, operation, kind, name } = request;
    if (!object || operation !== "CREATE" || !isFor(request, "", "pods")) return;
    const account = textOf(specOf(object)["serviceAccountName"]);
    if (object.metadata.annotations?.[MIRROR] !== undefined) {
      if (account !== "") throw forbidden(kind, name, "a mirror pod may not reference service accounts");
    } else if (account !== "") {
      this.#account(request, account);
    }
  }

  #account({ kind, name, namespace }: AdmissionRequest, account: string): KubeObject {
    const found = this.#state.get("", "serviceaccounts", namespace, account);
    if (found) return found;
    const why = `error looking up service account ${namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`;
    throw forbidden(kind, name, why);
  }

  #withToken(spec: Members): Members {
    const volumes = listOf(spec["volumes"]);
    const existing = volumes.find((volume) => textOf(volume["name"]).startsWith(VOLUME_PREFIX));
    const name = existing ? textOf(existing["name"]) : VOLUME_PREFIX + this.#suffix();
    const lacks = (container: Members): boolean =>
      !listOf(container["volumeMounts"]).some((mount) => mount["mountPath"] === MOUNT_PATH);
    if (!containersOf(spec).some(({ container }) => lacks(container))) return spec;
    const mount = { name, readOnly: true, mountPath: MOUNT_PATH };
    const mounted = mapContainers(spec, (container) =>
      lacks(container)
        ? { ...container, volumeMounts: [...listOf(container["volumeMounts"]), mount] }
        : container,
    );
    return existing ? mounted : { ...mounted, volumes: [...volumes, tokenVolume(name)] };
  }

  #suffix(): string {
    let suffix = "";
    for (let i = 0; i < 5; i++)
      suffix += SUFFIX_LETTERS.charAt(Math.floor(this.#random.float() * SUFFIX_LETTERS.length));
    return suffix;
  }
}

function mountsToken(spec: Members, account: KubeObject): boolean {
  const wish = spec["automountServiceAccountToken"] ?? account["automountServiceAccountToken"];
  return wish !== false;
}

function tokenVolume(name: string): Members {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
      defaultMode: 420,
    },
  };
}
