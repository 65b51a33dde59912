import { parseYaml } from "@capstan/kube";
import type { Json } from "../api.js";
import { answers, type Check, check, like } from "../check.js";
import { SIGNING_REQUEST } from "../samples.js";

const CLUSTER_WIDE =
  /^(?:namespaces|persistentvolumes|storageclasses|csidrivers|priorityclasses|ingressclasses|customresourcedefinitions|clusterrolebindings|\w+webhookconfigurations|validatingadmissionpolicies|flowschemas|prioritylevelconfigurations|nodes|certificatesigningrequests|runtimeclasses)$/;

/** Resource and group version; what is given; what the API makes of it (a part; `null`: absent). */
const ROWS: readonly (readonly [name: string, at: string, given: string, wanted: string])[] = [
  [
    "a pod's policies and times",
    "pods v1",
    "{spec: {containers: [{name: a, image: i}]}}",
    "{spec: {restartPolicy: Always, dnsPolicy: ClusterFirst, schedulerName: default-scheduler, terminationGracePeriodSeconds: 30, securityContext: {}, enableServiceLinks: true, preemptionPolicy: PreemptLowerPriority, priority: 0, serviceAccountName: default, serviceAccount: default}, status: {phase: Pending, qosClass: BestEffort}}",
  ],
  [
    "a container's messages and pull policy of latest",
    "pods v1",
    "{spec: {containers: [{name: a, image: i}]}}",
    "{spec: {containers: [{terminationMessagePath: /dev/termination-log, terminationMessagePolicy: File, imagePullPolicy: Always}]}}",
  ],
  [
    "the pull policy of a tag and of a digest",
    "pods v1",
    "{spec: {containers: [{name: a, image: 'i:1'}, {name: b, image: 'i@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}, {name: c, image: 'i:latest'}]}}",
    "{spec: {containers: [{imagePullPolicy: IfNotPresent}, {imagePullPolicy: IfNotPresent}, {imagePullPolicy: Always}]}}",
  ],
  [
    "requests of limits",
    "pods v1",
    "{spec: {containers: [{name: a, image: i, resources: {limits: {cpu: '1', memory: 1Gi}}}]}}",
    "{spec: {containers: [{resources: {requests: {cpu: '1', memory: 1Gi}}}]}, status: {qosClass: Guaranteed}}",
  ],
  [
    "the quality of service of requests alone",
    "pods v1",
    "{spec: {containers: [{name: a, image: i, resources: {requests: {cpu: 100m}}}]}}",
    "{status: {qosClass: Burstable}}",
  ],
  [
    "quantities in their canonical form",
    "pods v1",
    "{spec: {containers: [{name: a, image: i, resources: {limits: {cpu: 1000m, memory: 1024Mi}, requests: {cpu: 0.5, memory: 1e3}}}]}}",
    "{spec: {containers: [{resources: {limits: {cpu: '1', memory: 1Gi}, requests: {cpu: 500m, memory: 1k}}}]}}",
  ],
  [
    "a port's protocol",
    "pods v1",
    "{spec: {containers: [{name: a, image: i, ports: [{containerPort: 80}]}]}}",
    "{spec: {containers: [{ports: [{protocol: TCP}]}]}}",
  ],
  [
    "a probe's times and scheme",
    "pods v1",
    "{spec: {containers: [{name: a, image: i, livenessProbe: {httpGet: {port: 80}}}]}}",
    "{spec: {containers: [{livenessProbe: {httpGet: {path: /, scheme: HTTP, port: 80}, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3}}]}}",
  ],
  [
    "modes of volumes",
    "pods v1",
    "{spec: {volumes: [{name: s, secret: {secretName: x}}, {name: c, configMap: {name: x}}, {name: d, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.name}}]}}, {name: p, projected: {sources: [{serviceAccountToken: {path: t}}]}}, {name: h, hostPath: {path: /x}}], automountServiceAccountToken: false, containers: [{name: a, image: i}]}}",
    "{spec: {volumes: [{secret: {defaultMode: 420}}, {configMap: {defaultMode: 420}}, {downwardAPI: {defaultMode: 420, items: [{fieldRef: {apiVersion: v1}}]}}, {projected: {defaultMode: 420, sources: [{serviceAccountToken: {expirationSeconds: 3600}}]}}, {hostPath: {type: ''}}]}}",
  ],
  [
    "a field reference of an environment variable",
    "pods v1",
    "{spec: {containers: [{name: a, image: i, env: [{name: VALUE, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]}}",
    "{spec: {containers: [{env: [{valueFrom: {fieldRef: {apiVersion: v1}}}]}]}}",
  ],
  [
    "the host's network: ports and policy",
    "pods v1",
    "{spec: {hostNetwork: true, containers: [{name: a, image: i, ports: [{containerPort: 80}]}]}}",
    "{spec: {containers: [{ports: [{containerPort: 80, hostPort: 80}]}]}}",
  ],
  [
    "tolerations of a node that is not ready",
    "pods v1",
    "{spec: {containers: [{name: a, image: i}]}}",
    "{spec: {tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}, {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]}}",
  ],
  [
    "the projected token of the service account",
    "pods v1",
    "{spec: {containers: [{name: a, image: i}]}}",
    "{spec: {volumes: [{projected: {defaultMode: 420, sources: [{serviceAccountToken: {expirationSeconds: 3607, path: token}}, {configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}}, {downwardAPI: {items: [{path: namespace, fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}]}}]}}], containers: [{volumeMounts: [{readOnly: true, mountPath: /var/run/secrets/kubernetes.io/serviceaccount}]}]}}",
  ],
  [
    "a grace period below nought is one second",
    "pods v1",
    "{spec: {terminationGracePeriodSeconds: -1, containers: [{name: a, image: i}]}}",
    "{spec: {terminationGracePeriodSeconds: 1}}",
  ],
  [
    "a deployment's strategy and limits",
    "deployments apps/v1",
    "{spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
    "{metadata: {generation: 1}, spec: {replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, strategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 25%, maxSurge: 25%}}, template: {spec: {restartPolicy: Always}}}, status: {}}",
  ],
  [
    "a stateful set's policies",
    "statefulsets apps/v1",
    "{spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}, volumeClaimTemplates: [{metadata: {name: d}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}}",
    "{spec: {replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: OrderedReady, updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 0}}, persistentVolumeClaimRetentionPolicy: {whenDeleted: Retain, whenScaled: Retain}, volumeClaimTemplates: [{kind: PersistentVolumeClaim, apiVersion: v1, spec: {volumeMode: Filesystem}, status: {phase: Pending}}]}}",
  ],
  [
    "a daemon set's strategy",
    "daemonsets apps/v1",
    "{spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
    "{spec: {revisionHistoryLimit: 10, updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 1, maxSurge: 0}}}}",
  ],
  [
    "a replication controller's selector of its template",
    "replicationcontrollers v1",
    "{spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
    "{metadata: {labels: {a: b}}, spec: {replicas: 1, selector: {a: b}}}",
  ],
  [
    "a job's numbers, selector and labels",
    "jobs batch/v1",
    "{spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}",
    "{spec: {parallelism: 1, completions: 1, backoffLimit: 6, completionMode: NonIndexed, suspend: false, manualSelector: false, podReplacementPolicy: TerminatingOrFailed, template: {metadata: {labels: {batch.kubernetes.io/job-name: NAME, job-name: NAME}}}}}",
  ],
  [
    "a cron job's policies",
    "cronjobs batch/v1",
    "{spec: {schedule: '@hourly', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}}}",
    "{spec: {concurrencyPolicy: Allow, suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1}}",
  ],
  [
    "an autoscaler's bounds and metric",
    "horizontalpodautoscalers autoscaling/v2",
    "{spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}, behavior: {scaleDown: {stabilizationWindowSeconds: 5}}}}",
    "{spec: {minReplicas: 1, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}], behavior: {scaleUp: {stabilizationWindowSeconds: 0, selectPolicy: Max, policies: [{type: Pods, value: 4, periodSeconds: 15}, {type: Percent, value: 100, periodSeconds: 15}]}, scaleDown: {stabilizationWindowSeconds: 5, selectPolicy: Max, policies: [{type: Percent, value: 100, periodSeconds: 15}]}}}}",
  ],
  [
    "a service's type, family, policies and target port",
    "services v1",
    "{spec: {ports: [{port: 80}]}}",
    "{spec: {type: ClusterIP, sessionAffinity: None, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, internalTrafficPolicy: Cluster, ports: [{protocol: TCP, targetPort: 80}]}, status: {loadBalancer: {}}}",
  ],
  [
    "a balanced service's policy and node ports",
    "services v1",
    "{spec: {type: LoadBalancer, ports: [{port: 80}]}}",
    "{spec: {externalTrafficPolicy: Cluster, allocateLoadBalancerNodePorts: true}}",
  ],
  [
    "affinity of clients lasts three hours",
    "services v1",
    "{spec: {sessionAffinity: ClientIP, ports: [{port: 80}]}}",
    "{spec: {sessionAffinityConfig: {clientIP: {timeoutSeconds: 10800}}}}",
  ],
  [
    "a headless service without a selector",
    "services v1",
    "{spec: {clusterIP: None}}",
    "{spec: {clusterIP: None, clusterIPs: [None], ipFamilyPolicy: RequireDualStack}}",
  ],
  [
    "an external name has no address",
    "services v1",
    "{spec: {type: ExternalName, externalName: a.example.com}}",
    "{spec: {clusterIP: null, ipFamilies: null, sessionAffinity: None}}",
  ],
  [
    "a secret's type, and its text as data",
    "secrets v1",
    "{stringData: {a: x, b: z}, data: {b: eA==}}",
    "{type: Opaque, data: {a: eA==, b: eg==}, stringData: null}",
  ],
  [
    "a claim's mode and phase",
    "persistentvolumeclaims v1",
    "{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}",
    "{spec: {volumeMode: Filesystem}, status: {phase: Pending}}",
  ],
  [
    "a volume's policies",
    "persistentvolumes v1",
    "{spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], hostPath: {path: /a}}}",
    "{spec: {persistentVolumeReclaimPolicy: Retain, volumeMode: Filesystem, hostPath: {type: ''}}, status: {phase: Pending}}",
  ],
  [
    "a namespace's label, finalizer and phase",
    "namespaces v1",
    "{}",
    "{metadata: {labels: {kubernetes.io/metadata.name: NAME}}, spec: {finalizers: [kubernetes]}, status: {phase: Active}}",
  ],
  [
    "a storage class's policies",
    "storageclasses storage.k8s.io/v1",
    "{provisioner: example.com/p}",
    "{reclaimPolicy: Delete, volumeBindingMode: Immediate}",
  ],
  [
    "a driver's flags",
    "csidrivers storage.k8s.io/v1",
    "{spec: {}}",
    "{spec: {attachRequired: true, podInfoOnMount: false, storageCapacity: false, fsGroupPolicy: ReadWriteOnceWithFSType, volumeLifecycleModes: [Persistent], requiresRepublish: false, seLinuxMount: false}}",
  ],
  [
    "a priority class's policy",
    "priorityclasses scheduling.k8s.io/v1",
    "{value: 1}",
    "{metadata: {generation: 1}, preemptionPolicy: PreemptLowerPriority}",
  ],
  [
    "a network policy's types",
    "networkpolicies networking.k8s.io/v1",
    "{spec: {podSelector: {}, egress: [{ports: [{port: 1}]}]}}",
    "{spec: {policyTypes: [Ingress, Egress], egress: [{ports: [{protocol: TCP}]}]}}",
  ],
  [
    "an ingress class of an ingress stays open",
    "ingresses networking.k8s.io/v1",
    "{spec: {defaultBackend: {service: {name: s, port: {number: 1}}}}}",
    "{metadata: {generation: 1}, status: {loadBalancer: {}}}",
  ],
  [
    "a role binding's subjects",
    "rolebindings rbac.authorization.k8s.io/v1",
    "{roleRef: {kind: Role, name: a}, subjects: [{kind: User, name: u}, {kind: ServiceAccount, name: s, namespace: ns}]}",
    "{roleRef: {apiGroup: rbac.authorization.k8s.io}, subjects: [{apiGroup: rbac.authorization.k8s.io}, {apiGroup: null}]}",
  ],
  [
    "a webhook's policies",
    "validatingwebhookconfigurations admissionregistration.k8s.io/v1",
    "{webhooks: [{name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: {name: s, namespace: ns}}, rules: [{operations: [CREATE], apiGroups: [none.example.com], apiVersions: [v1], resources: [a]}]}]}",
    "{webhooks: [{failurePolicy: Fail, matchPolicy: Equivalent, timeoutSeconds: 10, namespaceSelector: {}, objectSelector: {}, clientConfig: {service: {port: 443}}, rules: [{scope: '*'}]}]}",
  ],
  [
    "a mutating webhook is not invoked again",
    "mutatingwebhookconfigurations admissionregistration.k8s.io/v1",
    "{webhooks: [{name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {url: 'https://a/'}, rules: [{operations: [CREATE], apiGroups: [none.example.com], apiVersions: [v1], resources: [a]}]}]}",
    "{webhooks: [{reinvocationPolicy: Never}]}",
  ],
  [
    "an admission policy's failure and matching",
    "validatingadmissionpolicies admissionregistration.k8s.io/v1",
    "{spec: {validations: [{expression: 'true'}], matchConstraints: {resourceRules: [{operations: [CREATE], apiGroups: [none.example.com], apiVersions: [v1], resources: [a]}]}}}",
    "{spec: {failurePolicy: Fail, matchConstraints: {matchPolicy: Equivalent, namespaceSelector: {}, objectSelector: {}, resourceRules: [{scope: '*'}]}}}",
  ],
  [
    "a flow schema's precedence",
    "flowschemas flowcontrol.apiserver.k8s.io/v1",
    "{spec: {priorityLevelConfiguration: {name: exempt}, rules: []}}",
    "{spec: {matchingPrecedence: 1000}}",
  ],
  [
    "a priority level's shares and queues",
    "prioritylevelconfigurations flowcontrol.apiserver.k8s.io/v1",
    "{spec: {type: Limited, limited: {limitResponse: {type: Queue, queuing: {}}}}}",
    "{spec: {limited: {nominalConcurrencyShares: 30, lendablePercent: 0, limitResponse: {queuing: {queues: 64, handSize: 8, queueLengthLimit: 50}}}}}",
  ],
  [
    "a definition's names and conversion",
    "customresourcedefinitions apiextensions.k8s.io/v1",
    "{metadata: {name: NAMEs.defaults.example.com}, spec: {group: defaults.example.com, scope: Namespaced, names: {plural: NAMEs, kind: Kind}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}",
    "{metadata: {generation: 1}, spec: {conversion: {strategy: None}, names: {singular: kind, listKind: KindList}}}",
  ],
  [
    "an endpoint slice's port",
    "endpointslices discovery.k8s.io/v1",
    "{addressType: IPv4, endpoints: [], ports: [{port: 80}]}",
    "{metadata: {generation: 1}, ports: [{name: '', protocol: TCP}]}",
  ],
  [
    "a limit range's defaults of its maximum",
    "limitranges v1",
    "{spec: {limits: [{type: Container, max: {memory: 9Ti}}]}}",
    "{spec: {limits: [{default: {memory: 9Ti}, defaultRequest: {memory: 9Ti}}]}}",
  ],
  ["a node's status", "nodes v1", "{}", "{status: {nodeInfo: {kubeletVersion: ''}}}"],
  [
    "a signing request's user",
    "certificatesigningrequests certificates.k8s.io/v1",
    "{spec: {request: REQUEST, signerName: example.com/s, usages: [client auth], username: forged}}",
    "{spec: {groups: ['*']}, status: {}}",
  ],
];

export const defaults: readonly Check[] = ROWS.map(([name, at, given, wanted]) =>
  check(`${at.split(" ")[0]} are filled in: ${name}`, `reference/kubernetes-api: ${at}`, async (trial) => {
    const [resource = "", groupVersion = ""] = at.split(" ");
    const fill = (text: string) =>
      parseYaml(text.replaceAll("NAME", trial.name).replace("REQUEST", SIGNING_REQUEST)) as Json;
    const object = fill(given);
    const root = groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
    const collection = CLUSTER_WIDE.test(resource)
      ? `${root}/${resource}`
      : trial.path(resource, groupVersion);
    const body = { ...object, metadata: { name: trial.name, ...object.metadata } };
    contains(answers(await trial.api.post(`${collection}?dryRun=All`, body), 201), fill(wanted));
  }),
);

/** As `like`, with `null` for what must be absent and `["*"]` for any list. */
function contains(actual: Json, wanted: Json): void {
  like(actual, absent(wanted, actual));
}

function absent(wanted: Json, actual: Json): Json {
  if (wanted === null) return undefined;
  if (Array.isArray(wanted))
    return wanted[0] === "*" ? actual : wanted.map((each, index) => absent(each, actual?.[index]));
  if (typeof wanted !== "object") return wanted;
  return Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => [key, absent(value, actual?.[key])]),
  );
}
