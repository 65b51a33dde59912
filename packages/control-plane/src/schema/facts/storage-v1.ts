/** Types of `io.k8s.api.storage.v1`; the format is described in `../facts.ts`. */
export default `
@CSIDriver
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =CSIDriverSpec r
@CSIDriverSpec
attachRequired 1 b po
podInfoOnMount 2 b po
volumeLifecycleModes 3 []s/VolumeLifecycleMode o t=set
storageCapacity 4 b po
fsGroupPolicy 5 s/FSGroupPolicy po
tokenRequests 6 []=TokenRequest o t=atomic
requiresRepublish 7 b po
seLinuxMount 8 b po
nodeAllocatableUpdatePeriodSeconds 9 l po
serviceAccountTokenInSecrets 10 b po
@CSINode
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =CSINodeSpec r
@CSINodeDriver
name 1 s r d0
nodeID 2 s r d0
topologyKeys 3 []s - t=atomic
allocatable 4 =VolumeNodeResources po
@CSINodeSpec
drivers 1 []=CSINodeDriver r t=map:name k=merge:name
@CSIStorageCapacity
%
metadata 1 =meta.v1.ObjectMeta o
nodeTopology 2 =meta.v1.LabelSelector po
storageClassName 3 s r d0
capacity 4 Q po
maximumVolumeSize 5 Q po
@StorageClass
%
metadata 1 =meta.v1.ObjectMeta o
provisioner 2 s r d0
parameters 3 {}s o
reclaimPolicy 4 s/v1.PersistentVolumeReclaimPolicy po e=Delete|Recycle|Retain
mountOptions 5 []s o t=atomic
allowVolumeExpansion 6 b po
volumeBindingMode 7 s/VolumeBindingMode po e=Immediate|WaitForFirstConsumer
allowedTopologies 8 []=core.v1.TopologySelectorTerm o t=atomic
@TokenRequest
audience 1 s r d0
expirationSeconds 2 l po
@VolumeAttachment
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =VolumeAttachmentSpec r
status 3 =VolumeAttachmentStatus o
@VolumeAttachmentSource
persistentVolumeName 1 s po
inlineVolumeSpec 2 =core.v1.PersistentVolumeSpec po
@VolumeAttachmentSpec
attacher 1 s r d0
source 2 =VolumeAttachmentSource r
nodeName 3 s r d0
@VolumeAttachmentStatus
attached 1 b r d0
attachmentMetadata 2 {}s o
attachError 3 =VolumeError po
detachError 4 =VolumeError po
@VolumeAttributesClass
%
metadata 1 =meta.v1.ObjectMeta o
driverName 2 s r d0
parameters 3 {}s o
@VolumeError
time 1 T o
message 2 s o
errorCode 3 i po
@VolumeNodeResources
count 1 i po
`;
