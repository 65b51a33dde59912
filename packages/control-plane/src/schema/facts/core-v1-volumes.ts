/** Types of `io.k8s.api.core.v1` about volumes and what they are made of; the format is described in `../facts.ts`. */
export default `
@AWSElasticBlockStoreVolumeSource
volumeID 1 s r d0
fsType 2 s o
partition 3 i o
readOnly 4 b o
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
@ClusterTrustBundleProjection
name 1 s po
signerName 2 s po
labelSelector 3 =meta.v1.LabelSelector po
optional 5 b po
path 4 s r d0
@ConfigMapProjection
^ 1 =LocalObjectReference
items 2 []=KeyToPath o t=atomic
optional 4 b po
@ConfigMapVolumeSource
^ 1 =LocalObjectReference
items 2 []=KeyToPath o t=atomic
defaultMode 3 i po
optional 4 b po
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
@EphemeralVolumeSource
volumeClaimTemplate 1 =PersistentVolumeClaimTemplate po
@FCVolumeSource
targetWWNs 1 []s o t=atomic
lun 2 i po
fsType 3 s o
readOnly 4 b o
wwids 5 []s o t=atomic
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
@PodCertificateProjection
signerName 1 s or
keyType 2 s or
maxExpirationSeconds 3 i po
credentialBundlePath 4 s o
keyPath 5 s o
certificateChainPath 6 s o
userAnnotations 7 {}s o
@PortworxVolumeSource
volumeID 1 s r d0
fsType 2 s o
readOnly 3 b o
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
@SecretProjection
^ 1 =LocalObjectReference
items 2 []=KeyToPath o t=atomic
optional 4 b po
@SecretVolumeSource
secretName 1 s o
items 2 []=KeyToPath o t=atomic
defaultMode 3 i po
optional 4 b po
@ServiceAccountTokenProjection
audience 1 s o
expirationSeconds 2 l po
path 3 s r d0
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
@TopologySelectorLabelRequirement
key 1 s r d0
values 2 []s r t=atomic
@TopologySelectorTerm m=atomic
matchLabelExpressions 1 []=TopologySelectorLabelRequirement o t=atomic
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
`;
