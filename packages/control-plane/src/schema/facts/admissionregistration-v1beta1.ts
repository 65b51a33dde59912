/** Types of `io.k8s.api.admissionregistration.v1beta1`; the format is described in `../facts.ts`. */
export default `
@ApplyConfiguration
expression 1 s o
@JSONPatch
expression 1 s o
@MatchCondition
name 1 s r d0
expression 2 s r d0
@MatchResources m=atomic
namespaceSelector 1 =meta.v1.LabelSelector po
objectSelector 2 =meta.v1.LabelSelector po
resourceRules 3 []=NamedRuleWithOperations o t=atomic
excludeResourceRules 4 []=NamedRuleWithOperations o t=atomic
matchPolicy 7 s/MatchPolicyType po
@MutatingAdmissionPolicy
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =MutatingAdmissionPolicySpec o
@MutatingAdmissionPolicyBinding
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =MutatingAdmissionPolicyBindingSpec o
@MutatingAdmissionPolicyBindingSpec
policyName 1 s o
paramRef 2 =ParamRef po
matchResources 3 =MatchResources po
@MutatingAdmissionPolicySpec
paramKind 1 =ParamKind po
matchConstraints 2 =MatchResources po
variables 3 []=Variable o t=atomic
mutations 4 []=Mutation o t=atomic
failurePolicy 5 s/FailurePolicyType po
matchConditions 6 []=MatchCondition o t=map:name k=merge:name
reinvocationPolicy 7 s/v1.ReinvocationPolicyType o e=IfNeeded|Never
@Mutation
patchType 2 s/PatchType r e=ApplyConfiguration|JSONPatch d0
applyConfiguration 3 =ApplyConfiguration po
jsonPatch 4 =JSONPatch po
@NamedRuleWithOperations m=atomic
resourceNames 1 []s o t=atomic
^ 2 =admissionregistration.v1.RuleWithOperations
@ParamKind m=atomic
apiVersion 1 s o
kind 2 s o
@ParamRef m=atomic
name 1 s o
namespace 2 s o
selector 3 =meta.v1.LabelSelector po
parameterNotFoundAction 4 s/ParameterNotFoundActionType po
@Variable m=atomic
name 1 s r d0
expression 2 s r d0
`;
