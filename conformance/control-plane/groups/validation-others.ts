import type { Refusals } from "./validation.js";

/** Objects that the API refuses, and the beginnings of all that it says about them. */
export const others: Refusals = {
  "roles rbac.authorization.k8s.io/v1": [
    [
      "a rule has verbs, groups and resources",
      "{rules: [{}, {verbs: [get], nonResourceURLs: [/a]}]}",
      "rules[0].verbs: Required value: verbs must contain at least one value",
      "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
      "rules[0].resources: Required value: resource rules must supply at least one resource",
      'rules[1].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs',
    ],
  ],
  "rolebindings rbac.authorization.k8s.io/v1": [
    [
      "a role and subjects are complete",
      "{roleRef: {apiGroup: x, kind: Some, name: ''}, subjects: [{kind: User, name: ''}, {kind: ServiceAccount, name: a}, {kind: Other, name: a}]}",
      'roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
      'roleRef.kind: Unsupported value: "Some": supported values: "Role", "ClusterRole"',
      "roleRef.name: Required value",
      "subjects[0].name: Required value",
      'subjects[2].kind: Unsupported value: "Other": supported values: "ServiceAccount", "User", "Group"',
    ],
  ],
  "clusterroles rbac.authorization.k8s.io/v1": [
    [
      "resources and addresses are not in one rule",
      "{rules: [{verbs: [get], apiGroups: [''], resources: [pods], nonResourceURLs: [/a]}]}",
      'rules[0].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
  ],
  "storageclasses storage.k8s.io/v1": [
    [
      "a provisioner and known modes",
      "{reclaimPolicy: Keep, volumeBindingMode: Soon}",
      "provisioner: Required value",
      'reclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Retain"',
      'volumeBindingMode: Unsupported value: "Soon": supported values: "Immediate", "WaitForFirstConsumer"',
    ],
  ],
  "volumeattachments storage.k8s.io/v1": [
    [
      "an attacher, a node and one source",
      "{spec: {attacher: a/b, nodeName: '', source: {}}}",
      "spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName",
      'spec.nodeName: Invalid value: "": a lowercase RFC 1123 subdomain must consist of',
      'spec.attacher: Invalid value: "a/b": a lowercase RFC 1123 subdomain must consist of',
    ],
  ],
  "csidrivers storage.k8s.io/v1": [
    [
      "names and modes",
      "{metadata: {name: Bad_}, spec: {volumeLifecycleModes: [Other], fsGroupPolicy: Some}}",
      'metadata.name: Invalid value: "Bad_": a lowercase RFC 1123 subdomain must consist of',
      'spec.fsGroupPolicy: Unsupported value: "Some": supported values: "File", "None", "ReadWriteOnceWithFSType"',
      'spec.volumeLifecycleModes: Unsupported value: "Other": supported values: "Persistent", "Ephemeral"',
    ],
  ],
  "priorityclasses scheduling.k8s.io/v1": [
    [
      "a value below the system's, a known policy",
      "{value: 2000000001, preemptionPolicy: Maybe}",
      "value: Forbidden: maximum allowed value of a user defined priority is 1000000000",
      'preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"',
    ],
    [
      "the system's prefix is kept",
      "{metadata: {name: system-mine}, value: 1}",
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priori",
    ],
  ],
  "runtimeclasses node.k8s.io/v1": [
    [
      "a handler is a label",
      "{handler: A_b}",
      'handler: Invalid value: "A_b": a lowercase RFC 1123 label must consist of',
    ],
  ],
  "leases coordination.k8s.io/v1": [
    [
      "durations are positive",
      "{spec: {leaseDurationSeconds: 0, leaseTransitions: -1}}",
      "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
      "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
    ],
  ],
  "endpointslices discovery.k8s.io/v1": [
    [
      "an address type, addresses and ports",
      "{addressType: IPv7, endpoints: [{addresses: []}], ports: [{name: A_, port: 70000}]}",
      'addressType: Unsupported value: "IPv7": supported values: "FQDN", "IPv4", "IPv6"',
      'ports[0].name: Invalid value: "A_": a lowercase RFC 1123 label must consist of',
      "endpoints[0].addresses: Required value: must contain at least 1 address",
    ],
    [
      "addresses are of the type",
      "{addressType: IPv4, endpoints: [{addresses: ['::1', abc]}]}",
      'endpoints[0].addresses: Invalid value: "::1": must be an IPv4 address',
      'endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      'endpoints[0].addresses[1]: Invalid value: "abc": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
    ],
  ],
  "validatingwebhookconfigurations admissionregistration.k8s.io/v1": [
    [
      "a webhook is complete",
      "{webhooks: [{name: short}]}",
      'webhooks[0].name: Invalid value: "short": should be a domain with at least three segments separated by dots',
      "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun",
      "webhooks[0].clientConfig: Required value: exactly one of url or service is required",
      "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1",
    ],
    [
      "a timeout, a client and rules",
      "{webhooks: [{name: a.b.c, sideEffects: Some, admissionReviewVersions: [v9], timeoutSeconds: 40, clientConfig: {url: 'http://a', service: {name: s, namespace: ns}}, rules: [{operations: [GO], scope: Some, apiGroups: [''], apiVersions: [v1], resources: [pods, '*']}]}]}",
      'webhooks[0].rules[0].operations[0]: Unsupported value: "GO": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
      'webhooks[0].rules[0].scope: Unsupported value: "Some": supported values: "*", "Cluster", "Namespaced"',
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
      "webhooks[0].timeoutSeconds: Invalid value: 40: the timeout value must be between 1 and 30 seconds",
      "webhooks[0].clientConfig: Required value: exactly one of url or service is required",
      'webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
    ],
    [
      "match conditions compile",
      "{webhooks: [{name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {url: 'https://a'}, matchConditions: [{name: 'a b', expression: 'object.'}, {name: ok, expression: 'none.x'}]}]}",
      'webhooks[0].matchConditions[0].expression: Invalid value: "object.": compilation failed: ERROR: <input>:1:8: Syntax error:',
      'webhooks[0].matchConditions[0].name: Invalid value: "a b": name part must consist of',
      "webhooks[0].matchConditions[1].expression: Invalid value: \"none.x\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'none' (in contain",
    ],
  ],
  "mutatingwebhookconfigurations admissionregistration.k8s.io/v1": [
    [
      "match conditions compile",
      "{webhooks: [{name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {url: 'https://a'}, matchConditions: [{name: bad, expression: '1 + 1'}]}]}",
      'webhooks[0].matchConditions[0].expression: Invalid value: "1 + 1": must evaluate to bool but got int',
    ],
    [
      "names are unique, reinvocation is known",
      "{webhooks: [{name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {url: 'https://a'}, reinvocationPolicy: Again}, {name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {url: 'https://a'}}]}",
      'webhooks[0].reinvocationPolicy: Unsupported value: "Again": supported values: "IfNeeded", "Never"',
      'webhooks[1].name: Duplicate value: "a.b.c"',
    ],
  ],
  "validatingadmissionpolicies admissionregistration.k8s.io/v1": [
    [
      "a policy has rules and validations",
      "{spec: {}}",
      "spec.matchConstraints: Required value",
      "spec.validations: Required value: validations or auditAnnotations must contain at least one item",
      "spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item",
    ],
    [
      "expressions compile",
      "{spec: {matchConstraints: {resourceRules: [{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}]}, validations: [{expression: 'object.'}, {expression: '1'}, {expression: 'variables.none'}], variables: [{name: v, expression: 'none'}], auditAnnotations: [{key: 'a b', valueExpression: '1'}], matchConditions: [{name: '', expression: 'x('}]}}",
      'spec.matchConditions[0].expression: Invalid value: "x(": compilation failed: ERROR: <input>:1:3: Syntax error:',
      "spec.matchConditions[0].name: Required value",
      "spec.variables[0].expression: Invalid value: \"none\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'none' (in container '')",
      'spec.validations[0].expression: Invalid value: "object.": compilation failed: ERROR: <input>:1:8: Syntax error:',
      'spec.validations[1].expression: Invalid value: "1": must evaluate to bool but got int',
      "spec.validations[2].expression: Invalid value: \"variables.none\": compilation failed: ERROR: <input>:1:10: undefined field 'none'",
      'spec.auditAnnotations[0].key: Invalid value: "a/a b": name part must consist of',
      'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int',
    ],
  ],
  "validatingadmissionpolicybindings admissionregistration.k8s.io/v1": [
    [
      "a binding names a policy and actions",
      "{spec: {}}",
      "spec.policyName: Required value",
      "spec.validationActions: Required value: at least one validation action is required",
    ],
    [
      "actions are known and go together",
      "{spec: {policyName: a, validationActions: [Deny, Warn, Other], paramRef: {}}}",
      "spec.paramRef: Required value: one of name or selector must be specified",
      "spec.paramRef.parameterNotFoundAction: Required value",
      'spec.validationActions[2]: Unsupported value: "Other": supported values: "Audit", "Deny", "Warn"',
      'spec.validationActions: Invalid value: ["Deny","Warn","Other"]: must not contain both Deny and Warn (repeating the same validation failure information',
    ],
  ],
  "certificatesigningrequests certificates.k8s.io/v1": [
    [
      "a request is one, a signer has a domain, usages are known",
      "{spec: {request: eA==, signerName: mine, usages: []}}",
      'spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST',
      "spec.usages: Required value",
      "spec.signerName: Invalid value: \"mine\": must be a fully qualified domain and path of the form 'example.com/signer-name'",
    ],
  ],
  "apiservices apiregistration.k8s.io/v1": [
    [
      "a name is version and group",
      "{metadata: {name: wrong}, spec: {group: a.b, version: v1, groupPriorityMinimum: 0, versionPriority: 0, service: {namespace: ns, name: s}}}",
      'metadata.name: Invalid value: "wrong": must be `spec.version+"."+spec.group`: "v1.a.b"',
      "spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000",
      "spec.versionPriority: Invalid value: 0: must be positive and less than 1000",
    ],
  ],
  "flowschemas flowcontrol.apiserver.k8s.io/v1": [
    [
      "a level, rules and precedence",
      "{spec: {matchingPrecedence: 0, priorityLevelConfiguration: {}, rules: [{}]}}",
      "spec.priorityLevelConfiguration.name: Required value: must reference a priority level",
      "spec.rules[0].subjects: Required value: subjects must contain at least one value",
      "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty",
    ],
  ],
  "prioritylevelconfigurations flowcontrol.apiserver.k8s.io/v1": [
    [
      "a type and its limits",
      "{spec: {type: Limited, limited: {nominalConcurrencyShares: -1, limitResponse: {type: Queue, queuing: {queues: 1, handSize: 5, queueLengthLimit: 0}}}}}",
      "spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer",
      "spec.limited.limitResponse.queuing.handSize: Invalid value: 5: should not be greater than queues (1)",
    ],
  ],
};
