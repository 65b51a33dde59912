/** Types of `io.k8s.apimachinery.pkg.apis.meta.v1`; the format is described in `../facts.ts`. */
export default `
@APIGroup
%
name 1 s r d0
versions 2 []=GroupVersionForDiscovery r t=atomic
preferredVersion 3 =GroupVersionForDiscovery o
serverAddressByClientCIDRs 4 []=ServerAddressByClientCIDR o t=atomic
@APIGroupList
%
groups 1 []=APIGroup r t=atomic
@APIResource
name 1 s r d0
singularName 6 s r d0
namespaced 2 b r d0
group 8 s o
version 9 s o
kind 3 s r d0
verbs 4 W/Verbs r
shortNames 5 []s o t=atomic
categories 7 []s o t=atomic
storageVersionHash 10 s o
@APIResourceList
%
groupVersion 1 s r d0
resources 2 []=APIResource r t=atomic
@APIVersions
%
versions 1 []s r t=atomic
serverAddressByClientCIDRs 2 []=ServerAddressByClientCIDR r t=atomic
@Condition
type 1 s r d0
status 2 s/ConditionStatus r d0
observedGeneration 3 l o
lastTransitionTime 4 T r
reason 5 s r d0
message 6 s r d0
@DeleteOptions
%
gracePeriodSeconds 1 l po
preconditions 2 =Preconditions po
orphanDependents 3 b po
propagationPolicy 4 s/DeletionPropagation po
dryRun 5 []s o t=atomic
ignoreStoreReadErrorWithClusterBreakingPotential 6 b po
@FieldSelectorRequirement
key 1 s r d0
operator 2 s/FieldSelectorOperator r d0
values 3 []s o t=atomic
@GroupVersionForDiscovery
groupVersion 1 s r d0
version 2 s r d0
@GroupVersionKind
group 1 s r d0
version 2 s r d0
kind 3 s r d0
@GroupVersionResource
group 1 s r d0
version 2 s r d0
resource 3 s r d0
@LabelSelector m=atomic
matchLabels 1 {}s o
matchExpressions 2 []=LabelSelectorRequirement o t=atomic
@LabelSelectorRequirement
key 1 s r d0
operator 2 s/LabelSelectorOperator r d0
values 3 []s o t=atomic
@ListMeta
selfLink 1 s o
resourceVersion 2 s o
continue 3 s o
remainingItemCount 4 l po
@ManagedFieldsEntry
manager 1 s o
operation 2 s/ManagedFieldsOperationType o
apiVersion 3 s o
time 4 T po
fieldsType 6 s o
fieldsV1 7 F po
subresource 8 s o
@ObjectMeta
name 1 s o
generateName 2 s o
namespace 3 s o
selfLink 4 s o
uid 5 s/types.UID o
resourceVersion 6 s o
generation 7 l o
creationTimestamp 8 T oz
deletionTimestamp 9 T po
deletionGracePeriodSeconds 10 l po
labels 11 {}s o
annotations 12 {}s o
ownerReferences 13 []=OwnerReference o t=map:uid k=merge:uid
finalizers 14 []s o t=set k=merge
managedFields 17 []=ManagedFieldsEntry o t=atomic
@OwnerReference m=atomic
apiVersion 5 s r d0
kind 1 s r d0
name 3 s r d0
uid 4 s/types.UID r d0
controller 6 b po
blockOwnerDeletion 7 b po
@PartialObjectMetadata
%
metadata 1 =ObjectMeta o
@Preconditions
uid 1 s/types.UID po
resourceVersion 2 s po
@ServerAddressByClientCIDR
clientCIDR 1 s r d0
serverAddress 2 s r d0
@Status
%
metadata 1 =ListMeta o
status 2 s o
message 3 s o
reason 4 s/StatusReason o
details 5 =StatusDetails po
code 6 i o
@StatusCause
reason 1 s/CauseType o
message 2 s o
field 3 s o
@StatusDetails
name 1 s o
group 2 s o
kind 3 s o
uid 6 s/types.UID o
causes 4 []=StatusCause o t=atomic
retryAfterSeconds 5 i o
`;
