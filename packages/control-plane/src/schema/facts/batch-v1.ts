/** Types of `io.k8s.api.batch.v1`; the format is described in `../facts.ts`. */
export default `
@CronJob
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =CronJobSpec o
status 3 =CronJobStatus o
@CronJobSpec
schedule 1 s r d0
timeZone 8 s po
startingDeadlineSeconds 2 l po
concurrencyPolicy 3 s/ConcurrencyPolicy o e=Allow|Forbid|Replace
suspend 4 b po
jobTemplate 5 =JobTemplateSpec r
successfulJobsHistoryLimit 6 i po
failedJobsHistoryLimit 7 i po
@CronJobStatus
active 1 []=core.v1.ObjectReference o t=atomic
lastScheduleTime 4 T po
lastSuccessfulTime 5 T po
@Job
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =JobSpec o
status 3 =JobStatus o
@JobCondition
type 1 s/JobConditionType r d0
status 2 s/v1.ConditionStatus r d0
lastProbeTime 3 T o
lastTransitionTime 4 T o
reason 5 s o
message 6 s o
@JobSpec
parallelism 1 i po
completions 2 i po
activeDeadlineSeconds 3 l po
podFailurePolicy 11 =PodFailurePolicy po
successPolicy 16 =SuccessPolicy po
backoffLimit 7 i po
backoffLimitPerIndex 12 i po
maxFailedIndexes 13 i po
selector 4 =meta.v1.LabelSelector po
manualSelector 5 b po
template 6 =core.v1.PodTemplateSpec r
ttlSecondsAfterFinished 8 i po
completionMode 9 s/CompletionMode po e=Indexed|NonIndexed
suspend 10 b po
podReplacementPolicy 14 s/PodReplacementPolicy po e=Failed|TerminatingOrFailed
managedBy 15 s po
@JobStatus
conditions 1 []=JobCondition o t=atomic k=merge:type
startTime 2 T po
completionTime 3 T po
active 4 i o
succeeded 5 i o
failed 6 i o
terminating 11 i po
completedIndexes 7 s o
failedIndexes 10 s po
uncountedTerminatedPods 8 =UncountedTerminatedPods po
ready 9 i po
@JobTemplateSpec
metadata 1 =meta.v1.ObjectMeta o
spec 2 =JobSpec o
@PodFailurePolicy
rules 1 []=PodFailurePolicyRule r t=atomic
@PodFailurePolicyOnExitCodesRequirement
containerName 1 s po
operator 2 s/PodFailurePolicyOnExitCodesOperator r e=In|NotIn d0
values 3 []i r t=set
@PodFailurePolicyOnPodConditionsPattern
type 1 s/v1.PodConditionType r d0
status 2 s/v1.ConditionStatus - d0
@PodFailurePolicyRule
action 1 s/PodFailurePolicyAction r e=Count|FailIndex|FailJob|Ignore d0
onExitCodes 2 =PodFailurePolicyOnExitCodesRequirement po
onPodConditions 3 []=PodFailurePolicyOnPodConditionsPattern o t=atomic
@SuccessPolicy
rules 1 []=SuccessPolicyRule r t=atomic
@SuccessPolicyRule
succeededIndexes 1 s po
succeededCount 2 i po
@UncountedTerminatedPods
succeeded 1 []s/types.UID o t=set
failed 2 []s/types.UID o t=set
`;
