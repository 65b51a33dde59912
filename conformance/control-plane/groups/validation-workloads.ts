import type { Refusals } from "./validation.js";

/** Objects that the API refuses, and the beginnings of all that it says about them. */
export const workloads: Refusals = {
  "deployments apps/v1": [
    [
      "a selector is needed",
      "{spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.selector: Required value",
      "spec.template.metadata.labels: Invalid value:",
    ],
    [
      "the selector matches the template",
      "{spec: {selector: {matchLabels: {a: c}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.template.metadata.labels: Invalid value:",
    ],
    [
      "replicas are not negative",
      "{spec: {replicas: -1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "a strategy is known, Recreate has no rolling update",
      "{spec: {strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      "surge and unavailable are not both nought",
      "{spec: {strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
    ],
    [
      "a percentage is one",
      "{spec: {strategy: {rollingUpdate: {maxUnavailable: 200%, maxSurge: abc}}, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"abc\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or ",
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "200%": must not be greater than 100%',
    ],
    [
      "pods of a deployment restart always",
      "{spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}",
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
    [
      "the progress deadline is above the ready seconds",
      "{spec: {minReadySeconds: 20, progressDeadlineSeconds: 10, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds",
    ],
    [
      "selector expressions",
      "{spec: {selector: {matchExpressions: [{key: a, operator: In}, {key: a, operator: Has}, {key: a, operator: Exists, values: [x]}]}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
      'spec.selector.matchExpressions[1].operator: Invalid value: "Has": not a valid selector operator',
      "spec.selector.matchExpressions[2].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      "spec.selector: Invalid value:",
    ],
  ],
  "statefulsets apps/v1": [
    [
      "pod management and update strategy are known",
      "{spec: {podManagementPolicy: Some, updateStrategy: {type: Never}, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.podManagementPolicy: Invalid value: \"Some\": must be 'OrderedReady' or 'Parallel'",
      "spec.updateStrategy: Invalid value:",
    ],
    [
      "a partition is not negative",
      "{spec: {updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: -1}}, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0",
    ],
  ],
  "daemonsets apps/v1": [
    [
      "an update strategy is known",
      "{spec: {updateStrategy: {type: Never}, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      'spec.updateStrategy: Unsupported value: {"Type":"Never","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete"',
    ],
  ],
  "replicasets apps/v1": [
    [
      "a selector is not empty",
      "{spec: {selector: {}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: i}]}}}}",
      "spec.selector: Invalid value:",
    ],
  ],
  "jobs batch/v1": [
    [
      "pods of a job do not restart always",
      "{spec: {template: {spec: {containers: [{name: a, image: i}]}}}}",
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
    [
      "numbers of a job are not negative",
      "{spec: {parallelism: -1, completions: -1, backoffLimit: -1, activeDeadlineSeconds: -1, ttlSecondsAfterFinished: -1, template: {spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}",
      "spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
      "spec.completions: Invalid value: -1: must be greater than or equal to 0",
      "spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0",
      "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0",
      "spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "an indexed job says how many",
      "{spec: {completionMode: Indexed, parallelism: 2, template: {spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}",
      "spec.completions: Required value: when completion mode is Indexed",
    ],
    [
      "a pod failure policy",
      "{spec: {podFailurePolicy: {rules: [{action: Panic, onExitCodes: {operator: In, values: [0]}}]}, template: {spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}",
      'spec.podFailurePolicy.rules[0].action: Unsupported value: "Panic": supported values: "Count", "FailIndex", "FailJob", "Ignore"',
      "spec.podFailurePolicy.rules[0].onExitCodes.values[0]: Invalid value: 0: must not be 0 for the In operator",
    ],
    [
      "a selector is not written by hand",
      "{spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}",
      "spec.selector: Invalid value:",
    ],
  ],
  "cronjobs batch/v1": [
    [
      "a schedule is one",
      "{spec: {schedule: '* * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}}}",
      'spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]',
    ],
    [
      "names leave room for the jobs'",
      "{metadata: {name: LONG53}, spec: {schedule: '* * * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}}}",
      'metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 52 characters',
    ],
    [
      "concurrency, history and time zone",
      "{spec: {schedule: '* * * * *', concurrencyPolicy: Wait, successfulJobsHistoryLimit: -1, timeZone: Nowhere/None, startingDeadlineSeconds: -1, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}}}",
      "spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0",
      'spec.timeZone: Invalid value: "Nowhere/None": unknown time zone Nowhere/None',
      'spec.concurrencyPolicy: Unsupported value: "Wait": supported values: "Allow", "Forbid", "Replace"',
      "spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0",
    ],
    [
      "a time zone is not in the schedule",
      "{spec: {schedule: 'TZ=UTC 0 0 * * *', timeZone: UTC, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: i}]}}}}}}",
      'spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
  ],
  "horizontalpodautoscalers autoscaling/v2": [
    [
      "bounds and target",
      "{spec: {minReplicas: 5, maxReplicas: 2, scaleTargetRef: {}}}",
      "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`",
      "spec.scaleTargetRef.kind: Required value",
      "spec.scaleTargetRef.name: Required value",
      'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
    ],
    [
      "metrics have a source and a target",
      "{spec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: a}, metrics: [{type: Resource}, {type: Resource, resource: {name: cpu, target: {type: Utilization}}}, {type: Other}]}}",
      'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
      "spec.metrics[0].resource: Required value: must populate information for the given metric source",
      "spec.metrics[1].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization",
      'spec.metrics[2].type: Unsupported value: "Other": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    ],
    [
      "behaviour's policies",
      "{spec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: a}, behavior: {scaleDown: {stabilizationWindowSeconds: 5000, policies: [{type: Some, value: 0, periodSeconds: 0}]}}}}",
      'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group',
      "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 5000: must be less than or equal to 3600",
      'spec.behavior.scaleDown.policies[0].type: Unsupported value: "Some": supported values: "Percent", "Pods"',
      "spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero",
      "spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 0: must be greater than zero",
    ],
  ],
  "poddisruptionbudgets policy/v1": [
    [
      "minimum and maximum exclude each other",
      "{spec: {minAvailable: 1, maxUnavailable: 1, selector: {}}}",
      "spec: Invalid value:",
    ],
    [
      "a percentage is not above 100",
      "{spec: {minAvailable: 200%, unhealthyPodEvictionPolicy: Never}}",
      'spec.minAvailable: Invalid value: "200%": must not be greater than 100%',
      'spec.unhealthyPodEvictionPolicy: Unsupported value: "Never": supported values: "AlwaysAllow", "IfHealthyBudget"',
    ],
  ],
  "ingresses networking.k8s.io/v1": [
    [
      "a backend or rules",
      "{spec: {}}",
      "spec: Invalid value: null: either `defaultBackend` or `rules` must be specified",
    ],
    [
      "a host is a name, a path begins with a slash",
      "{spec: {rules: [{host: 'A_b', http: {paths: [{path: x, pathType: Exact, backend: {service: {name: s, port: {number: 80}}}}]}}]}}",
      'spec.rules[0].host: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of',
      'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path',
    ],
    [
      "a path has a type",
      "{spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: s, port: {number: 80}}}}]}}]}}",
      "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified",
    ],
    [
      "a backend is a service or a resource, with one port",
      "{spec: {defaultBackend: {service: {name: s, port: {number: 1, name: a}}}}}",
      'spec.defaultBackend: Invalid value: "": cannot set both port name & port number',
    ],
    [
      "an address is no host",
      "{spec: {rules: [{host: 1.2.3.4}, {host: '*.*.com'}]}}",
      'spec.rules[0].host: Invalid value: "1.2.3.4": must be a DNS name, not an IP address',
      "spec.rules[1].host: Invalid value: \"*.*.com\": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consis",
    ],
  ],
  "networkpolicies networking.k8s.io/v1": [
    [
      "types, ports and peers",
      "{spec: {podSelector: {}, policyTypes: [Other], ingress: [{ports: [{port: 0, protocol: X, endPort: 1}], from: [{ipBlock: {cidr: abc}, podSelector: {}}]}]}}",
      'spec.ingress[0].ports[0].protocol: Unsupported value: "X": supported values: "TCP", "UDP", "SCTP"',
      "spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
      'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "abc": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      "spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer",
      'spec.policyTypes[0]: Unsupported value: "Other": supported values: "Ingress", "Egress"',
    ],
  ],
};
