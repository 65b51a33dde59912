import type { Refusals } from "./validation.js";

/** Objects that the API refuses, and the beginnings of all that it says about them. */
export const core: Refusals = {
  "configmaps v1": [
    [
      "keys are file names",
      "{data: {'a b': x, '..': z}}",
      'data[a b]: Invalid value: "a b": a valid config key must consist of',
      "data[..]: Invalid value: \"..\": must not be '..'",
    ],
    [
      "a key is in one of two maps",
      "{data: {a: x}, binaryData: {a: eA==}}",
      'data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ],
    [
      "names are subdomains",
      "{metadata: {name: A_b}}",
      'metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of',
    ],
    [
      "names are not longer than 253",
      "{metadata: {name: LONG253}}",
      'metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    ],
    [
      "owners are complete",
      "{metadata: {ownerReferences: [{apiVersion: v1, kind: Pod}]}}",
      'metadata.ownerReferences.name: Invalid value: "": must not be empty',
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ],
    [
      "one owner is the controller",
      "{metadata: {ownerReferences: [{apiVersion: v1, kind: Pod, name: a, uid: u, controller: true}, {apiVersion: v1, kind: Pod, name: b, uid: w, controller: true}]}}",
      "metadata.ownerReferences: Invalid value:",
    ],
    [
      "finalizers are qualified names",
      "{metadata: {finalizers: ['a b']}}",
      'metadata.finalizers: Invalid value: "a b": name part must consist of',
      'metadata.finalizers[0]: Invalid value: "a b": name is neither a standard finalizer name nor is it fully qualified',
    ],
    [
      "orphan and foreground exclude each other",
      "{metadata: {finalizers: [orphan, foregroundDeletion]}}",
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ],
  ],
  "secrets v1": [
    [
      "a TLS secret has its two keys",
      "{type: kubernetes.io/tls, data: {}}",
      "data[tls.crt]: Required value",
      "data[tls.key]: Required value",
    ],
    [
      "a docker config is JSON",
      "{type: kubernetes.io/dockerconfigjson, data: {.dockerconfigjson: eA==}}",
      "data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": invalid character 'x' looking for beginning of value",
    ],
    [
      "basic authentication has a user or a password",
      "{type: kubernetes.io/basic-auth, data: {}}",
      "data[username]: Required value",
      "data[password]: Required value",
    ],
    [
      "a service account token names its account",
      "{type: kubernetes.io/service-account-token, data: {}}",
      "metadata.annotations[kubernetes.io/service-account.name]: Required value",
    ],
    ["an SSH key", "{type: kubernetes.io/ssh-auth, data: {}}", "data[ssh-privatekey]: Required value"],
  ],
  "services v1": [
    ["a service has ports", "{spec: {selector: {a: b}}}", "spec.ports: Required value"],
    [
      "several ports have names, once each",
      "{spec: {ports: [{port: 80}, {port: 81}]}}",
      "spec.ports[0].name: Required value",
      "spec.ports[1].name: Required value",
    ],
    [
      "names of ports are unique",
      "{spec: {ports: [{port: 80, name: a}, {port: 81, name: a}]}}",
      'spec.ports[1].name: Duplicate value: "a"',
    ],
    [
      "one port and protocol is there once",
      "{spec: {ports: [{port: 80, name: a}, {port: 80, name: b}]}}",
      "spec.ports[1]: Duplicate value:",
    ],
    [
      "a type is known",
      "{spec: {type: Other, ports: [{port: 80}]}}",
      'spec.type: Unsupported value: "Other": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
    [
      "a node port is in range",
      "{spec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}}",
      "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
    ],
    [
      "an external name is needed, and is a name",
      "{spec: {type: ExternalName}}",
      "spec.externalName: Required value",
    ],
    [
      "names are RFC 1035 labels",
      "{metadata: {name: 1abc}, spec: {ports: [{port: 80}]}}",
      'metadata.name: Invalid value: "1abc": a DNS-1035 label must consist of',
    ],
    [
      "a cluster address is one of the range",
      "{spec: {clusterIP: 1.2.3.4, ports: [{port: 80}]}}",
      'spec.clusterIPs: Invalid value: ["1.2.3.4"]: failed to allocate IP 1.2.3.4: the provided network does not match the current range',
    ],
    [
      "a cluster address is an address",
      "{spec: {clusterIP: abc, ports: [{port: 80}]}}",
      'spec.clusterIPs[0]: Invalid value: "abc": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
    [
      "session affinity and its timeout",
      "{spec: {sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 90000}}, ports: [{port: 80}]}}",
      "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be greater than 0 and less than 86400",
    ],
    [
      "a traffic policy is known",
      "{spec: {type: NodePort, externalTrafficPolicy: Near, internalTrafficPolicy: Far, ports: [{port: 80}]}}",
      'spec.externalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
      'spec.internalTrafficPolicy: Unsupported value: "Far": supported values: "Cluster", "Local"',
    ],
    [
      "a target port is a number or a name",
      "{spec: {ports: [{port: 80, targetPort: 'a_b'}]}}",
      'spec.ports[0].targetPort: Invalid value: "a_b": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
    ],
    [
      "external addresses are addresses",
      "{spec: {externalIPs: [abc, 127.0.0.1], ports: [{port: 80}]}}",
      'spec.externalIPs[0]: Invalid value: "abc": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'spec.externalIPs[1]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
    [
      "source ranges are for load balancers",
      "{spec: {loadBalancerSourceRanges: [10.0.0.0/8], ports: [{port: 80}]}}",
      "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
  ],
  "namespaces v1": [
    [
      "names are labels",
      "{metadata: {name: a.b}}",
      'metadata.name: Invalid value: "a.b": must not contain dots',
    ],
  ],
  "serviceaccounts v1": [
    [
      "generated names need a base that can begin one",
      "{metadata: {generateName: A-, name: ''}}",
      'metadata.name: Invalid value: "A-',
    ],
  ],
  "persistentvolumeclaims v1": [
    [
      "access modes and a size",
      "{spec: {}}",
      "spec.accessModes: Required value: at least 1 access mode is required",
      "spec.resources[storage]: Required value",
    ],
    [
      "an access mode is known, a single pod's alone",
      "{spec: {accessModes: [ReadWriteOncePod, ReadWriteOnce, Other], resources: {requests: {storage: 0}}}}",
      'spec.accessModes: Unsupported value: "Other": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
      'spec.resources[storage]: Invalid value: "0": must be greater than zero',
    ],
    [
      "a volume mode is known",
      "{spec: {accessModes: [ReadWriteOnce], volumeMode: Stone, resources: {requests: {storage: 1}}}}",
      'spec.volumeMode: Unsupported value: "Stone": supported values: "Block", "Filesystem"',
    ],
  ],
  "persistentvolumes v1": [
    [
      "capacity, modes and one source",
      "{spec: {}}",
      "spec.accessModes: Required value",
      "spec.capacity: Required value",
      'spec.capacity: Unsupported value: null: supported values: "storage"',
      "spec: Required value: must specify a volume type",
    ],
    [
      "a reclaim policy is known, a node's path absolute",
      "{spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], persistentVolumeReclaimPolicy: Keep, hostPath: {path: ''}}}",
      'spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Recycle", "Retain"',
      "spec.hostPath.path: Required value",
    ],
  ],
  "limitranges v1": [
    [
      "types, and bounds in their order",
      "{spec: {limits: [{type: Container, max: {cpu: '1'}, min: {cpu: '2'}, default: {cpu: '3'}}, {type: Pod, default: {cpu: '1'}}]}}",
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 1',
      'spec.limits[0].default[cpu]: Invalid value: "1": default value 3 is greater than max value 1',
      "spec.limits[1].default: Forbidden: may not be specified when `type` is 'Pod'",
    ],
  ],
  "resourcequotas v1": [
    [
      "resources and scopes",
      "{spec: {hard: {pods: -1, 'a b': 1}, scopes: [BestEffort, NotBestEffort, Other]}}",
      'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
      'spec.hard[a b]: Invalid value: "a b": name part must consist of',
      'spec.hard[a b]: Invalid value: "a b": must be a standard resource for quota',
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Other"]: unsupported scope',
      'spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Other"]: conflicting scopes',
    ],
  ],
  "endpoints v1": [
    [
      "addresses and ports",
      "{subsets: [{}, {addresses: [{ip: abc}, {ip: 127.0.0.1}], ports: [{port: 0}]}]}",
      "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`",
      'subsets[1].addresses[0].ip: Invalid value: "abc": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      'subsets[1].addresses[0].ip: Invalid value: "abc": must be a valid IP address',
      'subsets[1].addresses[1].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      "subsets[1].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
    ],
  ],
};
