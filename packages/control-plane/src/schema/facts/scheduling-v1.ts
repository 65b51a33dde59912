/** Types of `io.k8s.api.scheduling.v1`; the format is described in `../facts.ts`. */
export default `
@PriorityClass
%
metadata 1 =meta.v1.ObjectMeta o
value 2 i r d0
globalDefault 3 b o
description 4 s o
preemptionPolicy 5 s/v1.PreemptionPolicy po e=Never|PreemptLowerPriority
`;
