/** Types of `io.k8s.api.coordination.v1`; the format is described in `../facts.ts`. */
export default `
@Lease
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =LeaseSpec o
@LeaseSpec
holderIdentity 1 s po
leaseDurationSeconds 2 i po
acquireTime 3 M po
renewTime 4 M po
leaseTransitions 5 i po
strategy 6 s/CoordinatedLeaseStrategy po
preferredHolder 7 s po
`;
