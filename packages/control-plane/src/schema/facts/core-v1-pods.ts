/** Types of `io.k8s.api.core.v1` about pods and their containers; the format is described in `../facts.ts`. */
export default `
@Affinity
nodeAffinity 1 =NodeAffinity po
podAffinity 2 =PodAffinity po
podAntiAffinity 3 =PodAntiAffinity po
@AppArmorProfile
type 1 s/AppArmorProfileType r e=Localhost|RuntimeDefault|Unconfined d0
localhostProfile 2 s po
@Capabilities
add 1 []s/Capability o t=atomic
drop 2 []s/Capability o t=atomic
@ConfigMapEnvSource
^ 1 =LocalObjectReference
optional 2 b po
@ConfigMapKeySelector m=atomic
^ 1 =LocalObjectReference
key 2 s r d0
optional 3 b po
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
@ExecAction
command 1 []s o t=atomic
@FileKeySelector m=atomic
volumeName 1 s r d0
path 2 s r d0
key 3 s r d0
optional 4 b po d0
@GRPCAction
port 1 i r d0
service 2 s p d0
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
@Lifecycle
postStart 1 =LifecycleHandler po
preStop 2 =LifecycleHandler po
stopSignal 3 s/Signal po e=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
@LifecycleHandler
exec 1 =ExecAction po
httpGet 2 =HTTPGetAction po
tcpSocket 3 =TCPSocketAction po
sleep 4 =SleepAction po
@LinuxContainerUser
uid 1 l r d0
gid 2 l r d0
supplementalGroups 3 []l o t=atomic
@NodeAffinity
requiredDuringSchedulingIgnoredDuringExecution 1 =NodeSelector po
preferredDuringSchedulingIgnoredDuringExecution 2 []=PreferredSchedulingTerm o t=atomic
@ObjectFieldSelector m=atomic
apiVersion 1 s o
fieldPath 2 s r d0
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
@SeccompProfile
type 1 s/SeccompProfileType r e=Localhost|RuntimeDefault|Unconfined d0
localhostProfile 2 s po
@SecretEnvSource
^ 1 =LocalObjectReference
optional 2 b po
@SecretKeySelector m=atomic
^ 1 =LocalObjectReference
key 2 s r d0
optional 3 b po
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
@SleepAction
seconds 1 l r d0
@Sysctl
name 1 s r d0
value 2 s r d0
@TCPSocketAction
port 1 I r
host 2 s o
@Toleration
key 1 s o
operator 2 s/TolerationOperator o e=Equal|Exists|Gt|Lt
value 3 s o
effect 4 s/TaintEffect o e=NoExecute|NoSchedule|PreferNoSchedule
tolerationSeconds 5 l po
@TopologySpreadConstraint
maxSkew 1 i r d0
topologyKey 2 s r d0
whenUnsatisfiable 3 s/UnsatisfiableConstraintAction r e=DoNotSchedule|ScheduleAnyway d0
labelSelector 4 =meta.v1.LabelSelector po
minDomains 5 i po
nodeAffinityPolicy 6 s/NodeInclusionPolicy po e=Honor|Ignore
nodeTaintsPolicy 7 s/NodeInclusionPolicy po e=Honor|Ignore
matchLabelKeys 8 []s o t=atomic
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
