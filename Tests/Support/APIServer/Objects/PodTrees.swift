/// Pods as the server writes them.
enum PodTrees {
  /// A Pod with its metadata.
  static func tree(_ pod: SimulatedPod, _ object: SimulatedObject, _ metadata: Tree) -> Tree {
    ["metadata": metadata, "spec": spec(pod, object), "status": status(pod)]
  }

  private static func spec(_ pod: SimulatedPod, _ object: SimulatedObject) -> Tree {
    [
      "containers": [
        [
          "name": "app", "image": "registry.example/shop/app:1.4.2",
          "args": ["--listen", ":8080"],
          "ports": [["name": "http", "containerPort": 8080, "protocol": "TCP"]],
          "resources": [:], "terminationMessagePath": "/dev/termination-log",
          "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent",
        ]
      ],
      "restartPolicy": "Always", "terminationGracePeriodSeconds": 30,
      "dnsPolicy": "ClusterFirst", "serviceAccountName": "default", "serviceAccount": "default",
      "nodeName": .text(pod.nodeName), "securityContext": [:],
      "schedulerName": "default-scheduler",
      "tolerations": [
        [
          "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute",
          "tolerationSeconds": 300,
        ],
        [
          "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute",
          "tolerationSeconds": 300,
        ],
      ], "priority": 0, "enableServiceLinks": true, "preemptionPolicy": "PreemptLowerPriority",
    ]
  }

  private static func status(_ pod: SimulatedPod) -> Tree {
    let condition: (Tree) -> Tree = { type in
      [
        "type": type, "status": "True", "lastProbeTime": .null,
        "lastTransitionTime": .text(ObjectTrees.creationTime),
      ]
    }
    return .members([
      ("phase", .text(pod.phase)),
      (
        "conditions",
        .list(["Initialized", "Ready", "ContainersReady", "PodScheduled"].map(condition))
      ), ("hostIP", "192.168.0.10"), ("hostIPs", [["ip": "192.168.0.10"]]),
      ("podIP", pod.addresses.first.map { .text($0) }),
      (
        "podIPs",
        pod.addresses.isEmpty ? nil : .list(pod.addresses.map { ["ip": .text($0)] })
      ), ("startTime", .text(ObjectTrees.creationTime)),
      (
        "containerStatuses",
        [
          [
            "name": "app", "state": ["running": ["startedAt": .text(ObjectTrees.creationTime)]],
            "lastState": [:], "ready": true, "restartCount": 0,
            "image": "registry.example/shop/app:1.4.2",
            "imageID": "registry.example/shop/app@sha256:6f1d", "containerID": "containerd://ab12",
            "started": true,
          ]
        ]
      ), ("qosClass", "BestEffort"),
    ])
  }
}
