/** Types of `io.k8s.api.node.v1`; the format is described in `../facts.ts`. */
export default `
@Overhead
podFixed 1 {v1.ResourceName}Q o
@RuntimeClass
%
metadata 1 =meta.v1.ObjectMeta o
handler 2 s r d0
overhead 3 =Overhead po
scheduling 4 =Scheduling po
@Scheduling
nodeSelector 1 {}s o m=atomic
tolerations 2 []=core.v1.Toleration o t=atomic
`;
