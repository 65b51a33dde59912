/** Types of `io.k8s.api.autoscaling.v1`; the format is described in `../facts.ts`. */
export default `
@CrossVersionObjectReference m=atomic
kind 1 s r d0
name 2 s r d0
apiVersion 3 s o
@HorizontalPodAutoscaler
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =HorizontalPodAutoscalerSpec o
status 3 =HorizontalPodAutoscalerStatus o
@HorizontalPodAutoscalerSpec
scaleTargetRef 1 =CrossVersionObjectReference r
minReplicas 2 i po
maxReplicas 3 i r d0
targetCPUUtilizationPercentage 4 i po
@HorizontalPodAutoscalerStatus
observedGeneration 1 l po
lastScaleTime 2 T po
currentReplicas 3 i r d0
desiredReplicas 4 i r d0
currentCPUUtilizationPercentage 5 i po
@Scale
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ScaleSpec o
status 3 =ScaleStatus o
@ScaleSpec
replicas 1 i o d0
@ScaleStatus
replicas 1 i r d0
selector 2 s o
`;
