/** Types of `io.k8s.api.rbac.v1`; the format is described in `../facts.ts`. */
export default `
@AggregationRule
clusterRoleSelectors 1 []=meta.v1.LabelSelector o t=atomic
@ClusterRole
%
metadata 1 =meta.v1.ObjectMeta o
rules 2 []=PolicyRule - t=atomic
aggregationRule 3 =AggregationRule po
@ClusterRoleBinding
%
metadata 1 =meta.v1.ObjectMeta o
subjects 2 []=Subject o t=atomic
roleRef 3 =RoleRef r
@PolicyRule
verbs 1 []s r t=atomic
apiGroups 2 []s o t=atomic
resources 3 []s o t=atomic
resourceNames 4 []s o t=atomic
nonResourceURLs 5 []s o t=atomic
@Role
%
metadata 1 =meta.v1.ObjectMeta o
rules 2 []=PolicyRule - t=atomic
@RoleBinding
%
metadata 1 =meta.v1.ObjectMeta o
subjects 2 []=Subject o t=atomic
roleRef 3 =RoleRef r
@RoleRef m=atomic
apiGroup 1 s r d0
kind 2 s r d0
name 3 s r d0
@Subject m=atomic
kind 1 s r d0
apiGroup 2 s o
name 3 s r d0
namespace 4 s o
`;
