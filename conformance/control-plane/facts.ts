/**
 * What Kubernetes 1.35 serves, one resource a line: group version, plural, kind, scope, short names,
 * categories, verbs where they are not all eight, subresources.
 */
export const RESOURCES = `
v1 | bindings | Binding | namespaced |  |  | create
v1 | componentstatuses | ComponentStatus | cluster | cs |  | get,list
v1 | configmaps | ConfigMap | namespaced | cm
v1 | endpoints | Endpoints | namespaced | ep
v1 | events | Event | namespaced | ev
v1 | limitranges | LimitRange | namespaced | limits
v1 | namespaces | Namespace | cluster | ns |  | create,delete,get,list,patch,update,watch | finalize status
v1 | nodes | Node | cluster | no |  |  | proxy status
v1 | persistentvolumeclaims | PersistentVolumeClaim | namespaced | pvc |  |  | status
v1 | persistentvolumes | PersistentVolume | cluster | pv |  |  | status
v1 | pods | Pod | namespaced | po | all |  | attach binding ephemeralcontainers eviction exec log portforward proxy resize status
v1 | podtemplates | PodTemplate | namespaced
v1 | replicationcontrollers | ReplicationController | namespaced | rc | all |  | scale status
v1 | resourcequotas | ResourceQuota | namespaced | quota |  |  | status
v1 | secrets | Secret | namespaced
v1 | serviceaccounts | ServiceAccount | namespaced | sa |  |  | token
v1 | services | Service | namespaced | svc | all |  | proxy status
apiregistration.k8s.io/v1 | apiservices | APIService | cluster |  | api-extensions |  | status
apps/v1 | controllerrevisions | ControllerRevision | namespaced
apps/v1 | daemonsets | DaemonSet | namespaced | ds | all |  | status
apps/v1 | deployments | Deployment | namespaced | deploy | all |  | scale status
apps/v1 | replicasets | ReplicaSet | namespaced | rs | all |  | scale status
apps/v1 | statefulsets | StatefulSet | namespaced | sts | all |  | scale status
events.k8s.io/v1 | events | Event | namespaced | ev
authentication.k8s.io/v1 | selfsubjectreviews | SelfSubjectReview | cluster |  |  | create
authentication.k8s.io/v1 | tokenreviews | TokenReview | cluster |  |  | create
authorization.k8s.io/v1 | localsubjectaccessreviews | LocalSubjectAccessReview | namespaced |  |  | create
authorization.k8s.io/v1 | selfsubjectaccessreviews | SelfSubjectAccessReview | cluster |  |  | create
authorization.k8s.io/v1 | selfsubjectrulesreviews | SelfSubjectRulesReview | cluster |  |  | create
authorization.k8s.io/v1 | subjectaccessreviews | SubjectAccessReview | cluster |  |  | create
autoscaling/v2 | horizontalpodautoscalers | HorizontalPodAutoscaler | namespaced | hpa | all |  | status
autoscaling/v1 | horizontalpodautoscalers | HorizontalPodAutoscaler | namespaced | hpa | all |  | status
batch/v1 | cronjobs | CronJob | namespaced | cj | all |  | status
batch/v1 | jobs | Job | namespaced |  | all |  | status
certificates.k8s.io/v1 | certificatesigningrequests | CertificateSigningRequest | cluster | csr |  |  | approval status
networking.k8s.io/v1 | ingressclasses | IngressClass | cluster
networking.k8s.io/v1 | ingresses | Ingress | namespaced | ing |  |  | status
networking.k8s.io/v1 | ipaddresses | IPAddress | cluster | ip
networking.k8s.io/v1 | networkpolicies | NetworkPolicy | namespaced | netpol
networking.k8s.io/v1 | servicecidrs | ServiceCIDR | cluster |  |  |  | status
policy/v1 | poddisruptionbudgets | PodDisruptionBudget | namespaced | pdb |  |  | status
rbac.authorization.k8s.io/v1 | clusterrolebindings | ClusterRoleBinding | cluster
rbac.authorization.k8s.io/v1 | clusterroles | ClusterRole | cluster
rbac.authorization.k8s.io/v1 | rolebindings | RoleBinding | namespaced
rbac.authorization.k8s.io/v1 | roles | Role | namespaced
storage.k8s.io/v1 | csidrivers | CSIDriver | cluster
storage.k8s.io/v1 | csinodes | CSINode | cluster
storage.k8s.io/v1 | csistoragecapacities | CSIStorageCapacity | namespaced
storage.k8s.io/v1 | storageclasses | StorageClass | cluster | sc
storage.k8s.io/v1 | volumeattachments | VolumeAttachment | cluster |  |  |  | status
storage.k8s.io/v1 | volumeattributesclasses | VolumeAttributesClass | cluster | vac
admissionregistration.k8s.io/v1 | mutatingwebhookconfigurations | MutatingWebhookConfiguration | cluster |  | api-extensions
admissionregistration.k8s.io/v1 | validatingadmissionpolicies | ValidatingAdmissionPolicy | cluster |  | api-extensions |  | status
admissionregistration.k8s.io/v1 | validatingadmissionpolicybindings | ValidatingAdmissionPolicyBinding | cluster |  | api-extensions
admissionregistration.k8s.io/v1 | validatingwebhookconfigurations | ValidatingWebhookConfiguration | cluster |  | api-extensions
apiextensions.k8s.io/v1 | customresourcedefinitions | CustomResourceDefinition | cluster | crd,crds | api-extensions |  | status
scheduling.k8s.io/v1 | priorityclasses | PriorityClass | cluster | pc
coordination.k8s.io/v1 | leases | Lease | namespaced
node.k8s.io/v1 | runtimeclasses | RuntimeClass | cluster
discovery.k8s.io/v1 | endpointslices | EndpointSlice | namespaced
resource.k8s.io/v1 | deviceclasses | DeviceClass | cluster
resource.k8s.io/v1 | resourceclaims | ResourceClaim | namespaced |  |  |  | status
resource.k8s.io/v1 | resourceclaimtemplates | ResourceClaimTemplate | namespaced
resource.k8s.io/v1 | resourceslices | ResourceSlice | cluster
flowcontrol.apiserver.k8s.io/v1 | flowschemas | FlowSchema | cluster |  |  |  | status
flowcontrol.apiserver.k8s.io/v1 | prioritylevelconfigurations | PriorityLevelConfiguration | cluster |  |  |  | status
`;

/** Columns of the Table of each resource: those always shown, then those of \`-o wide\`. */
export const COLUMNS = `
v1 componentstatuses | Name, Status, Message, Error
v1 configmaps | Name, Data, Age
v1 endpoints | Name, Endpoints, Age
v1 events | Last Seen, Type, Reason, Object, Message | Subobject, Source, First Seen, Count, Name
v1 limitranges | Name, Created At
v1 namespaces | Name, Status, Age
v1 nodes | Name, Status, Roles, Age, Version | Internal-IP, External-IP, OS-Image, Kernel-Version, Container-Runtime
v1 persistentvolumeclaims | Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age | VolumeMode
v1 persistentvolumes | Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age | VolumeMode
v1 pods | Name, Ready, Status, Restarts, Age | IP, Node, Nominated Node, Readiness Gates
v1 podtemplates | Name, Containers, Images, Pod Labels
v1 replicationcontrollers | Name, Desired, Current, Ready, Age | Containers, Images, Selector
v1 resourcequotas | Name, Request, Limit, Age
v1 secrets | Name, Type, Data, Age
v1 serviceaccounts | Name, Age
v1 services | Name, Type, Cluster-IP, External-IP, Port(s), Age | Selector
apiregistration.k8s.io/v1 apiservices | Name, Service, Available, Age
apps/v1 controllerrevisions | Name, Controller, Revision, Age
apps/v1 daemonsets | Name, Desired, Current, Ready, Up-to-date, Available, Node Selector, Age | Containers, Images, Selector
apps/v1 deployments | Name, Ready, Up-to-date, Available, Age | Containers, Images, Selector
apps/v1 replicasets | Name, Desired, Current, Ready, Age | Containers, Images, Selector
apps/v1 statefulsets | Name, Ready, Age | Containers, Images
events.k8s.io/v1 events | Last Seen, Type, Reason, Object, Message | Subobject, Source, First Seen, Count, Name
autoscaling/v2 horizontalpodautoscalers | Name, Reference, Targets, MinPods, MaxPods, Replicas, Age
autoscaling/v1 horizontalpodautoscalers | Name, Reference, Targets, MinPods, MaxPods, Replicas, Age
batch/v1 cronjobs | Name, Schedule, Timezone, Suspend, Active, Last Schedule, Age | Containers, Images, Selector
batch/v1 jobs | Name, Status, Completions, Duration, Age | Containers, Images, Selector
certificates.k8s.io/v1 certificatesigningrequests | Name, Age, SignerName, Requestor, RequestedDuration, Condition
networking.k8s.io/v1 ingressclasses | Name, Controller, Parameters, Age
networking.k8s.io/v1 ingresses | Name, Class, Hosts, Address, Ports, Age
networking.k8s.io/v1 ipaddresses | Name, ParentRef
networking.k8s.io/v1 networkpolicies | Name, Pod-Selector, Age
networking.k8s.io/v1 servicecidrs | Name, CIDRs, Age
policy/v1 poddisruptionbudgets | Name, Min Available, Max Unavailable, Allowed Disruptions, Age
rbac.authorization.k8s.io/v1 clusterrolebindings | Name, Role, Age | Users, Groups, ServiceAccounts
rbac.authorization.k8s.io/v1 clusterroles | Name, Created At
rbac.authorization.k8s.io/v1 rolebindings | Name, Role, Age | Users, Groups, ServiceAccounts
rbac.authorization.k8s.io/v1 roles | Name, Created At
storage.k8s.io/v1 csidrivers | Name, AttachRequired, PodInfoOnMount, StorageCapacity, TokenRequests, RequiresRepublish, Modes, Age
storage.k8s.io/v1 csinodes | Name, Drivers, Age
storage.k8s.io/v1 csistoragecapacities | Name, Created At
storage.k8s.io/v1 storageclasses | Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age
storage.k8s.io/v1 volumeattachments | Name, Attacher, PV, Node, Attached, Age
storage.k8s.io/v1 volumeattributesclasses | Name, DriverName, Age
admissionregistration.k8s.io/v1 mutatingwebhookconfigurations | Name, Webhooks, Age
admissionregistration.k8s.io/v1 validatingadmissionpolicies | Name, Validations, ParamKind, Age
admissionregistration.k8s.io/v1 validatingadmissionpolicybindings | Name, PolicyName, ParamRef, Age
admissionregistration.k8s.io/v1 validatingwebhookconfigurations | Name, Webhooks, Age
apiextensions.k8s.io/v1 customresourcedefinitions | Name, Created At
scheduling.k8s.io/v1 priorityclasses | Name, Value, Global-Default, Age, PreemptionPolicy
coordination.k8s.io/v1 leases | Name, Holder, Age
node.k8s.io/v1 runtimeclasses | Name, Handler, Age
discovery.k8s.io/v1 endpointslices | Name, AddressType, Ports, Endpoints, Age
resource.k8s.io/v1 deviceclasses | Name, Age
resource.k8s.io/v1 resourceclaims | Name, State, Age
resource.k8s.io/v1 resourceclaimtemplates | Name, Age
resource.k8s.io/v1 resourceslices | Name, Node, Driver, Pool, Age
flowcontrol.apiserver.k8s.io/v1 flowschemas | Name, PriorityLevel, MatchingPrecedence, DistinguisherMethod, Age, MissingPL
flowcontrol.apiserver.k8s.io/v1 prioritylevelconfigurations | Name, Type, NominalConcurrencyShares, Queues, HandSize, QueueLengthLimit, Age
`;
