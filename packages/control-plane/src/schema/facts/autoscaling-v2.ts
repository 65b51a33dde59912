/** Types of `io.k8s.api.autoscaling.v2`; the format is described in `../facts.ts`. */
export default `
@ContainerResourceMetricSource
name 1 s/v1.ResourceName r d0
target 2 =MetricTarget r
container 3 s r d0
@ContainerResourceMetricStatus
name 1 s/v1.ResourceName r d0
current 2 =MetricValueStatus r
container 3 s r d0
@CrossVersionObjectReference
kind 1 s r d0
name 2 s r d0
apiVersion 3 s o
@ExternalMetricSource
metric 1 =MetricIdentifier r
target 2 =MetricTarget r
@ExternalMetricStatus
metric 1 =MetricIdentifier r
current 2 =MetricValueStatus r
@HPAScalingPolicy
type 1 s/HPAScalingPolicyType r d0
value 2 i r d0
periodSeconds 3 i r d0
@HPAScalingRules
stabilizationWindowSeconds 3 i po
selectPolicy 1 s/ScalingPolicySelect po
policies 2 []=HPAScalingPolicy o t=atomic
tolerance 4 Q po
@HorizontalPodAutoscaler
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =HorizontalPodAutoscalerSpec o
status 3 =HorizontalPodAutoscalerStatus o
@HorizontalPodAutoscalerBehavior
scaleUp 1 =HPAScalingRules po
scaleDown 2 =HPAScalingRules po
@HorizontalPodAutoscalerCondition
type 1 s/HorizontalPodAutoscalerConditionType r d0
status 2 s/v1.ConditionStatus r d0
lastTransitionTime 3 T o
reason 4 s o
message 5 s o
@HorizontalPodAutoscalerSpec
scaleTargetRef 1 =CrossVersionObjectReference r
minReplicas 2 i po
maxReplicas 3 i r d0
metrics 4 []=MetricSpec o t=atomic
behavior 5 =HorizontalPodAutoscalerBehavior po
@HorizontalPodAutoscalerStatus
observedGeneration 1 l po
lastScaleTime 2 T po
currentReplicas 3 i o
desiredReplicas 4 i r d0
currentMetrics 5 []=MetricStatus - t=atomic
conditions 6 []=HorizontalPodAutoscalerCondition o t=map:type k=merge:type
@MetricIdentifier
name 1 s r d0
selector 2 =meta.v1.LabelSelector po
@MetricSpec
type 1 s/MetricSourceType r d0
object 2 =ObjectMetricSource po
pods 3 =PodsMetricSource po
resource 4 =ResourceMetricSource po
containerResource 7 =ContainerResourceMetricSource po
external 5 =ExternalMetricSource po
@MetricStatus
type 1 s/MetricSourceType r d0
object 2 =ObjectMetricStatus po
pods 3 =PodsMetricStatus po
resource 4 =ResourceMetricStatus po
containerResource 7 =ContainerResourceMetricStatus po
external 5 =ExternalMetricStatus po
@MetricTarget
type 1 s/MetricTargetType r d0
value 2 Q po
averageValue 3 Q po
averageUtilization 4 i po
@MetricValueStatus
value 1 Q po
averageValue 2 Q po
averageUtilization 3 i po
@ObjectMetricSource
describedObject 1 =CrossVersionObjectReference r
target 2 =MetricTarget r
metric 3 =MetricIdentifier r
@ObjectMetricStatus
metric 1 =MetricIdentifier r
current 2 =MetricValueStatus r
describedObject 3 =CrossVersionObjectReference r
@PodsMetricSource
metric 1 =MetricIdentifier r
target 2 =MetricTarget r
@PodsMetricStatus
metric 1 =MetricIdentifier r
current 2 =MetricValueStatus r
@ResourceMetricSource
name 1 s/v1.ResourceName r d0
target 2 =MetricTarget r
@ResourceMetricStatus
name 1 s/v1.ResourceName r d0
current 2 =MetricValueStatus r
`;
