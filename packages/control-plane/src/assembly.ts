import type { ApiRequest, Clock, Random, Transport } from "@capstan/kube";
import { storedState } from "./admission/admission-state.js";
import { bootstrapPriorityClasses, builtInAdmission } from "./admission/built-in-admission.js";
import { callOverHttps } from "./admission/https-caller.js";
import { AggregatedApis, type AggregatedVersion } from "./aggregation/aggregated-apis.js";
import { ApiServiceController } from "./aggregation/api-service-controller.js";
import { type BackendCaller, callBackend } from "./aggregation/backend.js";
import { forward } from "./aggregation/forward.js";
import { ServiceAddresses, throughServices } from "./aggregation/service-addresses.js";
import type { AuditPolicy } from "./audit/audit-policy.js";
import { AuditedHandler, type AuditSink } from "./audit/audited-handler.js";
import type { TokenAuthenticator } from "./authentication/authenticator.js";
import { impersonate } from "./authentication/impersonation.js";
import { ServiceAccountTokens } from "./authentication/service-account-tokens.js";
import { EscalationAdmission } from "./authorization/escalation-admission.js";
import { PolicyController } from "./authorization/policy-controller.js";
import { RbacAuthorizer } from "./authorization/rbac-authorizer.js";
import { customBodyDecoder } from "./crd/custom-decoder.js";
import { DefinitionController } from "./crd/definition-controller.js";
import { TerminatingDefinitions } from "./crd/terminating-definitions.js";
import { Discovery } from "./discovery/discovery.js";
import type { RemoteVersion } from "./discovery/group-order.js";
import type { Machinery } from "./handler/call.js";
import { Handler } from "./handler/handler.js";
import { InProcessTransport } from "./handler/in-process-transport.js";
import { ObjectCodec } from "./handler/object-codec.js";
import { randomUid } from "./handler/object-name.js";
import { ObjectStorage } from "./handler/object-storage.js";
import { AnswerShaper } from "./handler/shape.js";
import { components, storeCheck } from "./handler/special/component-statuses.js";
import { discoveryRoute, openApiRoute } from "./handler/special/documents.js";
import type { HealthCheck } from "./handler/special/health.js";
import type { PodRuntime } from "./handler/special/pods.js";
import { specialRoutes } from "./handler/special/special-routes.js";
import { columnTables } from "./handler/tables.js";
import { builtInKinds } from "./kinds/built-in-kinds.js";
import { bootstrapNamespaces } from "./lifecycle/bootstrap-namespaces.js";
import { bootstrapService } from "./lifecycle/bootstrap-service.js";
import { EventExpiry } from "./lifecycle/event-expiry.js";
import { GarbageCollector } from "./lifecycle/garbage-collector.js";
import { NamespaceAdmission } from "./lifecycle/namespace-admission.js";
import { NamespaceController } from "./lifecycle/namespace-controller.js";
import { NamespaceDefaults } from "./lifecycle/namespace-defaults.js";
import { QuotaController } from "./lifecycle/quota-controller.js";
import { ServiceAllocator } from "./lifecycle/service-allocator.js";
import { tokenObjects } from "./lifecycle/token-objects.js";
import { TokenSecrets } from "./lifecycle/token-secrets.js";
import { descriptionsFrom } from "./openapi/descriptions.js";
import { OpenApi } from "./openapi/openapi.js";
import { readProtobuf } from "./protobuf/protobuf.js";
import { admissionChain } from "./registry/admission-chain.js";
import { fieldOwnership } from "./registry/field-ownership.js";
import type { ServedKind } from "./registry/kind.js";
import { KindRegistry } from "./registry/kind-registry.js";
import type { OnFailure } from "./registry/on-failure.js";
import type { User } from "./registry/ports.js";
import { pooledRandom } from "./registry/random-pool.js";
import { createBodyDecoder } from "./schema/body-decoder.js";
import type { KeyPair } from "./server/certificate.js";
import type { ServerParts } from "./server/http-server.js";
import { RequestMetrics } from "./server/request-metrics.js";
import type { Store } from "./store/store.js";
import { WatchHub } from "./watch/watch-hub.js";

/** The user that the control plane's own parts act as. */
const LOOPBACK_USER: User = {
  name: "system:apiserver",
  groups: ["system:masters", "system:authenticated"],
};
const ISSUER = "https://kubernetes.default.svc.cluster.local";

/** Something that follows the state and acts on it. */
interface Part {
  start(): Promise<void> | void;
  close(): Promise<void>;
}

export interface AssemblyOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Private key (PEM) that signs service-account tokens. */
  readonly tokenKey: string;
  /** PEM of the authority that `kube-root-ca.crt` hands out. */
  readonly authority: string;
  /** What this API proves itself with to the servers behind APIServices. */
  readonly frontProxy?: KeyPair;
  readonly authenticators: readonly TokenAuthenticator[];
  /** How objects are encoded; tests freeze what they decode. */
  readonly codec?: ObjectCodec;
  readonly kinds?: readonly ServedKind[];
  /** What of the requests is written down, and where. */
  readonly audit?: { readonly policy: AuditPolicy; readonly sink: AuditSink };
  readonly onFailure: OnFailure;
}

/** The API over one store, without any network: what both the server and the tests are built on. */
export class Assembly {
  readonly machinery: Machinery;
  readonly #authority: string;
  readonly #onFailure: OnFailure;
  readonly #handler: Pick<Handler, "handle">;
  readonly #audited: AuditedHandler | undefined;
  readonly #shaper: AnswerShaper;
  readonly #metrics: RequestMetrics;
  readonly #services: ServiceAllocator;
  readonly #tokens: readonly TokenAuthenticator[];
  readonly #apis = new AggregatedApis();
  readonly #addresses: ServiceAddresses;
  readonly #callBackend: BackendCaller;
  #runtime: PodRuntime | undefined;
  #workloadCheck: HealthCheck | undefined;
  #serverAddress = "127.0.0.1:443";
  #ready = false;
  readonly #lifecycle: readonly Part[];

  constructor(options: AssemblyOptions) {
    this.#authority = options.authority;
    const { store, clock, onFailure } = options;
    this.#onFailure = onFailure;
    const random = pooledRandom(options.random);
    const codec = options.codec ?? new ObjectCodec();
    const registry = new KindRegistry([...builtInKinds(), ...(options.kinds ?? [])]);
    const objects = new ObjectStorage(store, codec);
    this.#addresses = new ServiceAddresses(registry, objects);
    this.#callBackend = callBackend(options.frontProxy);
    const callWebhook = throughServices(callOverHttps, this.#addresses);
    const authorizer = new RbacAuthorizer();
    const terminating = new TerminatingDefinitions();
    const { plugins, quota } = builtInAdmission({
      registry,
      objects,
      clock,
      random,
      authorizer,
      callWebhook,
    });
    this.#services = new ServiceAllocator(servedKind(registry, "services"), objects, random);
    this.machinery = {
      objects,
      registry,
      hub: new WatchHub(store, codec, clock),
      clock,
      random,
      authorizer,
      admission: admissionChain([
        new NamespaceAdmission(registry, objects),
        terminating,
        new EscalationAdmission(authorizer),
        ...plugins,
        quota,
      ]),
      fieldManager: fieldOwnership(registry),
      reservations: this.#services,
      decoder: createBodyDecoder(customBodyDecoder),
    };
    this.#shaper = new AnswerShaper(columnTables, clock);
    this.#metrics = new RequestMetrics(clock);
    this.#describeState();
    const accounts = new ServiceAccountTokens(options.tokenKey, ISSUER, {
      clock,
      random,
      objects: tokenObjects(registry, objects, (namespace, name) => secrets.used(namespace, name)),
    });
    this.#tokens = [
      ...options.authenticators,
      (token) => {
        const verdict = accounts.check(token);
        return verdict !== undefined && "user" in verdict ? verdict.user : undefined;
      },
    ];
    const handler = this.#createHandler(accounts);
    if (options.audit !== undefined) {
      const newId = () => randomUid(random);
      this.#audited = new AuditedHandler(handler, {
        ...options.audit,
        clock,
        newId,
        shaper: this.#shaper,
      });
    }
    this.#handler = this.#audited ?? handler;
    const parts = { objects, registry, clock, transport: this.transport(LOOPBACK_USER), onFailure };
    const secrets = new TokenSecrets({ ...parts, authority: options.authority, tokens: accounts });
    this.#lifecycle = [
      new PolicyController({ ...parts, authorizer }),
      new DefinitionController({ ...parts, terminating, random, callWebhook }),
      new ApiServiceController({
        ...parts,
        apis: this.#apis,
        addresses: this.#addresses,
        call: this.#callBackend,
      }),
      new NamespaceDefaults({ ...parts, authority: options.authority }),
      secrets,
      new NamespaceController({
        ...parts,
        remotes: {
          all: () => this.#apis.all().map(asRemote),
          onChange: (listener) => this.#apis.onChange(listener),
        },
      }),
      new GarbageCollector(parts),
      new QuotaController({ ...parts, state: storedState(registry, objects) }),
      new EventExpiry(parts),
    ];
  }

  /** Brings about what every cluster has. */
  async start(): Promise<void> {
    const transport = this.transport(LOOPBACK_USER);
    await bootstrapNamespaces(transport, this.#authority);
    await bootstrapPriorityClasses(transport);
    await bootstrapService(transport);
    for (const part of this.#lifecycle) await part.start();
    this.#ready = true;
  }

  /** Requests as `user`, honouring impersonation headers, straight into the handler. */
  transport(user: User): Transport {
    const resolveUser = (request: ApiRequest) =>
      impersonate(user, request.headers ?? {}, this.machinery.authorizer);
    return new InProcessTransport(this.#handler, this.#shaper, resolveUser, this.#onFailure);
  }

  serverParts(): ServerParts {
    const { clock, random, authorizer } = this.machinery;
    const audited = this.#audited;
    return {
      handler: this.#handler,
      refused: audited === undefined ? undefined : (request, status) => audited.refused(request, status),
      shaper: this.#shaper,
      authorizer,
      tokens: this.#tokens,
      clock,
      random,
      metrics: this.#metrics,
      onFailure: this.#onFailure,
    };
  }

  setPodRuntime(runtime: PodRuntime): void {
    this.#runtime = runtime;
  }

  setWorkloadCheck(check: HealthCheck): void {
    this.#workloadCheck = check;
  }

  setServerAddress(address: string): void {
    this.#serverAddress = address;
  }

  /** Ends watches and everything that follows the store; the store itself stays open. */
  async close(): Promise<void> {
    this.#ready = false;
    for (const part of this.#lifecycle) await part.close();
    this.#services.close();
    this.machinery.hub.close();
  }

  #createHandler(accounts: ServiceAccountTokens): Handler {
    const { registry, objects } = this.machinery;
    const { store } = objects;
    const started = () => (this.#ready ? undefined : "not started");
    const discovery = new Discovery(
      () => registry.all(),
      () => registry.version + this.#apis.version,
      () => this.#apis.all().map(asRemote),
    );
    const openApi = new OpenApi(
      () => registry.all(),
      () => registry.version + this.#apis.version,
      descriptionsFrom(
        new URL("../generated/descriptions.json", import.meta.url),
        // Seen from the bundle of the command line.
        new URL("../../../control-plane/generated/descriptions.json", import.meta.url),
      ),
      () => this.#apis.openApiPaths(),
    );
    return new Handler({
      ...this.machinery,
      protobuf: readProtobuf,
      elsewhere: (request, group, version) => {
        const found = this.#apis.find(group, version);
        return found && forward(request, found, { addresses: this.#addresses, call: this.#callBackend });
      },
      special: specialRoutes({
        machinery: () => this.machinery,
        accounts,
        authenticators: this.#tokens,
        documents: [discoveryRoute(discovery, () => this.#serverAddress), openApiRoute(openApi)],
        checks: new Map([
          ["ping", () => undefined],
          ["etcd", storeCheck(store)],
          ["informer-sync", started],
        ]),
        components: components({ store, controllers: started, workloads: () => this.#workloadCheck }),
        metrics: () => this.#metrics.text(),
        runtime: () => this.#runtime,
      }),
    });
  }

  #describeState(): void {
    const { hub, objects } = this.machinery;
    this.#metrics.gauge("apiserver_longrunning_requests", "Watches being served.", () => hub.watchers);
    this.#metrics.gauge("apiserver_storage_revision", "The newest revision.", () => objects.store.revision);
  }
}

function asRemote({ service, ...found }: AggregatedVersion): RemoteVersion {
  const { groupPriorityMinimum, versionPriority } = service.spec;
  return { ...found, groupPriority: groupPriorityMinimum, versionPriority };
}

function servedKind(registry: KindRegistry, resource: string): ServedKind {
  const kind = registry.find("", "v1", resource);
  if (kind === undefined) throw new Error(`${resource} are not served`);
  return kind;
}
