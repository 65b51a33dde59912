/** Types of `io.k8s.api.certificates.v1`; the format is described in `../facts.ts`. */
export default `
@CertificateSigningRequest
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =CertificateSigningRequestSpec r
status 3 =CertificateSigningRequestStatus o
@CertificateSigningRequestCondition
type 1 s/RequestConditionType r d0
status 6 s/v1.ConditionStatus r d0
reason 2 s o
message 3 s o
lastUpdateTime 4 T o
lastTransitionTime 5 T o
@CertificateSigningRequestSpec
request 1 y r
signerName 7 s r d0
expirationSeconds 8 i po
usages 5 []s/KeyUsage o t=atomic e=any|cert~sign|client~auth|code~signing|content~commitment|crl~sign|data~encipherment|decipher~only|digital~signature|email~protection|encipher~only|ipsec~end~system|ipsec~tunnel|ipsec~user|key~agreement|key~encipherment|microsoft~sgc|netscape~sgc|ocsp~signing|s/mime|server~auth|signing|timestamping
username 2 s o
uid 3 s o
groups 4 []s o t=atomic
extra 6 {}W/ExtraValue o
@CertificateSigningRequestStatus
conditions 1 []=CertificateSigningRequestCondition o t=map:type
certificate 2 y o
`;
