// MARK: - Pods

extension Schemas {
  static let podSpec = MessageSchema(fields: [
    .optional(2, "containers", .messages(container)), .always(3, "restartPolicy"),
    .optional(4, "terminationGracePeriodSeconds", .number), .always(6, "dnsPolicy"),
    .optional(7, "nodeSelector", .map), .always(8, "serviceAccountName"),
    .always(9, "serviceAccount"), .always(10, "nodeName"), .always(11, "hostNetwork", .bool),
    .always(12, "hostPID", .bool), .always(13, "hostIPC", .bool),
    .optional(14, "securityContext", .message(MessageSchema(fields: []))),
    .always(16, "hostname"), .always(17, "subdomain"), .always(19, "schedulerName"),
    .optional(
      22, "tolerations",
      .messages(
        MessageSchema(fields: [
          .always(1, "key"), .always(2, "operator"), .always(3, "value"), .always(4, "effect"),
          .optional(5, "tolerationSeconds", .number),
        ]))),
    .always(24, "priorityClassName"), .optional(25, "priority", .number),
    .optional(30, "enableServiceLinks", .bool), .optional(31, "preemptionPolicy"),
  ])

  static let podStatus = MessageSchema(fields: [
    .always(1, "phase"), .optional(2, "conditions", .messages(podCondition)),
    .always(3, "message"), .always(4, "reason"), .always(5, "hostIP"), .always(6, "podIP"),
    .optional(7, "startTime", .time),
    .optional(8, "containerStatuses", .messages(containerStatus)), .always(9, "qosClass"),
    .always(11, "nominatedNodeName"),
    .optional(12, "podIPs", .messages(MessageSchema(fields: [.always(1, "ip")]))),
    .always(14, "resize"),
    .optional(16, "hostIPs", .messages(MessageSchema(fields: [.always(1, "ip")]))),
    .always(17, "observedGeneration", .number),
  ])

  private static let container = MessageSchema(fields: [
    .always(1, "name"), .always(2, "image"), .optional(4, "args", .texts),
    .always(5, "workingDir"),
    .optional(
      6, "ports",
      .messages(
        MessageSchema(fields: [
          .always(1, "name"), .always(2, "hostPort", .number),
          .always(3, "containerPort", .number), .always(4, "protocol"), .always(5, "hostIP"),
        ]))),
    .always(8, "resources", .message(MessageSchema(fields: []))),
    .always(13, "terminationMessagePath"), .always(14, "imagePullPolicy"),
    .always(16, "stdin", .bool), .always(17, "stdinOnce", .bool), .always(18, "tty", .bool),
    .always(20, "terminationMessagePolicy"),
  ])

  private static let containerStatus = MessageSchema(fields: [
    .always(1, "name"),
    .always(
      2, "state",
      .message(
        MessageSchema(fields: [
          .optional(
            2, "running", .message(MessageSchema(fields: [.always(1, "startedAt", .time)])))
        ]))),
    .always(3, "lastState", .message(MessageSchema(fields: []))), .always(4, "ready", .bool),
    .always(5, "restartCount", .number), .always(6, "image"), .always(7, "imageID"),
    .always(8, "containerID"), .optional(9, "started", .bool),
  ])

  private static let podCondition = MessageSchema(fields: [
    .always(1, "type"), .always(2, "status"), .always(3, "lastProbeTime", .time),
    .always(4, "lastTransitionTime", .time), .always(5, "reason"), .always(6, "message"),
    .always(7, "observedGeneration", .number),
  ])
}
