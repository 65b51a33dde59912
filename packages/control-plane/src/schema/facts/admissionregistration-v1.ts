/** Types of `io.k8s.api.admissionregistration.v1`; the format is described in `../facts.ts`. */
export default `
@AuditAnnotation
key 1 s r d0
valueExpression 2 s r d0
@ExpressionWarning
fieldRef 2 s r d0
warning 3 s r d0
@MatchCondition
name 1 s r d0
expression 2 s r d0
@MatchResources m=atomic
namespaceSelector 1 =meta.v1.LabelSelector po
objectSelector 2 =meta.v1.LabelSelector po
resourceRules 3 []=NamedRuleWithOperations o t=atomic
excludeResourceRules 4 []=NamedRuleWithOperations o t=atomic
matchPolicy 7 s/MatchPolicyType po e=Equivalent|Exact
@MutatingWebhook
name 1 s r d0
clientConfig 2 =WebhookClientConfig r
rules 3 []=RuleWithOperations o t=atomic
failurePolicy 4 s/FailurePolicyType po e=Fail|Ignore
matchPolicy 9 s/MatchPolicyType po e=Equivalent|Exact
namespaceSelector 5 =meta.v1.LabelSelector po
objectSelector 11 =meta.v1.LabelSelector po
sideEffects 6 s/SideEffectClass pr e=None|NoneOnDryRun|Some|Unknown
timeoutSeconds 7 i po
admissionReviewVersions 8 []s r t=atomic
reinvocationPolicy 10 s/ReinvocationPolicyType po e=IfNeeded|Never
matchConditions 12 []=MatchCondition o t=map:name k=merge:name
@MutatingWebhookConfiguration
%
metadata 1 =meta.v1.ObjectMeta o
webhooks 2 []=MutatingWebhook o t=map:name k=merge:name
@NamedRuleWithOperations m=atomic
resourceNames 1 []s o t=atomic
^ 2 =RuleWithOperations
@ParamKind m=atomic
apiVersion 1 s o
kind 2 s o
@ParamRef m=atomic
name 1 s o
namespace 2 s o
selector 3 =meta.v1.LabelSelector po
parameterNotFoundAction 4 s/ParameterNotFoundActionType po
@Rule
apiGroups 1 []s o t=atomic
apiVersions 2 []s o t=atomic
resources 3 []s o t=atomic
scope 4 s/ScopeType po e=*|Cluster|Namespaced
@RuleWithOperations
operations 1 []s/OperationType o t=atomic e=*|CONNECT|CREATE|DELETE|UPDATE
^ 2 =Rule
@ServiceReference
namespace 1 s r d0
name 2 s r d0
path 3 s po
port 4 i po
@TypeChecking
expressionWarnings 1 []=ExpressionWarning o t=atomic
@ValidatingAdmissionPolicy
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ValidatingAdmissionPolicySpec o
status 3 =ValidatingAdmissionPolicyStatus o
@ValidatingAdmissionPolicyBinding
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ValidatingAdmissionPolicyBindingSpec o
@ValidatingAdmissionPolicyBindingSpec
policyName 1 s o
paramRef 2 =ParamRef po
matchResources 3 =MatchResources po
validationActions 4 []s/ValidationAction o t=set e=Audit|Deny|Warn
@ValidatingAdmissionPolicySpec
paramKind 1 =ParamKind po
matchConstraints 2 =MatchResources po
validations 3 []=Validation o t=atomic
failurePolicy 4 s/FailurePolicyType po e=Fail|Ignore
auditAnnotations 5 []=AuditAnnotation o t=atomic
matchConditions 6 []=MatchCondition o t=map:name k=merge:name
variables 7 []=Variable o t=map:name k=merge:name
@ValidatingAdmissionPolicyStatus
observedGeneration 1 l o
typeChecking 2 =TypeChecking po
conditions 3 []=meta.v1.Condition o t=map:type
@ValidatingWebhook
name 1 s r d0
clientConfig 2 =WebhookClientConfig r
rules 3 []=RuleWithOperations o t=atomic
failurePolicy 4 s/FailurePolicyType po e=Fail|Ignore
matchPolicy 9 s/MatchPolicyType po e=Equivalent|Exact
namespaceSelector 5 =meta.v1.LabelSelector po
objectSelector 10 =meta.v1.LabelSelector po
sideEffects 6 s/SideEffectClass pr e=None|NoneOnDryRun|Some|Unknown
timeoutSeconds 7 i po
admissionReviewVersions 8 []s r t=atomic
matchConditions 11 []=MatchCondition o t=map:name k=merge:name
@ValidatingWebhookConfiguration
%
metadata 1 =meta.v1.ObjectMeta o
webhooks 2 []=ValidatingWebhook o t=map:name k=merge:name
@Validation
expression 1 s r d0
message 2 s o
reason 3 s/v1.StatusReason po
messageExpression 4 s o
@Variable m=atomic
name 1 s r d0
expression 2 s r d0
@WebhookClientConfig
url 3 s po
service 1 =ServiceReference po
caBundle 2 y o
`;
