/** Types of `io.k8s.api.events.v1`; the format is described in `../facts.ts`. */
export default `
@Event
%
metadata 1 =meta.v1.ObjectMeta -
eventTime 2 M r
series 3 =EventSeries po
reportingController 4 s o
reportingInstance 5 s o
action 6 s o
reason 7 s o
regarding 8 =core.v1.ObjectReference o
related 9 =core.v1.ObjectReference po
note 10 s o
type 11 s o
deprecatedSource 12 =core.v1.EventSource o
deprecatedFirstTimestamp 13 T o
deprecatedLastTimestamp 14 T o
deprecatedCount 15 i o
@EventSeries
count 1 i r d0
lastObservedTime 2 M r
`;
