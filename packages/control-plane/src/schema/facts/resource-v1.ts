/** Types of `io.k8s.api.resource.v1`; the format is described in `../facts.ts`. */
export default `
@AllocatedDeviceStatus
driver 1 s r d0
pool 2 s r d0
device 3 s r d0
shareID 7 s po
conditions 4 []=meta.v1.Condition - t=map:type
data 5 R po
networkData 6 =NetworkDeviceData po
@AllocationResult
devices 1 =DeviceAllocationResult o
nodeSelector 3 =core.v1.NodeSelector po
allocationTimestamp 5 T po
@CELDeviceSelector
expression 1 s r d0
@CapacityRequestPolicy
default 1 Q p
validValues 3 []Q o t=atomic
validRange 4 =CapacityRequestPolicyRange po
@CapacityRequestPolicyRange
min 1 Q por
max 2 Q po
step 3 Q po
@CapacityRequirements
requests 1 {QualifiedName}Q o
@Counter
value 1 Q r
@CounterSet
name 1 s r d0
counters 2 {}=Counter or
@Device
name 1 s r d0
attributes 2 {QualifiedName}=DeviceAttribute o
capacity 3 {QualifiedName}=DeviceCapacity o
consumesCounters 4 []=DeviceCounterConsumption o t=atomic
nodeName 5 s po
nodeSelector 6 =core.v1.NodeSelector po
allNodes 7 b po
taints 8 []=DeviceTaint o t=atomic
bindsToNode 9 b po
bindingConditions 10 []s o t=atomic
bindingFailureConditions 11 []s o t=atomic
allowMultipleAllocations 12 b po
@DeviceAllocationConfiguration
source 1 s/AllocationConfigSource r e=FromClaim|FromClass d0
requests 2 []s o t=atomic
^ 3 =DeviceConfiguration
@DeviceAllocationResult
results 1 []=DeviceRequestAllocationResult o t=atomic
config 2 []=DeviceAllocationConfiguration o t=atomic
@DeviceAttribute
int 2 l po
bool 3 b po
string 4 s po
version 5 s po
@DeviceCapacity
value 1 Q r
requestPolicy 2 =CapacityRequestPolicy po
@DeviceClaim
requests 1 []=DeviceRequest - t=atomic
constraints 2 []=DeviceConstraint o t=atomic
config 3 []=DeviceClaimConfiguration o t=atomic
@DeviceClaimConfiguration
requests 1 []s o t=atomic
^ 2 =DeviceConfiguration
@DeviceClass
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =DeviceClassSpec r
@DeviceClassConfiguration
^ 1 =DeviceConfiguration
@DeviceClassSpec
selectors 1 []=DeviceSelector o t=atomic
config 2 []=DeviceClassConfiguration o t=atomic
extendedResourceName 4 s po
@DeviceConfiguration
opaque 1 =OpaqueDeviceConfiguration po
@DeviceConstraint
requests 1 []s o t=atomic
matchAttribute 2 s/FullyQualifiedName po
distinctAttribute 3 s/FullyQualifiedName po
@DeviceCounterConsumption
counterSet 1 s r d0
counters 2 {}=Counter or
@DeviceRequest
name 1 s r d0
exactly 2 =ExactDeviceRequest po
firstAvailable 3 []=DeviceSubRequest o t=atomic
@DeviceRequestAllocationResult
request 1 s r d0
driver 2 s r d0
pool 3 s r d0
device 4 s r d0
adminAccess 5 b po
tolerations 6 []=DeviceToleration o t=atomic
bindingConditions 7 []s o t=atomic
bindingFailureConditions 8 []s o t=atomic
shareID 9 s/types.UID po
consumedCapacity 10 {QualifiedName}Q o
@DeviceSelector
cel 1 =CELDeviceSelector po
@DeviceSubRequest
name 1 s r d0
deviceClassName 2 s r d0
selectors 3 []=DeviceSelector o t=atomic
allocationMode 4 s/DeviceAllocationMode o e=All|ExactCount
count 5 l o
tolerations 6 []=DeviceToleration o t=atomic
capacity 7 =CapacityRequirements po
@DeviceTaint
key 1 s r d0
value 2 s o
effect 3 s/DeviceTaintEffect r e=NoExecute|NoSchedule|None d0
timeAdded 4 T po
@DeviceToleration
key 1 s o
operator 2 s/DeviceTolerationOperator o e=Equal|Exists d="Equal"
value 3 s o
effect 4 s/DeviceTaintEffect o e=NoExecute|NoSchedule|None
tolerationSeconds 5 l po
@ExactDeviceRequest
deviceClassName 1 s r d0
selectors 2 []=DeviceSelector o t=atomic
allocationMode 3 s/DeviceAllocationMode o e=All|ExactCount
count 4 l o
adminAccess 5 b po
tolerations 6 []=DeviceToleration o t=atomic
capacity 7 =CapacityRequirements po
@NetworkDeviceData
interfaceName 1 s o
ips 2 []s o t=atomic
hardwareAddress 3 s o
@OpaqueDeviceConfiguration
driver 1 s r d0
parameters 2 R r
@ResourceClaim
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ResourceClaimSpec r
status 3 =ResourceClaimStatus o
@ResourceClaimConsumerReference
apiGroup 1 s o
resource 3 s r d0
name 4 s r d0
uid 5 s/types.UID r d0
@ResourceClaimSpec
devices 1 =DeviceClaim -
@ResourceClaimStatus
allocation 1 =AllocationResult po
reservedFor 2 []=ResourceClaimConsumerReference o t=map:uid k=merge:uid
devices 4 []=AllocatedDeviceStatus o t=map:driver,device,pool,shareID
@ResourceClaimTemplate
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ResourceClaimTemplateSpec r
@ResourceClaimTemplateSpec
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ResourceClaimSpec r
@ResourcePool
name 1 s r d0
generation 2 l r d0
resourceSliceCount 3 l r d0
@ResourceSlice
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ResourceSliceSpec r
@ResourceSliceSpec
driver 1 s r d0
pool 2 =ResourcePool r
nodeName 3 s po
nodeSelector 4 =core.v1.NodeSelector po
allNodes 5 b po
devices 6 []=Device o t=atomic
perDeviceNodeSelection 7 b po
sharedCounters 8 []=CounterSet o t=atomic
`;
