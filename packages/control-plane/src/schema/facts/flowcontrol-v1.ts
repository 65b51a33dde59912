/** Types of `io.k8s.api.flowcontrol.v1`; the format is described in `../facts.ts`. */
export default `
@ExemptPriorityLevelConfiguration
nominalConcurrencyShares 1 i po
lendablePercent 2 i po
@FlowDistinguisherMethod
type 1 s/FlowDistinguisherMethodType r d0
@FlowSchema
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =FlowSchemaSpec o
status 3 =FlowSchemaStatus o
@FlowSchemaCondition
type 1 s/FlowSchemaConditionType o
status 2 s/ConditionStatus o
lastTransitionTime 3 T o
reason 4 s o
message 5 s o
@FlowSchemaSpec
priorityLevelConfiguration 1 =PriorityLevelConfigurationReference r
matchingPrecedence 2 i - d0
distinguisherMethod 3 =FlowDistinguisherMethod po
rules 4 []=PolicyRulesWithSubjects o t=atomic
@FlowSchemaStatus
conditions 1 []=FlowSchemaCondition o t=map:type k=merge:type
@GroupSubject
name 1 s r d0
@LimitResponse
type 1 s/LimitResponseType r d0
queuing 2 =QueuingConfiguration po
@LimitedPriorityLevelConfiguration
nominalConcurrencyShares 1 i p
limitResponse 2 =LimitResponse o
lendablePercent 3 i po
borrowingLimitPercent 4 i po
@NonResourcePolicyRule
verbs 1 []s r t=set
nonResourceURLs 6 []s r t=set
@PolicyRulesWithSubjects
subjects 1 []=Subject r t=atomic
resourceRules 2 []=ResourcePolicyRule o t=atomic
nonResourceRules 3 []=NonResourcePolicyRule o t=atomic
@PriorityLevelConfiguration
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =PriorityLevelConfigurationSpec o
status 3 =PriorityLevelConfigurationStatus o
@PriorityLevelConfigurationCondition
type 1 s/PriorityLevelConfigurationConditionType o
status 2 s/ConditionStatus o
lastTransitionTime 3 T o
reason 4 s o
message 5 s o
@PriorityLevelConfigurationReference
name 1 s r d0
@PriorityLevelConfigurationSpec
type 1 s/PriorityLevelEnablement r d0
limited 2 =LimitedPriorityLevelConfiguration po
exempt 3 =ExemptPriorityLevelConfiguration po
@PriorityLevelConfigurationStatus
conditions 1 []=PriorityLevelConfigurationCondition o t=map:type k=merge:type
@QueuingConfiguration
queues 1 i - d0
handSize 2 i - d0
queueLengthLimit 3 i - d0
@ResourcePolicyRule
verbs 1 []s r t=set
apiGroups 2 []s r t=set
resources 3 []s r t=set
clusterScope 4 b o
namespaces 5 []s - t=set
@ServiceAccountSubject
namespace 1 s r d0
name 2 s r d0
@Subject
kind 1 s/SubjectKind r d0
user 2 =UserSubject po
group 3 =GroupSubject po
serviceAccount 4 =ServiceAccountSubject po
@UserSubject
name 1 s r d0
`;
