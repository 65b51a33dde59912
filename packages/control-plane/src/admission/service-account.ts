import type { Clock, KubeObject, Random } from "@capstan/kube";
import { forbidden } from "../handler/errors.js";
import type { Admission, AdmissionRequest } from "../registry/ports.js";
import type { AdmissionState } from "./admission-state.js";
import { listOf, type Members, textOf } from "./members.js";
import { containersOf, isFor, mapContainers, specOf, withSpec } from "./pod-request.js";

const MIRROR = "kubernetes.io/config.mirror";
const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const VOLUME_PREFIX = "kube-api-access-";
const TOKEN_SECONDS = 3607;
const ATTEMPTS = 10;
const PAUSE_MS = 100;
const SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** Gives pods a service account that exists, its pull secrets, and its token as a mounted volume. */
export class ServiceAccountAdmission implements Admission {
  readonly #state: AdmissionState;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(state: AdmissionState, clock: Clock, random: Random) {
    this.#state = state;
    this.#clock = clock;
    this.#random = random;
  }

  mutate(request: AdmissionRequest): KubeObject | undefined | Promise<KubeObject | undefined> {
    const { object, operation } = request;
    if (!object || operation !== "CREATE" || !isFor(request, "", "pods")) return object;
    const namespace = this.#state.get("", "namespaces", undefined, request.namespace ?? "");
    if (object.metadata.annotations?.[MIRROR] !== undefined || !namespace) return object;
    const given = specOf(object);
    const name = textOf(given["serviceAccountName"]) || "default";
    const found = this.#find(request, name);
    if (found || name !== "default")
      return this.#complete(object, name, found ?? this.#account(request, name));
    return this.#awaited(request, name).then((account) => this.#complete(object, name, account));
  }

  #complete(object: KubeObject, name: string, account: KubeObject): KubeObject {
    const given = specOf(object);
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

  #find({ namespace }: AdmissionRequest, account: string): KubeObject | undefined {
    return this.#state.get("", "serviceaccounts", namespace, account);
  }

  /** The account of a namespace that was just made is a moment behind it. */
  async #awaited(request: AdmissionRequest, account: string): Promise<KubeObject> {
    for (let attempt = 0; attempt < ATTEMPTS && !this.#find(request, account); attempt++) {
      await new Promise<void>((resolve) => this.#clock.after(PAUSE_MS, resolve));
    }
    return this.#account(request, account);
  }

  #account(request: AdmissionRequest, account: string): KubeObject {
    const found = this.#find(request, account);
    if (found) return found;
    const { kind, name, namespace } = request;
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
