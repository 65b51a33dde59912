/** Types of `io.k8s.api.authentication.v1`; the format is described in `../facts.ts`. */
export default `
@BoundObjectReference
kind 1 s o
apiVersion 2 s o
name 3 s o
uid 4 s/types.UID o
@SelfSubjectReview
%
metadata 1 =meta.v1.ObjectMeta o
status 2 =SelfSubjectReviewStatus o
@SelfSubjectReviewStatus
userInfo 1 =UserInfo o
@TokenRequest
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =TokenRequestSpec r
status 3 =TokenRequestStatus o
@TokenRequestSpec
audiences 1 []s r t=atomic
expirationSeconds 4 l p
boundObjectRef 3 =BoundObjectReference p
@TokenRequestStatus
token 1 s r d0
expirationTimestamp 2 T r
@TokenReview
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =TokenReviewSpec r
status 3 =TokenReviewStatus o
@TokenReviewSpec
token 1 s o
audiences 2 []s o t=atomic
@TokenReviewStatus
authenticated 1 b o
user 2 =UserInfo o
audiences 4 []s o t=atomic
error 3 s o
@UserInfo
username 1 s o
uid 2 s o
groups 3 []s o t=atomic
extra 4 {}W/ExtraValue o
`;
