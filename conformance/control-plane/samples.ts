import { parseYamlDocuments } from "@capstan/kube";
import type { Json } from "./api.js";

/** A small object of a kind, and where it is served. */
export interface Sample {
  readonly groupVersion: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly object: Json;
}

/** One object of every built-in kind that is stored, named after `name`. */
export function samples(name: string): readonly Sample[] {
  return `${NAMESPACED}---${CLUSTER}`
    .split("---")
    .map((text) => {
      const [, resource, scope] = /# (\S+) (\S+)/.exec(text) ?? [];
      const [document] = parseYamlDocuments(text.replaceAll("NAME", name));
      const object = document?.value as Json;
      if (resource === undefined) throw new Error(`a sample names no resource: ${text}`);
      return { groupVersion: object.apiVersion, resource, namespaced: scope === "namespaced", object };
    })
    .sort((a, b) => (`${a.groupVersion}/${a.resource}` < `${b.groupVersion}/${b.resource}` ? -1 : 1));
}

/** The collection that a sample belongs to. */
export function collection({ groupVersion, resource, namespaced }: Sample, ns: string): string {
  const root = groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
  return namespaced ? `${root}/namespaces/${ns}/${resource}` : `${root}/${resource}`;
}

export function configMap(
  name: string,
  data: Record<string, string> = { a: "1" },
  metadata: object = {},
): Json {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...metadata }, data };
}

export function pod(name: string, spec: object = {}, metadata: object = {}): Json {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, ...metadata },
    spec: { containers: [{ name: "main", image: "app:1" }], ...spec },
  };
}

export function deployment(name: string, spec: object = {}, container: object = {}): Json {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "main", image: "app:1", ...container }] },
      },
      ...spec,
    },
  };
}

export function service(name: string, spec: object = {}): Json {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
  };
}

/** A PKCS #10 request of user `u` in group `g`; its key was thrown away. */
export const SIGNING_REQUEST =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIVE1Ib0NBUUF3R0RFS01BZ0dBMVVFQXd3QmRURUtNQWdHQTFVRUNnd0JaekJaTUJNR0J5cUdTTTQ5QWdFRwpDQ3FHU000OUF3RUhBMElBQktsbng1amUzM0FqOGtpNzlMTjU2cjJGMnBxN1h2Yk55R3hFNStzSXJJNjZ3QjBmCnBsUVI4MXdFK3N1WjFuK3RCZ1NESUpCSlBobCtrclpYanY4QlFobWdBREFLQmdncWhrak9QUVFEQWdOSkFEQkcKQWlFQTJ6NGxwNmZpdkViWG5tbDFDY1JCellHdDcvT3NEYUVNczd2QU5rTjF3NEFDSVFEVGw2TEowOVpGakNIagp6QWczOTdVNFgwZFhOVkJEUVdMcDNFWHJITVE2cVE9PQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K";

const POD_TEMPLATE = "{metadata: {labels: {app: NAME}}, spec: {containers: [{name: main, image: 'app:1'}]}}";

const NAMESPACED = `
# configmaps namespaced
{apiVersion: v1, kind: ConfigMap, metadata: {name: NAME}, data: {a: '1'}, binaryData: {b: AAECAw==}}
---
# endpoints namespaced
{apiVersion: v1, kind: Endpoints, metadata: {name: NAME}, subsets: [{addresses: [{ip: 10.1.2.3}], ports: [{port: 80}]}]}
---
# events namespaced
{apiVersion: v1, kind: Event, metadata: {name: NAME}, involvedObject: {kind: Pod, name: p, namespace: NS}, reason: Seen, message: hello, type: Normal}
---
# limitranges namespaced
{apiVersion: v1, kind: LimitRange, metadata: {name: NAME}, spec: {limits: [{type: PersistentVolumeClaim, max: {storage: 1Ti}}]}}
---
# persistentvolumeclaims namespaced
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: NAME}, spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}}
---
# pods namespaced
{apiVersion: v1, kind: Pod, metadata: {name: NAME}, spec: {schedulerName: nobody, containers: [{name: main, image: 'app:1'}]}}
---
# podtemplates namespaced
{apiVersion: v1, kind: PodTemplate, metadata: {name: NAME}, template: ${POD_TEMPLATE}}
---
# replicationcontrollers namespaced
{apiVersion: v1, kind: ReplicationController, metadata: {name: NAME}, spec: {replicas: 0, template: ${POD_TEMPLATE}}}
---
# resourcequotas namespaced
{apiVersion: v1, kind: ResourceQuota, metadata: {name: NAME}, spec: {hard: {count/jobs.batch: '1000'}}}
---
# secrets namespaced
{apiVersion: v1, kind: Secret, metadata: {name: NAME}, stringData: {a: b}}
---
# serviceaccounts namespaced
{apiVersion: v1, kind: ServiceAccount, metadata: {name: NAME}}
---
# services namespaced
{apiVersion: v1, kind: Service, metadata: {name: NAME}, spec: {selector: {app: NAME}, ports: [{port: 80}]}}
---
# controllerrevisions namespaced
{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: NAME}, revision: 3, data: {spec: {}}}
---
# daemonsets namespaced
{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: NAME}, spec: {selector: {matchLabels: {app: NAME}}, template: {metadata: {labels: {app: NAME}}, spec: {nodeSelector: {none: such}, containers: [{name: main, image: 'app:1'}]}}}}
---
# deployments namespaced
{apiVersion: apps/v1, kind: Deployment, metadata: {name: NAME}, spec: {replicas: 0, selector: {matchLabels: {app: NAME}}, template: ${POD_TEMPLATE}}}
---
# replicasets namespaced
{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: NAME}, spec: {replicas: 0, selector: {matchLabels: {app: NAME}}, template: ${POD_TEMPLATE}}}
---
# statefulsets namespaced
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: NAME}, spec: {replicas: 0, serviceName: s, selector: {matchLabels: {app: NAME}}, template: ${POD_TEMPLATE}}}
---
# events namespaced
{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: NAME-e}, eventTime: '2026-01-02T03:04:05.123456Z', regarding: {kind: Pod, name: p, namespace: NS}, reason: Seen, action: Look, note: hello, type: Normal, reportingController: example.com/c, reportingInstance: c-1}
---
# horizontalpodautoscalers namespaced
{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: NAME}, spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: none}}}
---
# horizontalpodautoscalers namespaced
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: NAME-2}, spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: none}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]}}
---
# cronjobs namespaced
{apiVersion: batch/v1, kind: CronJob, metadata: {name: NAME}, spec: {suspend: true, schedule: '*/5 * * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: 'app:1'}]}}}}}}
---
# jobs namespaced
{apiVersion: batch/v1, kind: Job, metadata: {name: NAME}, spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: main, image: 'app:1'}]}}}}
---
# leases namespaced
{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: NAME}, spec: {holderIdentity: me, leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.123456Z'}}
---
# endpointslices namespaced
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: NAME}, addressType: IPv4, endpoints: [{addresses: [10.1.2.3]}], ports: [{port: 80}]}
---
# ingresses namespaced
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: NAME}, spec: {rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]}}
---
# networkpolicies namespaced
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: NAME}, spec: {podSelector: {matchLabels: {app: a}}, ingress: [{ports: [{port: 80}]}]}}
---
# poddisruptionbudgets namespaced
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: NAME}, spec: {minAvailable: 50%, selector: {matchLabels: {app: NAME}}}}
---
# rolebindings namespaced
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: NAME}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}, subjects: [{kind: User, name: u}]}
---
# roles namespaced
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: NAME}, rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}
---
# resourceclaims namespaced
{apiVersion: resource.k8s.io/v1, kind: ResourceClaim, metadata: {name: NAME}, spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu.example.com}}]}}}
---
# resourceclaimtemplates namespaced
{apiVersion: resource.k8s.io/v1, kind: ResourceClaimTemplate, metadata: {name: NAME}, spec: {spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu.example.com}}]}}}}
---
# csistoragecapacities namespaced
{apiVersion: storage.k8s.io/v1, kind: CSIStorageCapacity, metadata: {name: NAME}, storageClassName: fast, capacity: 1Ti, nodeTopology: {matchLabels: {zone: a}}}
`;

const CLUSTER = `
# namespaces cluster
{apiVersion: v1, kind: Namespace, metadata: {name: NAME}}
---
# nodes cluster
{apiVersion: v1, kind: Node, metadata: {name: NAME}, spec: {unschedulable: true}}
---
# persistentvolumes cluster
{apiVersion: v1, kind: PersistentVolume, metadata: {name: NAME}, spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], storageClassName: manual, hostPath: {path: /data}}}
---
# mutatingwebhookconfigurations cluster
{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {name: NAME}, webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], failurePolicy: Ignore, clientConfig: {url: 'https://127.0.0.1:1/'}, rules: [{apiGroups: [none.example.com], apiVersions: [v1], resources: [nones], operations: [CREATE]}]}]}
---
# validatingwebhookconfigurations cluster
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: NAME}, webhooks: [{name: a.example.com, sideEffects: None, admissionReviewVersions: [v1], failurePolicy: Ignore, clientConfig: {url: 'https://127.0.0.1:1/'}, rules: [{apiGroups: [none.example.com], apiVersions: [v1], resources: [nones], operations: [CREATE]}]}]}
---
# validatingadmissionpolicies cluster
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: NAME}, spec: {matchConstraints: {resourceRules: [{apiGroups: [none.example.com], apiVersions: [v1], resources: [nones], operations: [CREATE]}]}, validations: [{expression: 'true'}]}}
---
# validatingadmissionpolicybindings cluster
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: NAME}, spec: {policyName: none.example.com, validationActions: [Deny]}}
---
# customresourcedefinitions cluster
{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: NAMEs.conformance.example.com}, spec: {group: conformance.example.com, scope: Namespaced, names: {plural: NAMEs, singular: NAME, kind: NAME}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}
---
# apiservices cluster
{apiVersion: apiregistration.k8s.io/v1, kind: APIService, metadata: {name: v1.NAME.example.com}, spec: {group: NAME.example.com, version: v1, groupPriorityMinimum: 100, versionPriority: 10, insecureSkipTLSVerify: true, service: {namespace: none, name: none}}}
---
# certificatesigningrequests cluster
{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: NAME}, spec: {request: ${SIGNING_REQUEST}, signerName: example.com/s, usages: [client auth]}}
---
# flowschemas cluster
{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, metadata: {name: NAME}, spec: {priorityLevelConfiguration: {name: global-default}, rules: [{subjects: [{kind: User, user: {name: u}}], nonResourceRules: [{verbs: ['*'], nonResourceURLs: [/none]}]}]}}
---
# prioritylevelconfigurations cluster
{apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: PriorityLevelConfiguration, metadata: {name: NAME}, spec: {type: Limited, limited: {limitResponse: {type: Reject}}}}
---
# ingressclasses cluster
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: NAME}, spec: {controller: example.com/c}}
---
# servicecidrs cluster
{apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: NAME}, spec: {cidrs: [192.168.0.0/24]}}
---
# runtimeclasses cluster
{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: NAME}, handler: runc}
---
# clusterrolebindings cluster
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: NAME}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}, subjects: [{kind: User, name: u}]}
---
# clusterroles cluster
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: NAME}, rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]}
---
# deviceclasses cluster
{apiVersion: resource.k8s.io/v1, kind: DeviceClass, metadata: {name: NAME}, spec: {}}
---
# resourceslices cluster
{apiVersion: resource.k8s.io/v1, kind: ResourceSlice, metadata: {name: NAME}, spec: {driver: gpu.example.com, nodeName: node-a, pool: {name: p, generation: 1, resourceSliceCount: 1}, devices: [{name: d}]}}
---
# priorityclasses cluster
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: NAME}, value: 7}
---
# csidrivers cluster
{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: NAME}, spec: {attachRequired: false}}
---
# csinodes cluster
{apiVersion: storage.k8s.io/v1, kind: CSINode, metadata: {name: NAME}, spec: {drivers: [{name: d.example.com, nodeID: id-a}]}}
---
# storageclasses cluster
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: NAME}, provisioner: example.com/p}
---
# volumeattachments cluster
{apiVersion: storage.k8s.io/v1, kind: VolumeAttachment, metadata: {name: NAME}, spec: {attacher: a.example.com, nodeName: node-a, source: {persistentVolumeName: v}}}
---
# volumeattributesclasses cluster
{apiVersion: storage.k8s.io/v1, kind: VolumeAttributesClass, metadata: {name: NAME}, driverName: example.com/d, parameters: {iops: '100'}}
`;
