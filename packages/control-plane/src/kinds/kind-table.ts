/**
 * The built-in kinds of Kubernetes 1.35, and mutating admission policies, which it serves on demand only (in
 * the version of then and the one that followed), one a line: group (`-` for the core group), version, kind, plural,
 * short names, categories, published type, verbs and traits, separated by spaces, `-` for none.
 *
 * Verbs: `all`, or letters of create, get, list, delete, deletecollection (`x`), patch, update, watch.
 * Traits: `n` namespaced, `s` status subresource, `c` scale subresource, `g` generation is counted, `v` an
 * update must name the version it replaces, `d` a delete answers with the object, `o` deletes orphan
 * dependents by default.
 */
export const KIND_TABLE = `
- v1 Binding bindings - - core.v1.Binding c n
- v1 ComponentStatus componentstatuses cs - core.v1.ComponentStatus gl -
- v1 ConfigMap configmaps cm - core.v1.ConfigMap all n
- v1 Endpoints endpoints ep - core.v1.Endpoints all n
- v1 Event events ev - core.v1.Event all n
- v1 LimitRange limitranges limits - core.v1.LimitRange all n
- v1 Namespace namespaces ns - core.v1.Namespace cdglpuw sd
- v1 Node nodes no - core.v1.Node all s
- v1 PersistentVolumeClaim persistentvolumeclaims pvc - core.v1.PersistentVolumeClaim all nsd
- v1 PersistentVolume persistentvolumes pv - core.v1.PersistentVolume all sd
- v1 Pod pods po all core.v1.Pod all nsgd
- v1 PodTemplate podtemplates - - core.v1.PodTemplate all ngd
- v1 ReplicationController replicationcontrollers rc all core.v1.ReplicationController all nscgo
- v1 ResourceQuota resourcequotas quota - core.v1.ResourceQuota all nsd
- v1 Secret secrets - - core.v1.Secret all n
- v1 ServiceAccount serviceaccounts sa - core.v1.ServiceAccount all nd
- v1 Service services svc all core.v1.Service all nsd
admissionregistration.k8s.io v1 MutatingWebhookConfiguration mutatingwebhookconfigurations - api-extensions admissionregistration.v1.MutatingWebhookConfiguration all gv
admissionregistration.k8s.io v1 ValidatingAdmissionPolicy validatingadmissionpolicies - api-extensions admissionregistration.v1.ValidatingAdmissionPolicy all sgv
admissionregistration.k8s.io v1 ValidatingAdmissionPolicyBinding validatingadmissionpolicybindings - api-extensions admissionregistration.v1.ValidatingAdmissionPolicyBinding all gv
admissionregistration.k8s.io v1 ValidatingWebhookConfiguration validatingwebhookconfigurations - api-extensions admissionregistration.v1.ValidatingWebhookConfiguration all gv
admissionregistration.k8s.io v1 MutatingAdmissionPolicy mutatingadmissionpolicies - api-extensions admissionregistration.v1beta1.MutatingAdmissionPolicy all gv
admissionregistration.k8s.io v1 MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings - api-extensions admissionregistration.v1beta1.MutatingAdmissionPolicyBinding all gv
admissionregistration.k8s.io v1beta1 MutatingAdmissionPolicy mutatingadmissionpolicies - api-extensions admissionregistration.v1beta1.MutatingAdmissionPolicy all gv
admissionregistration.k8s.io v1beta1 MutatingAdmissionPolicyBinding mutatingadmissionpolicybindings - api-extensions admissionregistration.v1beta1.MutatingAdmissionPolicyBinding all gv
apiextensions.k8s.io v1 CustomResourceDefinition customresourcedefinitions crd,crds api-extensions apiextensions.v1.CustomResourceDefinition all sgv
apiregistration.k8s.io v1 APIService apiservices - api-extensions apiregistration.v1.APIService all sv
apps v1 ControllerRevision controllerrevisions - - apps.v1.ControllerRevision all n
apps v1 DaemonSet daemonsets ds all apps.v1.DaemonSet all nsg
apps v1 Deployment deployments deploy all apps.v1.Deployment all nscg
apps v1 ReplicaSet replicasets rs all apps.v1.ReplicaSet all nscg
apps v1 StatefulSet statefulsets sts all apps.v1.StatefulSet all nscg
authentication.k8s.io v1 SelfSubjectReview selfsubjectreviews - - authentication.v1.SelfSubjectReview c -
authentication.k8s.io v1 TokenReview tokenreviews - - authentication.v1.TokenReview c -
authorization.k8s.io v1 LocalSubjectAccessReview localsubjectaccessreviews - - authorization.v1.LocalSubjectAccessReview c n
authorization.k8s.io v1 SelfSubjectAccessReview selfsubjectaccessreviews - - authorization.v1.SelfSubjectAccessReview c -
authorization.k8s.io v1 SelfSubjectRulesReview selfsubjectrulesreviews - - authorization.v1.SelfSubjectRulesReview c -
authorization.k8s.io v1 SubjectAccessReview subjectaccessreviews - - authorization.v1.SubjectAccessReview c -
autoscaling v2 HorizontalPodAutoscaler horizontalpodautoscalers hpa all autoscaling.v2.HorizontalPodAutoscaler all ns
autoscaling v1 HorizontalPodAutoscaler horizontalpodautoscalers hpa all autoscaling.v1.HorizontalPodAutoscaler all ns
batch v1 CronJob cronjobs cj all batch.v1.CronJob all nsg
batch v1 Job jobs - all batch.v1.Job all nsgo
certificates.k8s.io v1 CertificateSigningRequest certificatesigningrequests csr - certificates.v1.CertificateSigningRequest all s
coordination.k8s.io v1 Lease leases - - coordination.v1.Lease all nv
discovery.k8s.io v1 EndpointSlice endpointslices - - discovery.v1.EndpointSlice all ng
events.k8s.io v1 Event events ev - events.v1.Event all n
flowcontrol.apiserver.k8s.io v1 FlowSchema flowschemas - - flowcontrol.v1.FlowSchema all sg
flowcontrol.apiserver.k8s.io v1 PriorityLevelConfiguration prioritylevelconfigurations - - flowcontrol.v1.PriorityLevelConfiguration all sg
networking.k8s.io v1 IngressClass ingressclasses - - networking.v1.IngressClass all g
networking.k8s.io v1 Ingress ingresses ing - networking.v1.Ingress all nsg
networking.k8s.io v1 IPAddress ipaddresses ip - networking.v1.IPAddress all -
networking.k8s.io v1 NetworkPolicy networkpolicies netpol - networking.v1.NetworkPolicy all ng
networking.k8s.io v1 ServiceCIDR servicecidrs - - networking.v1.ServiceCIDR all s
node.k8s.io v1 RuntimeClass runtimeclasses - - node.v1.RuntimeClass all v
policy v1 PodDisruptionBudget poddisruptionbudgets pdb - policy.v1.PodDisruptionBudget all nsgv
rbac.authorization.k8s.io v1 ClusterRoleBinding clusterrolebindings - - rbac.v1.ClusterRoleBinding all -
rbac.authorization.k8s.io v1 ClusterRole clusterroles - - rbac.v1.ClusterRole all -
rbac.authorization.k8s.io v1 RoleBinding rolebindings - - rbac.v1.RoleBinding all n
rbac.authorization.k8s.io v1 Role roles - - rbac.v1.Role all n
resource.k8s.io v1 DeviceClass deviceclasses - - resource.v1.DeviceClass all gd
resource.k8s.io v1 ResourceClaim resourceclaims - - resource.v1.ResourceClaim all nsd
resource.k8s.io v1 ResourceClaimTemplate resourceclaimtemplates - - resource.v1.ResourceClaimTemplate all nd
resource.k8s.io v1 ResourceSlice resourceslices - - resource.v1.ResourceSlice all gd
scheduling.k8s.io v1 PriorityClass priorityclasses pc - scheduling.v1.PriorityClass all g
storage.k8s.io v1 CSIDriver csidrivers - - storage.v1.CSIDriver all gvd
storage.k8s.io v1 CSINode csinodes - - storage.v1.CSINode all vd
storage.k8s.io v1 CSIStorageCapacity csistoragecapacities - - storage.v1.CSIStorageCapacity all nv
storage.k8s.io v1 StorageClass storageclasses sc - storage.v1.StorageClass all d
storage.k8s.io v1 VolumeAttachment volumeattachments - - storage.v1.VolumeAttachment all svd
storage.k8s.io v1 VolumeAttributesClass volumeattributesclasses vac - storage.v1.VolumeAttributesClass all d
`;
