/** Types of `io.k8s.api.core.v1`; the format is described in `../facts.ts`. */
export default `
@AWSElasticBlockStoreVolumeSource
volumeID 1 s r d0
fsType 2 s o
partition 3 i o
readOnly 4 b o
@Affinity
nodeAffinity 1 =NodeAffinity po
podAffinity 2 =PodAffinity po
podAntiAffinity 3 =PodAntiAffinity po
@AppArmorProfile
type 1 s/AppArmorProfileType r e=Localhost|RuntimeDefault|Unconfined d0
localhostProfile 2 s po
@AttachedVolume
name 1 s/UniqueVolumeName r d0
devicePath 2 s r d0
@AzureDiskVolumeSource
diskName 1 s r d0
diskURI 2 s r d0
cachingMode 3 s/AzureDataDiskCachingMode po e=None|ReadOnly|ReadWrite d="ReadWrite"
fsType 4 s po d="ext4"
readOnly 5 b po d0
kind 6 s/AzureDataDiskKind po e=Dedicated|Managed|Shared d="Shared"
@AzureFilePersistentVolumeSource
secretName 1 s r d0
shareName 2 s r d0
readOnly 3 b o
secretNamespace 4 s p
@AzureFileVolumeSource
secretName 1 s r d0
shareName 2 s r d0
readOnly 3 b o
@Binding
%
metadata 1 =meta.v1.ObjectMeta o
target 2 =ObjectReference r
@CSIPersistentVolumeSource
driver 1 s r d0
volumeHandle 2 s r d0
readOnly 3 b o
fsType 4 s o
volumeAttributes 5 {}s o
controllerPublishSecretRef 6 =SecretReference po
nodeStageSecretRef 7 =SecretReference po
nodePublishSecretRef 8 =SecretReference po
controllerExpandSecretRef 9 =SecretReference po
nodeExpandSecretRef 10 =SecretReference po
@CSIVolumeSource
driver 1 s r d0
readOnly 2 b po
fsType 3 s po
volumeAttributes 4 {}s o
nodePublishSecretRef 5 =LocalObjectReference po
@Capabilities
add 1 []s/Capability o t=atomic
drop 2 []s/Capability o t=atomic
@CephFSPersistentVolumeSource
monitors 1 []s r t=atomic
path 2 s o
user 3 s o
secretFile 4 s o
secretRef 5 =SecretReference po
readOnly 6 b o
@CephFSVolumeSource
monitors 1 []s r t=atomic
path 2 s o
user 3 s o
secretFile 4 s o
secretRef 5 =LocalObjectReference po
readOnly 6 b o
@CinderPersistentVolumeSource
volumeID 1 s r d0
fsType 2 s o
readOnly 3 b o
secretRef 4 =SecretReference po
@CinderVolumeSource
volumeID 1 s r d0
fsType 2 s o
readOnly 3 b o
secretRef 4 =LocalObjectReference po
@ClientIPConfig
timeoutSeconds 1 i po
@ClusterTrustBundleProjection
name 1 s po
signerName 2 s po
labelSelector 3 =meta.v1.LabelSelector po
optional 5 b po
path 4 s r d0
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
@ConfigMapEnvSource
^ 1 =LocalObjectReference
optional 2 b po
@ConfigMapKeySelector m=atomic
^ 1 =LocalObjectReference
key 2 s r d0
optional 3 b po
@ConfigMapNodeConfigSource
namespace 1 s r d0
name 2 s r d0
uid 3 s/types.UID o
resourceVersion 4 s o
kubeletConfigKey 5 s r d0
@ConfigMapProjection
^ 1 =LocalObjectReference
items 2 []=KeyToPath o t=atomic
optional 4 b po
@ConfigMapVolumeSource
^ 1 =LocalObjectReference
items 2 []=KeyToPath o t=atomic
defaultMode 3 i po
optional 4 b po
@Container
name 1 s r d0
image 2 s o
command 3 []s o t=atomic
args 4 []s o t=atomic
workingDir 5 s o
ports 6 []=ContainerPort o t=map:containerPort,protocol k=merge:containerPort
envFrom 19 []=EnvFromSource o t=atomic
env 7 []=EnvVar o t=map:name k=merge:name
resources 8 =ResourceRequirements o
resizePolicy 23 []=ContainerResizePolicy o t=atomic
restartPolicy 24 s/ContainerRestartPolicy po
restartPolicyRules 25 []=ContainerRestartRule o t=atomic
volumeMounts 9 []=VolumeMount o t=map:mountPath k=merge:mountPath
volumeDevices 21 []=VolumeDevice o t=map:devicePath k=merge:devicePath
livenessProbe 10 =Probe po
readinessProbe 11 =Probe po
startupProbe 22 =Probe po
lifecycle 12 =Lifecycle po
terminationMessagePath 13 s o
terminationMessagePolicy 20 s/TerminationMessagePolicy o e=FallbackToLogsOnError|File
imagePullPolicy 14 s/PullPolicy o e=Always|IfNotPresent|Never
securityContext 15 =SecurityContext po
stdin 16 b o
stdinOnce 17 b o
tty 18 b o
@ContainerExtendedResourceRequest
containerName 1 s r d0
resourceName 2 s r d0
requestName 3 s r d0
@ContainerImage
names 1 []s - t=atomic
sizeBytes 2 l o
@ContainerPort
name 1 s o
hostPort 2 i o
containerPort 3 i r d0
protocol 4 s/Protocol o e=SCTP|TCP|UDP d="TCP"
hostIP 5 s o
@ContainerResizePolicy
resourceName 1 s/ResourceName r d0
restartPolicy 2 s/ResourceResizeRestartPolicy r d0
@ContainerRestartRule
action 1 s/ContainerRestartRuleAction or
exitCodes 2 =ContainerRestartRuleOnExitCodes po
@ContainerRestartRuleOnExitCodes
operator 1 s/ContainerRestartRuleOnExitCodesOperator or
values 2 []i o t=set
@ContainerState
waiting 1 =ContainerStateWaiting po
running 2 =ContainerStateRunning po
terminated 3 =ContainerStateTerminated po
@ContainerStateRunning
startedAt 1 T o
@ContainerStateTerminated
exitCode 1 i r d0
signal 2 i o
reason 3 s o
message 4 s o
startedAt 5 T o
finishedAt 6 T o
containerID 7 s o
@ContainerStateWaiting
reason 1 s o
message 2 s o
@ContainerStatus
name 1 s r d0
state 2 =ContainerState o
lastState 3 =ContainerState o
ready 4 b r d0
restartCount 5 i r d0
image 6 s r d0
imageID 7 s r d0
containerID 8 s o
started 9 b po
allocatedResources 10 {ResourceName}Q o
resources 11 =ResourceRequirements po
volumeMounts 12 []=VolumeMountStatus o t=map:mountPath k=merge:mountPath
user 13 =ContainerUser po
allocatedResourcesStatus 14 []=ResourceStatus o t=map:name k=merge:name
stopSignal 15 s/Signal po e=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
@ContainerUser
linux 1 =LinuxContainerUser po
@DaemonEndpoint
Port 1 i r d0
@DownwardAPIProjection
items 1 []=DownwardAPIVolumeFile o t=atomic
@DownwardAPIVolumeFile
path 1 s r d0
fieldRef 2 =ObjectFieldSelector po
resourceFieldRef 3 =ResourceFieldSelector po
mode 4 i po
@DownwardAPIVolumeSource
items 1 []=DownwardAPIVolumeFile o t=atomic
defaultMode 2 i po
@EmptyDirVolumeSource
medium 1 s/StorageMedium o
sizeLimit 2 Q po
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
@EnvFromSource
prefix 1 s o
configMapRef 2 =ConfigMapEnvSource po
secretRef 3 =SecretEnvSource po
@EnvVar
name 1 s r d0
value 2 s o
valueFrom 3 =EnvVarSource po
@EnvVarSource
fieldRef 1 =ObjectFieldSelector po
resourceFieldRef 2 =ResourceFieldSelector po
configMapKeyRef 3 =ConfigMapKeySelector po
secretKeyRef 4 =SecretKeySelector po
fileKeyRef 5 =FileKeySelector po
@EphemeralContainer
^ 1 =EphemeralContainerCommon
targetContainerName 2 s o
@EphemeralContainerCommon
name 1 s r d0
image 2 s o
command 3 []s o t=atomic
args 4 []s o t=atomic
workingDir 5 s o
ports 6 []=ContainerPort o t=map:containerPort,protocol k=merge:containerPort
envFrom 19 []=EnvFromSource o t=atomic
env 7 []=EnvVar o t=map:name k=merge:name
resources 8 =ResourceRequirements o
resizePolicy 23 []=ContainerResizePolicy o t=atomic
restartPolicy 24 s/ContainerRestartPolicy po
restartPolicyRules 25 []=ContainerRestartRule o t=atomic
volumeMounts 9 []=VolumeMount o t=map:mountPath k=merge:mountPath
volumeDevices 21 []=VolumeDevice o t=map:devicePath k=merge:devicePath
livenessProbe 10 =Probe po
readinessProbe 11 =Probe po
startupProbe 22 =Probe po
lifecycle 12 =Lifecycle po
terminationMessagePath 13 s o
terminationMessagePolicy 20 s/TerminationMessagePolicy o e=FallbackToLogsOnError|File
imagePullPolicy 14 s/PullPolicy o e=Always|IfNotPresent|Never
securityContext 15 =SecurityContext po
stdin 16 b o
stdinOnce 17 b o
tty 18 b o
@EphemeralVolumeSource
volumeClaimTemplate 1 =PersistentVolumeClaimTemplate po
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
@ExecAction
command 1 []s o t=atomic
@FCVolumeSource
targetWWNs 1 []s o t=atomic
lun 2 i po
fsType 3 s o
readOnly 4 b o
wwids 5 []s o t=atomic
@FileKeySelector m=atomic
volumeName 1 s r d0
path 2 s r d0
key 3 s r d0
optional 4 b po d0
@FlexPersistentVolumeSource
driver 1 s r d0
fsType 2 s o
secretRef 3 =SecretReference po
readOnly 4 b o
options 5 {}s o
@FlexVolumeSource
driver 1 s r d0
fsType 2 s o
secretRef 3 =LocalObjectReference po
readOnly 4 b o
options 5 {}s o
@FlockerVolumeSource
datasetName 1 s o
datasetUUID 2 s o
@GCEPersistentDiskVolumeSource
pdName 1 s r d0
fsType 2 s o
partition 3 i o
readOnly 4 b o
@GRPCAction
port 1 i r d0
service 2 s p d0
@GitRepoVolumeSource
repository 1 s r d0
revision 2 s o
directory 3 s o
@GlusterfsPersistentVolumeSource
endpoints 1 s r d0
path 2 s r d0
readOnly 3 b o
endpointsNamespace 4 s po
@GlusterfsVolumeSource
endpoints 1 s r d0
path 2 s r d0
readOnly 3 b o
@HTTPGetAction
path 1 s o
port 2 I r
host 3 s o
scheme 4 s/URIScheme o e=HTTP|HTTPS
httpHeaders 5 []=HTTPHeader o t=atomic
@HTTPHeader
name 1 s r d0
value 2 s r d0
@HostAlias
ip 1 s r d0
hostnames 2 []s o t=atomic
@HostIP
ip 1 s r d0
@HostPathVolumeSource
path 1 s r d0
type 2 s/HostPathType po e=|BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket
@ISCSIPersistentVolumeSource
targetPortal 1 s r d0
iqn 2 s r d0
lun 3 i r d0
iscsiInterface 4 s o d="default"
fsType 5 s o
readOnly 6 b o
portals 7 []s o t=atomic
chapAuthDiscovery 8 b o
chapAuthSession 11 b o
secretRef 10 =SecretReference po
initiatorName 12 s po
@ISCSIVolumeSource
targetPortal 1 s r d0
iqn 2 s r d0
lun 3 i r d0
iscsiInterface 4 s o d="default"
fsType 5 s o
readOnly 6 b o
portals 7 []s o t=atomic
chapAuthDiscovery 8 b o
chapAuthSession 11 b o
secretRef 10 =LocalObjectReference po
initiatorName 12 s po
@ImageVolumeSource
reference 1 s o
pullPolicy 2 s/PullPolicy o e=Always|IfNotPresent|Never
@KeyToPath
key 1 s r d0
path 2 s r d0
mode 3 i po
@Lifecycle
postStart 1 =LifecycleHandler po
preStop 2 =LifecycleHandler po
stopSignal 3 s/Signal po e=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
@LifecycleHandler
exec 1 =ExecAction po
httpGet 2 =HTTPGetAction po
tcpSocket 3 =TCPSocketAction po
sleep 4 =SleepAction po
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
@LinuxContainerUser
uid 1 l r d0
gid 2 l r d0
supplementalGroups 3 []l o t=atomic
@LoadBalancerIngress
ip 1 s o
hostname 2 s o
ipMode 3 s/LoadBalancerIPMode po
ports 4 []=PortStatus o t=atomic
@LoadBalancerStatus
ingress 1 []=LoadBalancerIngress o t=atomic
@LocalObjectReference m=atomic
name 1 s o d0
@LocalVolumeSource
path 1 s r d0
fsType 2 s po
@ModifyVolumeStatus
targetVolumeAttributesClassName 1 s o
status 2 s/PersistentVolumeClaimModifyVolumeStatus r e=InProgress|Infeasible|Pending d0
@NFSVolumeSource
server 1 s r d0
path 2 s r d0
readOnly 3 b o
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
@NodeAffinity
requiredDuringSchedulingIgnoredDuringExecution 1 =NodeSelector po
preferredDuringSchedulingIgnoredDuringExecution 2 []=PreferredSchedulingTerm o t=atomic
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
@ObjectFieldSelector m=atomic
apiVersion 1 s o
fieldPath 2 s r d0
@ObjectReference m=atomic
kind 1 s o
namespace 2 s o
name 3 s o
uid 4 s/types.UID o
apiVersion 5 s o
resourceVersion 6 s o
fieldPath 7 s o
@PersistentVolume
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =PersistentVolumeSpec o
status 3 =PersistentVolumeStatus o
@PersistentVolumeClaim
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =PersistentVolumeClaimSpec o
status 3 =PersistentVolumeClaimStatus o
@PersistentVolumeClaimCondition
type 1 s/PersistentVolumeClaimConditionType r d0
status 2 s/ConditionStatus r d0
lastProbeTime 3 T o
lastTransitionTime 4 T o
reason 5 s o
message 6 s o
@PersistentVolumeClaimSpec
accessModes 1 []s/PersistentVolumeAccessMode o t=atomic e=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
selector 4 =meta.v1.LabelSelector po
resources 2 =VolumeResourceRequirements o
volumeName 3 s o
storageClassName 5 s po
volumeMode 6 s/PersistentVolumeMode po e=Block|Filesystem
dataSource 7 =TypedLocalObjectReference po
dataSourceRef 8 =TypedObjectReference po
volumeAttributesClassName 9 s po
@PersistentVolumeClaimStatus
phase 1 s/PersistentVolumeClaimPhase o e=Bound|Lost|Pending
accessModes 2 []s/PersistentVolumeAccessMode o t=atomic e=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
capacity 3 {ResourceName}Q o
conditions 4 []=PersistentVolumeClaimCondition o t=map:type k=merge:type
allocatedResources 5 {ResourceName}Q o
allocatedResourceStatuses 7 {ResourceName}s/ClaimResourceStatus o m=granular e=ControllerResizeInProgress|ControllerResizeInfeasible|NodeResizeInProgress|NodeResizeInfeasible|NodeResizePending
currentVolumeAttributesClassName 8 s po
modifyVolumeStatus 9 =ModifyVolumeStatus po
@PersistentVolumeClaimTemplate
metadata 1 =meta.v1.ObjectMeta o
spec 2 =PersistentVolumeClaimSpec r
@PersistentVolumeClaimVolumeSource
claimName 1 s r d0
readOnly 2 b o
@PersistentVolumeSource
gcePersistentDisk 1 =GCEPersistentDiskVolumeSource po
awsElasticBlockStore 2 =AWSElasticBlockStoreVolumeSource po
hostPath 3 =HostPathVolumeSource po
glusterfs 4 =GlusterfsPersistentVolumeSource po
nfs 5 =NFSVolumeSource po
rbd 6 =RBDPersistentVolumeSource po
iscsi 7 =ISCSIPersistentVolumeSource po
cinder 8 =CinderPersistentVolumeSource po
cephfs 9 =CephFSPersistentVolumeSource po
fc 10 =FCVolumeSource po
flocker 11 =FlockerVolumeSource po
flexVolume 12 =FlexPersistentVolumeSource po
azureFile 13 =AzureFilePersistentVolumeSource po
vsphereVolume 14 =VsphereVirtualDiskVolumeSource po
quobyte 15 =QuobyteVolumeSource po
azureDisk 16 =AzureDiskVolumeSource po
photonPersistentDisk 17 =PhotonPersistentDiskVolumeSource po
portworxVolume 18 =PortworxVolumeSource po
scaleIO 19 =ScaleIOPersistentVolumeSource po
local 20 =LocalVolumeSource po
storageos 21 =StorageOSPersistentVolumeSource po
csi 22 =CSIPersistentVolumeSource po
@PersistentVolumeSpec
capacity 1 {ResourceName}Q o
^ 2 =PersistentVolumeSource
accessModes 3 []s/PersistentVolumeAccessMode o t=atomic e=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
claimRef 4 =ObjectReference po m=granular
persistentVolumeReclaimPolicy 5 s/PersistentVolumeReclaimPolicy o e=Delete|Recycle|Retain
storageClassName 6 s o
mountOptions 7 []s o t=atomic
volumeMode 8 s/PersistentVolumeMode po e=Block|Filesystem
nodeAffinity 9 =VolumeNodeAffinity po
volumeAttributesClassName 10 s po
@PersistentVolumeStatus
phase 1 s/PersistentVolumePhase o e=Available|Bound|Failed|Pending|Released
message 2 s o
reason 3 s o
lastPhaseTransitionTime 4 T po
@PhotonPersistentDiskVolumeSource
pdID 1 s r d0
fsType 2 s o
@Pod
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =PodSpec o
status 3 =PodStatus o
@PodAffinity
requiredDuringSchedulingIgnoredDuringExecution 1 []=PodAffinityTerm o t=atomic
preferredDuringSchedulingIgnoredDuringExecution 2 []=WeightedPodAffinityTerm o t=atomic
@PodAffinityTerm
labelSelector 1 =meta.v1.LabelSelector po
namespaces 2 []s o t=atomic
topologyKey 3 s r d0
namespaceSelector 4 =meta.v1.LabelSelector po
matchLabelKeys 5 []s o t=atomic
mismatchLabelKeys 6 []s o t=atomic
@PodAntiAffinity
requiredDuringSchedulingIgnoredDuringExecution 1 []=PodAffinityTerm o t=atomic
preferredDuringSchedulingIgnoredDuringExecution 2 []=WeightedPodAffinityTerm o t=atomic
@PodAttachOptions
%
stdin 1 b o
stdout 2 b o
stderr 3 b o
tty 4 b o
container 5 s o
@PodCertificateProjection
signerName 1 s or
keyType 2 s or
maxExpirationSeconds 3 i po
credentialBundlePath 4 s o
keyPath 5 s o
certificateChainPath 6 s o
userAnnotations 7 {}s o
@PodCondition
type 1 s/PodConditionType r d0
observedGeneration 7 l o
status 2 s/ConditionStatus r d0
lastProbeTime 3 T o
lastTransitionTime 4 T o
reason 5 s o
message 6 s o
@PodDNSConfig
nameservers 1 []s o t=atomic
searches 2 []s o t=atomic
options 3 []=PodDNSConfigOption o t=atomic
@PodDNSConfigOption
name 1 s o
value 2 s po
@PodExecOptions
%
stdin 1 b o
stdout 2 b o
stderr 3 b o
tty 4 b o
container 5 s o
command 6 []s r t=atomic
@PodExtendedResourceClaimStatus
requestMappings 1 []=ContainerExtendedResourceRequest r t=atomic
resourceClaimName 2 s r d0
@PodIP
ip 1 s r d0
@PodLogOptions
%
container 1 s o
follow 2 b o
previous 3 b o
sinceSeconds 4 l po
sinceTime 5 T po
timestamps 6 b o
tailLines 7 l po
limitBytes 8 l po
insecureSkipTLSVerifyBackend 9 b o
stream 10 s po
@PodOS
name 1 s/OSName r d0
@PodPortForwardOptions
%
ports 1 []i o t=atomic
@PodProxyOptions
%
path 1 s o
@PodReadinessGate
conditionType 1 s/PodConditionType r d0
@PodResourceClaim
name 1 s r d0
resourceClaimName 3 s po
resourceClaimTemplateName 4 s po
@PodResourceClaimStatus
name 1 s r d0
resourceClaimName 2 s po
@PodSchedulingGate
name 1 s r d0
@PodSecurityContext
seLinuxOptions 1 =SELinuxOptions po
windowsOptions 8 =WindowsSecurityContextOptions po
runAsUser 2 l po
runAsGroup 6 l po
runAsNonRoot 3 b po
supplementalGroups 4 []l o t=atomic
supplementalGroupsPolicy 12 s/SupplementalGroupsPolicy po e=Merge|Strict
fsGroup 5 l po
sysctls 7 []=Sysctl o t=atomic
fsGroupChangePolicy 9 s/PodFSGroupChangePolicy po e=Always|OnRootMismatch
seccompProfile 10 =SeccompProfile po
appArmorProfile 11 =AppArmorProfile po
seLinuxChangePolicy 13 s/PodSELinuxChangePolicy po
@PodSpec
volumes 1 []=Volume o t=map:name k=merge,retainKeys:name
initContainers 20 []=Container o t=map:name k=merge:name
containers 2 []=Container r t=map:name k=merge:name
ephemeralContainers 34 []=EphemeralContainer o t=map:name k=merge:name
restartPolicy 3 s/RestartPolicy o e=Always|Never|OnFailure
terminationGracePeriodSeconds 4 l po
activeDeadlineSeconds 5 l po
dnsPolicy 6 s/DNSPolicy o e=ClusterFirst|ClusterFirstWithHostNet|Default|None
nodeSelector 7 {}s o m=atomic
serviceAccountName 8 s o
serviceAccount 9 s o
automountServiceAccountToken 21 b po
nodeName 10 s o
hostNetwork 11 b o
hostPID 12 b o
hostIPC 13 b o
shareProcessNamespace 27 b po
securityContext 14 =PodSecurityContext po
imagePullSecrets 15 []=LocalObjectReference o t=map:name k=merge:name
hostname 16 s o
subdomain 17 s o
affinity 18 =Affinity po
schedulerName 19 s o
tolerations 22 []=Toleration o t=atomic
hostAliases 23 []=HostAlias o t=map:ip k=merge:ip
priorityClassName 24 s o
priority 25 i po
dnsConfig 26 =PodDNSConfig po
readinessGates 28 []=PodReadinessGate o t=atomic
runtimeClassName 29 s po
enableServiceLinks 30 b po
preemptionPolicy 31 s/PreemptionPolicy po e=Never|PreemptLowerPriority
overhead 32 {ResourceName}Q o
topologySpreadConstraints 33 []=TopologySpreadConstraint o t=map:topologyKey,whenUnsatisfiable k=merge:topologyKey
setHostnameAsFQDN 35 b po
os 36 =PodOS po
hostUsers 37 b po
schedulingGates 38 []=PodSchedulingGate o t=map:name k=merge:name
resourceClaims 39 []=PodResourceClaim o t=map:name k=merge,retainKeys:name
resources 40 =ResourceRequirements po
hostnameOverride 41 s po
workloadRef 42 =WorkloadReference po
@PodStatus
observedGeneration 17 l o
phase 1 s/PodPhase o e=Failed|Pending|Running|Succeeded|Unknown
conditions 2 []=PodCondition o t=map:type k=merge:type
message 3 s o
reason 4 s o
nominatedNodeName 11 s o
hostIP 5 s o
hostIPs 16 []=HostIP o t=atomic k=merge:ip
podIP 6 s o
podIPs 12 []=PodIP o t=map:ip k=merge:ip
startTime 7 T po
initContainerStatuses 10 []=ContainerStatus o t=atomic
containerStatuses 8 []=ContainerStatus o t=atomic
qosClass 9 s/PodQOSClass o e=BestEffort|Burstable|Guaranteed
ephemeralContainerStatuses 13 []=ContainerStatus o t=atomic
resize 14 s/PodResizeStatus o
resourceClaimStatuses 15 []=PodResourceClaimStatus o t=map:name k=merge,retainKeys:name
extendedResourceClaimStatus 18 =PodExtendedResourceClaimStatus po
allocatedResources 19 {ResourceName}Q o
resources 20 =ResourceRequirements po
@PodStatusResult
%
metadata 1 =meta.v1.ObjectMeta o
status 2 =PodStatus o
@PodTemplate
%
metadata 1 =meta.v1.ObjectMeta o
template 2 =PodTemplateSpec o
@PodTemplateSpec
metadata 1 =meta.v1.ObjectMeta o
spec 2 =PodSpec o
@PortStatus
port 1 i r d0
protocol 2 s/Protocol r e=SCTP|TCP|UDP d0
error 3 s po
@PortworxVolumeSource
volumeID 1 s r d0
fsType 2 s o
readOnly 3 b o
@PreferredSchedulingTerm
weight 1 i r d0
preference 2 =NodeSelectorTerm r
@Probe
^ 1 =ProbeHandler
initialDelaySeconds 2 i o
timeoutSeconds 3 i o
periodSeconds 4 i o
successThreshold 5 i o
failureThreshold 6 i o
terminationGracePeriodSeconds 7 l po
@ProbeHandler
exec 1 =ExecAction po
httpGet 2 =HTTPGetAction po
tcpSocket 3 =TCPSocketAction po
grpc 4 =GRPCAction po
@ProjectedVolumeSource
sources 1 []=VolumeProjection - t=atomic
defaultMode 2 i po
@QuobyteVolumeSource
registry 1 s r d0
volume 2 s r d0
readOnly 3 b o
user 4 s o
group 5 s o
tenant 6 s o
@RBDPersistentVolumeSource
monitors 1 []s r t=atomic
image 2 s r d0
fsType 3 s o
pool 4 s o d="rbd"
user 5 s o d="admin"
keyring 6 s o d="/etc/ceph/keyring"
secretRef 7 =SecretReference po
readOnly 8 b o
@RBDVolumeSource
monitors 1 []s r t=atomic
image 2 s r d0
fsType 3 s o
pool 4 s o d="rbd"
user 5 s o d="admin"
keyring 6 s o d="/etc/ceph/keyring"
secretRef 7 =LocalObjectReference po
readOnly 8 b o
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
@ResourceClaim
name 1 s r d0
request 2 s o
@ResourceFieldSelector m=atomic
containerName 1 s o
resource 2 s r d0
divisor 3 Q o
@ResourceHealth
resourceID 1 s/ResourceID r d0
health 2 s/ResourceHealthStatus o
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
@ResourceRequirements
limits 1 {ResourceName}Q o
requests 2 {ResourceName}Q o
claims 3 []=ResourceClaim o t=map:name
@ResourceStatus
name 1 s/ResourceName r d0
resources 2 []=ResourceHealth o t=map:resourceID
@SELinuxOptions
user 1 s o
role 2 s o
type 3 s o
level 4 s o
@ScaleIOPersistentVolumeSource
gateway 1 s r d0
system 2 s r d0
secretRef 3 =SecretReference pr
sslEnabled 4 b o
protectionDomain 5 s o
storagePool 6 s o
storageMode 7 s o d="ThinProvisioned"
volumeName 8 s o
fsType 9 s o d="xfs"
readOnly 10 b o
@ScaleIOVolumeSource
gateway 1 s r d0
system 2 s r d0
secretRef 3 =LocalObjectReference pr
sslEnabled 4 b o
protectionDomain 5 s o
storagePool 6 s o
storageMode 7 s o d="ThinProvisioned"
volumeName 8 s o
fsType 9 s o d="xfs"
readOnly 10 b o
@ScopeSelector m=atomic
matchExpressions 1 []=ScopedResourceSelectorRequirement o t=atomic
@ScopedResourceSelectorRequirement
scopeName 1 s/ResourceQuotaScope r e=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass d0
operator 2 s/ScopeSelectorOperator r e=DoesNotExist|Exists|In|NotIn d0
values 3 []s o t=atomic
@SeccompProfile
type 1 s/SeccompProfileType r e=Localhost|RuntimeDefault|Unconfined d0
localhostProfile 2 s po
@Secret
%
metadata 1 =meta.v1.ObjectMeta o
immutable 5 b po
data 2 {}y o
stringData 4 {}s o
type 3 s/SecretType o
@SecretEnvSource
^ 1 =LocalObjectReference
optional 2 b po
@SecretKeySelector m=atomic
^ 1 =LocalObjectReference
key 2 s r d0
optional 3 b po
@SecretProjection
^ 1 =LocalObjectReference
items 2 []=KeyToPath o t=atomic
optional 4 b po
@SecretReference m=atomic
name 1 s o
namespace 2 s o
@SecretVolumeSource
secretName 1 s o
items 2 []=KeyToPath o t=atomic
defaultMode 3 i po
optional 4 b po
@SecurityContext
capabilities 1 =Capabilities po
privileged 2 b po
seLinuxOptions 3 =SELinuxOptions po
windowsOptions 10 =WindowsSecurityContextOptions po
runAsUser 4 l po
runAsGroup 8 l po
runAsNonRoot 5 b po
readOnlyRootFilesystem 6 b po
allowPrivilegeEscalation 7 b po
procMount 9 s/ProcMountType po e=Default|Unmasked
seccompProfile 11 =SeccompProfile po
appArmorProfile 12 =AppArmorProfile po
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
@ServiceAccountTokenProjection
audience 1 s o
expirationSeconds 2 l po
path 3 s r d0
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
@SleepAction
seconds 1 l r d0
@StorageOSPersistentVolumeSource
volumeName 1 s o
volumeNamespace 2 s o
fsType 3 s o
readOnly 4 b o
secretRef 5 =ObjectReference po
@StorageOSVolumeSource
volumeName 1 s o
volumeNamespace 2 s o
fsType 3 s o
readOnly 4 b o
secretRef 5 =LocalObjectReference po
@Sysctl
name 1 s r d0
value 2 s r d0
@TCPSocketAction
port 1 I r
host 2 s o
@Taint
key 1 s r d0
value 2 s o
effect 3 s/TaintEffect r e=NoExecute|NoSchedule|PreferNoSchedule d0
timeAdded 4 T po
@Toleration
key 1 s o
operator 2 s/TolerationOperator o e=Equal|Exists|Gt|Lt
value 3 s o
effect 4 s/TaintEffect o e=NoExecute|NoSchedule|PreferNoSchedule
tolerationSeconds 5 l po
@TopologySelectorLabelRequirement
key 1 s r d0
values 2 []s r t=atomic
@TopologySelectorTerm m=atomic
matchLabelExpressions 1 []=TopologySelectorLabelRequirement o t=atomic
@TopologySpreadConstraint
maxSkew 1 i r d0
topologyKey 2 s r d0
whenUnsatisfiable 3 s/UnsatisfiableConstraintAction r e=DoNotSchedule|ScheduleAnyway d0
labelSelector 4 =meta.v1.LabelSelector po
minDomains 5 i po
nodeAffinityPolicy 6 s/NodeInclusionPolicy po e=Honor|Ignore
nodeTaintsPolicy 7 s/NodeInclusionPolicy po e=Honor|Ignore
matchLabelKeys 8 []s o t=atomic
@TypedLocalObjectReference m=atomic
apiGroup 1 s p
kind 2 s r d0
name 3 s r d0
@TypedObjectReference
apiGroup 1 s p
kind 2 s r d0
name 3 s r d0
namespace 4 s po
@Volume
name 1 s r d0
^ 2 =VolumeSource
@VolumeDevice
name 1 s r d0
devicePath 2 s r d0
@VolumeMount
name 1 s r d0
readOnly 2 b o
recursiveReadOnly 7 s/RecursiveReadOnlyMode po
mountPath 3 s r d0
subPath 4 s o
mountPropagation 5 s/MountPropagationMode po e=Bidirectional|HostToContainer|None
subPathExpr 6 s o
@VolumeMountStatus
name 1 s r d0
mountPath 2 s r d0
readOnly 3 b o
recursiveReadOnly 4 s/RecursiveReadOnlyMode po
@VolumeNodeAffinity
required 1 =NodeSelector po
@VolumeProjection
secret 1 =SecretProjection po
downwardAPI 2 =DownwardAPIProjection po
configMap 3 =ConfigMapProjection po
serviceAccountToken 4 =ServiceAccountTokenProjection po
clusterTrustBundle 5 =ClusterTrustBundleProjection po
podCertificate 6 =PodCertificateProjection po
@VolumeResourceRequirements
limits 1 {ResourceName}Q o
requests 2 {ResourceName}Q o
@VolumeSource
hostPath 1 =HostPathVolumeSource po
emptyDir 2 =EmptyDirVolumeSource po
gcePersistentDisk 3 =GCEPersistentDiskVolumeSource po
awsElasticBlockStore 4 =AWSElasticBlockStoreVolumeSource po
gitRepo 5 =GitRepoVolumeSource po
secret 6 =SecretVolumeSource po
nfs 7 =NFSVolumeSource po
iscsi 8 =ISCSIVolumeSource po
glusterfs 9 =GlusterfsVolumeSource po
persistentVolumeClaim 10 =PersistentVolumeClaimVolumeSource po
rbd 11 =RBDVolumeSource po
flexVolume 12 =FlexVolumeSource po
cinder 13 =CinderVolumeSource po
cephfs 14 =CephFSVolumeSource po
flocker 15 =FlockerVolumeSource po
downwardAPI 16 =DownwardAPIVolumeSource po
fc 17 =FCVolumeSource po
azureFile 18 =AzureFileVolumeSource po
configMap 19 =ConfigMapVolumeSource po
vsphereVolume 20 =VsphereVirtualDiskVolumeSource po
quobyte 21 =QuobyteVolumeSource po
azureDisk 22 =AzureDiskVolumeSource po
photonPersistentDisk 23 =PhotonPersistentDiskVolumeSource po
projected 26 =ProjectedVolumeSource po
portworxVolume 24 =PortworxVolumeSource po
scaleIO 25 =ScaleIOVolumeSource po
storageos 27 =StorageOSVolumeSource po
csi 28 =CSIVolumeSource po
ephemeral 29 =EphemeralVolumeSource po
image 30 =ImageVolumeSource po
@VsphereVirtualDiskVolumeSource
volumePath 1 s r d0
fsType 2 s o
storagePolicyName 3 s o
storagePolicyID 4 s o
@WeightedPodAffinityTerm
weight 1 i r d0
podAffinityTerm 2 =PodAffinityTerm r
@WindowsSecurityContextOptions
gmsaCredentialSpecName 1 s po
gmsaCredentialSpec 2 s po
runAsUserName 3 s po
hostProcess 4 b po
@WorkloadReference
name 1 s r d0
podGroup 2 s r d0
podGroupReplicaKey 3 s o
`;
