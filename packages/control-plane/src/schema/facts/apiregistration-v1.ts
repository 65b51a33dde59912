/** Types of `io.k8s.kube-aggregator.pkg.apis.apiregistration.v1`; the format is described in `../facts.ts`. */
export default `
@APIService
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =APIServiceSpec o
status 3 =APIServiceStatus o
@APIServiceCondition
type 1 s/APIServiceConditionType r d0
status 2 s/ConditionStatus r d0
lastTransitionTime 3 T o
reason 4 s o
message 5 s o
@APIServiceSpec
service 1 =ServiceReference po
group 2 s o
version 3 s o
insecureSkipTLSVerify 4 b o
caBundle 5 y o t=atomic
groupPriorityMinimum 7 i r d0
versionPriority 8 i r d0
@APIServiceStatus
conditions 1 []=APIServiceCondition o t=map:type k=merge:type
@ServiceReference
namespace 1 s o
name 2 s o
port 3 i po
`;
