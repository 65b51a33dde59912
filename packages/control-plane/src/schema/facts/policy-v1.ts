/** Types of `io.k8s.api.policy.v1`; the format is described in `../facts.ts`. */
export default `
@Eviction
%
metadata 1 =meta.v1.ObjectMeta o
deleteOptions 2 =meta.v1.DeleteOptions po
@PodDisruptionBudget
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =PodDisruptionBudgetSpec o
status 3 =PodDisruptionBudgetStatus o
@PodDisruptionBudgetSpec
minAvailable 1 I po
selector 2 =meta.v1.LabelSelector po k=replace
maxUnavailable 3 I po
unhealthyPodEvictionPolicy 4 s/UnhealthyPodEvictionPolicyType po e=AlwaysAllow|IfHealthyBudget
@PodDisruptionBudgetStatus
observedGeneration 1 l o
disruptedPods 2 {}T o
disruptionsAllowed 3 i r d0
currentHealthy 4 i r d0
desiredHealthy 5 i r d0
expectedPods 6 i r d0
conditions 7 []=meta.v1.Condition o t=map:type k=merge:type
`;
