/** Types of `io.k8s.api.networking.v1`; the format is described in `../facts.ts`. */
export default `
@HTTPIngressPath
path 1 s o
pathType 3 s/PathType pr e=Exact|ImplementationSpecific|Prefix
backend 2 =IngressBackend r
@HTTPIngressRuleValue
paths 1 []=HTTPIngressPath r t=atomic
@IPAddress
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =IPAddressSpec o
@IPAddressSpec
parentRef 1 =ParentReference por
@IPBlock
cidr 1 s r d0
except 2 []s o t=atomic
@Ingress
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =IngressSpec o
status 3 =IngressStatus o
@IngressBackend
service 4 =IngressServiceBackend po
resource 3 =core.v1.TypedLocalObjectReference po
@IngressClass
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =IngressClassSpec o
@IngressClassParametersReference
apiGroup 1 s po
kind 2 s r d0
name 3 s r d0
scope 4 s p
namespace 5 s po
@IngressClassSpec
controller 1 s o
parameters 2 =IngressClassParametersReference po
@IngressLoadBalancerIngress
ip 1 s o
hostname 2 s o
ports 4 []=IngressPortStatus o t=atomic
@IngressLoadBalancerStatus
ingress 1 []=IngressLoadBalancerIngress o t=atomic
@IngressPortStatus
port 1 i r d0
protocol 2 s/v1.Protocol r e=SCTP|TCP|UDP d0
error 3 s po
@IngressRule
host 1 s o
^ 2 =IngressRuleValue
@IngressRuleValue
http 1 =HTTPIngressRuleValue po
@IngressServiceBackend
name 1 s r d0
port 2 =ServiceBackendPort o
@IngressSpec
ingressClassName 4 s po
defaultBackend 1 =IngressBackend po
tls 2 []=IngressTLS o t=atomic
rules 3 []=IngressRule o t=atomic
@IngressStatus
loadBalancer 1 =IngressLoadBalancerStatus o
@IngressTLS
hosts 1 []s o t=atomic
secretName 2 s o
@NetworkPolicy
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =NetworkPolicySpec o
@NetworkPolicyEgressRule
ports 1 []=NetworkPolicyPort o t=atomic
to 2 []=NetworkPolicyPeer o t=atomic
@NetworkPolicyIngressRule
ports 1 []=NetworkPolicyPort o t=atomic
from 2 []=NetworkPolicyPeer o t=atomic
@NetworkPolicyPeer
podSelector 1 =meta.v1.LabelSelector po
namespaceSelector 2 =meta.v1.LabelSelector po
ipBlock 3 =IPBlock po
@NetworkPolicyPort
protocol 1 s/v1.Protocol po e=SCTP|TCP|UDP
port 2 I po
endPort 3 i po
@NetworkPolicySpec
podSelector 1 =meta.v1.LabelSelector -
ingress 2 []=NetworkPolicyIngressRule o t=atomic
egress 3 []=NetworkPolicyEgressRule o t=atomic
policyTypes 4 []s/PolicyType o t=atomic e=Egress|Ingress
@ParentReference
group 1 s o
resource 2 s or
namespace 3 s o
name 4 s or
@ServiceBackendPort m=atomic
name 1 s o
number 2 i o
@ServiceCIDR
%
metadata 1 =meta.v1.ObjectMeta o
spec 2 =ServiceCIDRSpec o
status 3 =ServiceCIDRStatus o
@ServiceCIDRSpec
cidrs 1 []s o t=atomic
@ServiceCIDRStatus
conditions 1 []=meta.v1.Condition o t=map:type k=merge:type
`;
