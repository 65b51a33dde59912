/** Types of `io.k8s.api.core.v1` but for those about pods and volumes; the format is described in `../facts.ts`. */
export default `
@Binding
%
metadata 1 =meta.v1.ObjectMeta o
target 2 =ObjectReference r
@ClientIPConfig
timeoutSeconds 1 i po
@ComponentCondition
type 1 s/ComponentConditionType r d0
status 2 s/ConditionStatus r d0
message 3 s o
error 4 s o
@ComponentStatus
%
metadata 1 =meta.v1.ObjectMeta o
conditions 2 []=ComponentCondition o t=map:type k=merge:type
@ConfigMap
%
metadata 1 =meta.v1.ObjectMeta o
immutable 4 b po
data 2 {}s o
binaryData 3 {}y o
@ConfigMapNodeConfigSource
namespace 1 s r d0
name 2 s r d0
uid 3 s/types.UID o
resourceVersion 4 s o
kubeletConfigKey 5 s r d0
@DaemonEndpoint
Port 1 i r d0
@EndpointAddress m=atomic
ip 1 s r d0
hostname 3 s o
nodeName 4 s po
targetRef 2 =ObjectReference po
@EndpointPort m=atomic
name 1 s o
port 2 i r d0
protocol 3 s/Protocol o e=SCTP|TCP|UDP
appProtocol 4 s po
@EndpointSubset
addresses 1 []=EndpointAddress o t=atomic
notReadyAddresses 2 []=EndpointAddress o t=atomic
ports 3 []=EndpointPort o t=atomic
@Endpoints
%
metadata 1 =meta.v1.ObjectMeta o
subsets 2 []=EndpointSubset o t=atomic
@Event
%
metadata 1 =meta.v1.ObjectMeta r
involvedObject 2 =ObjectReference r
reason 3 s o
message 4 s o
source 5 =EventSource o
firstTimestamp 6 T o
lastTimestamp 7 T o
count 8 i o
type 9 s o
eventTime 10 M o
series 11 =EventSeries po
action 12 s o
related 13 =ObjectReference po
reportingComponent 14 s - d0
reportingInstance 15 s - d0
@EventSeries
count 1 i o
lastObservedTime 2 M o
@EventSource
component 1 s o
host 2 s o
@LimitRange
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =LimitRangeSpec o
@LimitRangeItem
type 1 s/LimitType r d0
max 2 {ResourceName}Q o
min 3 {ResourceName}Q o
default 4 {ResourceName}Q o
defaultRequest 5 {ResourceName}Q o
maxLimitRequestRatio 6 {ResourceName}Q o
@LimitRangeSpec
limits 1 []=LimitRangeItem r t=atomic
@LoadBalancerIngress
ip 1 s o
hostname 2 s o
ipMode 3 s/LoadBalancerIPMode po
ports 4 []=PortStatus o t=atomic
@LoadBalancerStatus
ingress 1 []=LoadBalancerIngress o t=atomic
@LocalObjectReference m=atomic
name 1 s o d0
@Namespace
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =NamespaceSpec o
status 3 =NamespaceStatus o
@NamespaceCondition
type 1 s/NamespaceConditionType r d0
status 2 s/ConditionStatus r d0
lastTransitionTime 4 T o
reason 5 s o
message 6 s o
@NamespaceSpec
finalizers 1 []s/FinalizerName o t=atomic
@NamespaceStatus
phase 1 s/NamespacePhase o e=Active|Terminating
conditions 2 []=NamespaceCondition o t=map:type k=merge:type
@Node
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =NodeSpec o
status 3 =NodeStatus o
@NodeAddress
type 1 s/NodeAddressType r d0
address 2 s r d0
@NodeCondition
type 1 s/NodeConditionType r d0
status 2 s/ConditionStatus r d0
lastHeartbeatTime 3 T o
lastTransitionTime 4 T o
reason 5 s o
message 6 s o
@NodeConfigSource
configMap 2 =ConfigMapNodeConfigSource po
@NodeConfigStatus
assigned 1 =NodeConfigSource po
active 2 =NodeConfigSource po
lastKnownGood 3 =NodeConfigSource po
error 4 s o
@NodeDaemonEndpoints
kubeletEndpoint 1 =DaemonEndpoint o
@NodeFeatures
supplementalGroupsPolicy 1 b po
@NodeProxyOptions
%
path 1 s o
@NodeRuntimeHandler
name 1 s - d0
features 2 =NodeRuntimeHandlerFeatures po
@NodeRuntimeHandlerFeatures
recursiveReadOnlyMounts 1 b po
userNamespaces 2 b po
@NodeSelector m=atomic
nodeSelectorTerms 1 []=NodeSelectorTerm r t=atomic
@NodeSelectorRequirement
key 1 s r d0
operator 2 s/NodeSelectorOperator r e=DoesNotExist|Exists|Gt|In|Lt|NotIn d0
values 3 []s o t=atomic
@NodeSelectorTerm m=atomic
matchExpressions 1 []=NodeSelectorRequirement o t=atomic
matchFields 2 []=NodeSelectorRequirement o t=atomic
@NodeSpec
podCIDR 1 s o
podCIDRs 7 []s o t=set k=merge
providerID 3 s o
unschedulable 4 b o
taints 5 []=Taint o t=atomic
configSource 6 =NodeConfigSource po
externalID 2 s o
@NodeStatus
capacity 1 {ResourceName}Q o
allocatable 2 {ResourceName}Q o
phase 3 s/NodePhase o e=Pending|Running|Terminated
conditions 4 []=NodeCondition o t=map:type k=merge:type
addresses 5 []=NodeAddress o t=map:type k=merge:type
daemonEndpoints 6 =NodeDaemonEndpoints o
nodeInfo 7 =NodeSystemInfo o
images 8 []=ContainerImage o t=atomic
volumesInUse 9 []s/UniqueVolumeName o t=atomic
volumesAttached 10 []=AttachedVolume o t=atomic
config 11 =NodeConfigStatus po
runtimeHandlers 12 []=NodeRuntimeHandler o t=atomic
features 13 =NodeFeatures po
declaredFeatures 14 []s o t=atomic
@NodeSwapStatus
capacity 1 l po
@NodeSystemInfo
machineID 1 s r d0
systemUUID 2 s r d0
bootID 3 s r d0
kernelVersion 4 s r d0
osImage 5 s r d0
containerRuntimeVersion 6 s r d0
kubeletVersion 7 s r d0
kubeProxyVersion 8 s r d0
operatingSystem 9 s r d0
architecture 10 s r d0
swap 11 =NodeSwapStatus po
@ObjectReference m=atomic
kind 1 s o
namespace 2 s o
name 3 s o
uid 4 s/types.UID o
apiVersion 5 s o
resourceVersion 6 s o
fieldPath 7 s o
@PortStatus
port 1 i r d0
protocol 2 s/Protocol r e=SCTP|TCP|UDP d0
error 3 s po
@RangeAllocation
%
metadata 1 =meta.v1.ObjectMeta o
range 2 s r d0
data 3 y r
@ReplicationController
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ReplicationControllerSpec o
status 3 =ReplicationControllerStatus o
@ReplicationControllerCondition
type 1 s/ReplicationControllerConditionType r d0
status 2 s/ConditionStatus r d0
lastTransitionTime 3 T o
reason 4 s o
message 5 s o
@ReplicationControllerSpec
replicas 1 i po d=1
minReadySeconds 4 i o d0
selector 2 {}s o m=atomic
template 3 =PodTemplateSpec po
@ReplicationControllerStatus
replicas 1 i r d0
fullyLabeledReplicas 2 i o
readyReplicas 4 i o
availableReplicas 5 i o
observedGeneration 3 l o
conditions 6 []=ReplicationControllerCondition o t=map:type k=merge:type
@ResourceQuota
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ResourceQuotaSpec o
status 3 =ResourceQuotaStatus o
@ResourceQuotaSpec
hard 1 {ResourceName}Q o
scopes 2 []s/ResourceQuotaScope o t=atomic e=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
scopeSelector 3 =ScopeSelector po
@ResourceQuotaStatus
hard 1 {ResourceName}Q o
used 2 {ResourceName}Q o
@ScopeSelector m=atomic
matchExpressions 1 []=ScopedResourceSelectorRequirement o t=atomic
@ScopedResourceSelectorRequirement
scopeName 1 s/ResourceQuotaScope r e=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass d0
operator 2 s/ScopeSelectorOperator r e=DoesNotExist|Exists|In|NotIn d0
values 3 []s o t=atomic
@Secret
%
metadata 1 =meta.v1.ObjectMeta o
immutable 5 b po
data 2 {}y o
stringData 4 {}s o
type 3 s/SecretType o
@SecretReference m=atomic
name 1 s o
namespace 2 s o
@SerializedReference
%
reference 1 =ObjectReference o
@Service
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ServiceSpec o
status 3 =ServiceStatus o
@ServiceAccount
%
metadata 1 =meta.v1.ObjectMeta o
secrets 2 []=ObjectReference o t=map:name k=merge:name
imagePullSecrets 3 []=LocalObjectReference o t=atomic
automountServiceAccountToken 4 b po
@ServicePort
name 1 s o
protocol 2 s/Protocol o e=SCTP|TCP|UDP d="TCP"
appProtocol 6 s po
port 3 i r d0
targetPort 4 I o
nodePort 5 i o
@ServiceProxyOptions
%
path 1 s o
@ServiceSpec
ports 1 []=ServicePort o t=map:port,protocol k=merge:port
selector 2 {}s o m=atomic
clusterIP 3 s o
clusterIPs 18 []s o t=atomic
type 4 s/ServiceType o e=ClusterIP|ExternalName|LoadBalancer|NodePort
externalIPs 5 []s o t=atomic
sessionAffinity 7 s/ServiceAffinity o e=ClientIP|None
loadBalancerIP 8 s o
loadBalancerSourceRanges 9 []s o t=atomic
externalName 10 s o
externalTrafficPolicy 11 s/ServiceExternalTrafficPolicy o e=Cluster|Local
healthCheckNodePort 12 i o
publishNotReadyAddresses 13 b o
sessionAffinityConfig 14 =SessionAffinityConfig po
ipFamilies 19 []s/IPFamily o t=atomic e=|IPv4|IPv6
ipFamilyPolicy 17 s/IPFamilyPolicy po e=PreferDualStack|RequireDualStack|SingleStack
allocateLoadBalancerNodePorts 20 b po
loadBalancerClass 21 s po
internalTrafficPolicy 22 s/ServiceInternalTrafficPolicy po e=Cluster|Local
trafficDistribution 23 s po
@ServiceStatus
loadBalancer 1 =LoadBalancerStatus o
conditions 2 []=meta.v1.Condition o t=map:type k=merge:type
@SessionAffinityConfig
clientIP 1 =ClientIPConfig po
@Taint
key 1 s r d0
value 2 s o
effect 3 s/TaintEffect r e=NoExecute|NoSchedule|PreferNoSchedule d0
timeAdded 4 T po
@TypedLocalObjectReference m=atomic
apiGroup 1 s p
kind 2 s r d0
name 3 s r d0
@TypedObjectReference
apiGroup 1 s p
kind 2 s r d0
name 3 s r d0
namespace 4 s po
`;
