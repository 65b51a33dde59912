/** Types of `io.k8s.api.authorization.v1`; the format is described in `../facts.ts`. */
export default `
@FieldSelectorAttributes
rawSelector 1 s o
requirements 2 []=meta.v1.FieldSelectorRequirement o t=atomic
@LabelSelectorAttributes
rawSelector 1 s o
requirements 2 []=meta.v1.LabelSelectorRequirement o t=atomic
@LocalSubjectAccessReview
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =SubjectAccessReviewSpec r
status 3 =SubjectAccessReviewStatus o
@NonResourceAttributes
path 1 s o
verb 2 s o
@NonResourceRule
verbs 1 []s r t=atomic
nonResourceURLs 2 []s o t=atomic
@ResourceAttributes
namespace 1 s o
verb 2 s o
group 3 s o
version 4 s o
resource 5 s o
subresource 6 s o
name 7 s o
fieldSelector 8 =FieldSelectorAttributes po
labelSelector 9 =LabelSelectorAttributes po
@ResourceRule
verbs 1 []s r t=atomic
apiGroups 2 []s o t=atomic
resources 3 []s o t=atomic
resourceNames 4 []s o t=atomic
@SelfSubjectAccessReview
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =SelfSubjectAccessReviewSpec r
status 3 =SubjectAccessReviewStatus o
@SelfSubjectAccessReviewSpec
resourceAttributes 1 =ResourceAttributes po
nonResourceAttributes 2 =NonResourceAttributes po
@SelfSubjectRulesReview
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =SelfSubjectRulesReviewSpec r
status 3 =SubjectRulesReviewStatus o
@SelfSubjectRulesReviewSpec
namespace 1 s o
@SubjectAccessReview
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =SubjectAccessReviewSpec r
status 3 =SubjectAccessReviewStatus o
@SubjectAccessReviewSpec
resourceAttributes 1 =ResourceAttributes po
nonResourceAttributes 2 =NonResourceAttributes po
user 3 s o
groups 4 []s o t=atomic
extra 5 {}W/ExtraValue o
uid 6 s o
@SubjectAccessReviewStatus
allowed 1 b r d0
denied 4 b o
reason 2 s o
evaluationError 3 s o
@SubjectRulesReviewStatus
resourceRules 1 []=ResourceRule r t=atomic
nonResourceRules 2 []=NonResourceRule r t=atomic
incomplete 3 b r d0
evaluationError 4 s o
`;
