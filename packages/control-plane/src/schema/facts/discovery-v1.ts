/** Types of `io.k8s.api.discovery.v1`; the format is described in `../facts.ts`. */
export default `
@Endpoint
addresses 1 []s r t=set
conditions 2 =EndpointConditions o
hostname 3 s po
targetRef 4 =core.v1.ObjectReference po
deprecatedTopology 5 {}s o
nodeName 6 s po
zone 7 s po
hints 8 =EndpointHints po
@EndpointConditions
ready 1 b po
serving 2 b po
terminating 3 b po
@EndpointHints
forZones 1 []=ForZone o t=atomic
forNodes 2 []=ForNode o t=atomic
@EndpointPort m=atomic
name 1 s po
protocol 2 s/v1.Protocol po e=SCTP|TCP|UDP
port 3 i po
appProtocol 4 s po
@EndpointSlice
%
metadata 1 =meta.v1.ObjectMeta o
addressType 4 s/AddressType r e=FQDN|IPv4|IPv6 d0
endpoints 2 []=Endpoint r t=atomic
ports 3 []=EndpointPort - t=atomic
@ForNode
name 1 s r d0
@ForZone
name 1 s r d0
`;
