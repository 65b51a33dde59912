/** Types of `io.k8s.api.admission.v1`; the format is described in `../facts.ts`. */
export default `
@AdmissionRequest
uid 1 s/types.UID -
kind 2 =meta.v1.GroupVersionKind -
resource 3 =meta.v1.GroupVersionResource -
subResource 4 s o
requestKind 13 =meta.v1.GroupVersionKind po
requestResource 14 =meta.v1.GroupVersionResource po
requestSubResource 15 s o
name 5 s o
namespace 6 s o
operation 7 s/Operation -
userInfo 8 =authentication.v1.UserInfo -
object 9 R o
oldObject 10 R o
dryRun 11 b po
options 12 R o
@AdmissionResponse
uid 1 s/types.UID -
allowed 2 b -
status 3 =meta.v1.Status po
patch 4 y o
patchType 5 s/PatchType po
auditAnnotations 6 {}s o
warnings 7 []s o
@AdmissionReview
%
request 1 =AdmissionRequest po
response 2 =AdmissionResponse po
`;
