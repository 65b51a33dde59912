/** Types of `io.k8s.api.apps.v1`; the format is described in `../facts.ts`. */
export default `
@ControllerRevision
%
metadata 1 =meta.v1.ObjectMeta o
data 2 R o
revision 3 l r d0
@DaemonSet
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =DaemonSetSpec o
status 3 =DaemonSetStatus o
@DaemonSetCondition
type 1 s/DaemonSetConditionType r d0
status 2 s/v1.ConditionStatus r d0
lastTransitionTime 3 T o
reason 4 s o
message 5 s o
@DaemonSetSpec
selector 1 =meta.v1.LabelSelector pr
template 2 =core.v1.PodTemplateSpec r
updateStrategy 3 =DaemonSetUpdateStrategy o
minReadySeconds 4 i o
revisionHistoryLimit 6 i po
@DaemonSetStatus
currentNumberScheduled 1 i r d0
numberMisscheduled 2 i r d0
desiredNumberScheduled 3 i r d0
numberReady 4 i r d0
observedGeneration 5 l o
updatedNumberScheduled 6 i o
numberAvailable 7 i o
numberUnavailable 8 i o
collisionCount 9 i po
conditions 10 []=DaemonSetCondition o t=map:type k=merge:type
@DaemonSetUpdateStrategy
type 1 s/DaemonSetUpdateStrategyType o e=OnDelete|RollingUpdate
rollingUpdate 2 =RollingUpdateDaemonSet po
@Deployment
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =DeploymentSpec o
status 3 =DeploymentStatus o
@DeploymentCondition
type 1 s/DeploymentConditionType r d0
status 2 s/v1.ConditionStatus r d0
lastUpdateTime 6 T o
lastTransitionTime 7 T o
reason 4 s o
message 5 s o
@DeploymentSpec
replicas 1 i po
selector 2 =meta.v1.LabelSelector pr
template 3 =core.v1.PodTemplateSpec r
strategy 4 =DeploymentStrategy o k=retainKeys
minReadySeconds 5 i o
revisionHistoryLimit 6 i po
paused 7 b o
progressDeadlineSeconds 9 i po
@DeploymentStatus
observedGeneration 1 l o
replicas 2 i o
updatedReplicas 3 i o
readyReplicas 7 i o
availableReplicas 4 i o
unavailableReplicas 5 i o
terminatingReplicas 9 i po
conditions 6 []=DeploymentCondition o t=map:type k=merge:type
collisionCount 8 i po
@DeploymentStrategy
type 1 s/DeploymentStrategyType o e=Recreate|RollingUpdate
rollingUpdate 2 =RollingUpdateDeployment po
@ReplicaSet
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ReplicaSetSpec o
status 3 =ReplicaSetStatus o
@ReplicaSetCondition
type 1 s/ReplicaSetConditionType r d0
status 2 s/v1.ConditionStatus r d0
lastTransitionTime 3 T o
reason 4 s o
message 5 s o
@ReplicaSetSpec
replicas 1 i po
minReadySeconds 4 i o
selector 2 =meta.v1.LabelSelector pr
template 3 =core.v1.PodTemplateSpec o
@ReplicaSetStatus
replicas 1 i r d0
fullyLabeledReplicas 2 i o
readyReplicas 4 i o
availableReplicas 5 i o
terminatingReplicas 7 i po
observedGeneration 3 l o
conditions 6 []=ReplicaSetCondition o t=map:type k=merge:type
@RollingUpdateDaemonSet
maxUnavailable 1 I po
maxSurge 2 I po
@RollingUpdateDeployment
maxUnavailable 1 I po
maxSurge 2 I po
@RollingUpdateStatefulSetStrategy
partition 1 i po
maxUnavailable 2 I po
@StatefulSet
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =StatefulSetSpec o
status 3 =StatefulSetStatus o
@StatefulSetCondition
type 1 s/StatefulSetConditionType r d0
status 2 s/v1.ConditionStatus r d0
lastTransitionTime 3 T o
reason 4 s o
message 5 s o
@StatefulSetOrdinals
start 1 i - d0
@StatefulSetPersistentVolumeClaimRetentionPolicy
whenDeleted 1 s/PersistentVolumeClaimRetentionPolicyType o
whenScaled 2 s/PersistentVolumeClaimRetentionPolicyType o
@StatefulSetSpec
replicas 1 i po
selector 2 =meta.v1.LabelSelector pr
template 3 =core.v1.PodTemplateSpec r
volumeClaimTemplates 4 []=core.v1.PersistentVolumeClaim o t=atomic
serviceName 5 s - d0
podManagementPolicy 6 s/PodManagementPolicyType o e=OrderedReady|Parallel
updateStrategy 7 =StatefulSetUpdateStrategy o
revisionHistoryLimit 8 i po
minReadySeconds 9 i o
persistentVolumeClaimRetentionPolicy 10 =StatefulSetPersistentVolumeClaimRetentionPolicy po
ordinals 11 =StatefulSetOrdinals po
@StatefulSetStatus
observedGeneration 1 l o
replicas 2 i r d0
readyReplicas 3 i o
currentReplicas 4 i o
updatedReplicas 5 i o
currentRevision 6 s o
updateRevision 7 s o
collisionCount 9 i po
conditions 10 []=StatefulSetCondition o t=map:type k=merge:type
availableReplicas 11 i - d0
@StatefulSetUpdateStrategy
type 1 s/StatefulSetUpdateStrategyType o e=OnDelete|RollingUpdate
rollingUpdate 2 =RollingUpdateStatefulSetStrategy po
`;
