/// The messages of the Kubernetes API, with the field numbers of its .proto files.
enum Schemas {
  static let status = MessageSchema(fields: [
    .always(1, "metadata", .message(listMeta)), .always(2, "status"), .always(3, "message"),
    .always(4, "reason"), .optional(5, "details", .message(statusDetails)),
    .always(6, "code", .number),
  ])

  static let listMeta = MessageSchema(fields: [
    .always(1, "selfLink"), .always(2, "resourceVersion"), .always(3, "continue"),
    .optional(4, "remainingItemCount", .number),
  ])

  static let namespace = MessageSchema(fields: [
    .always(1, "metadata", .message(metadata)),
    .always(2, "spec", .message(MessageSchema(fields: [.optional(1, "finalizers", .texts)]))),
    .always(3, "status", .message(MessageSchema(fields: [.always(1, "phase")]))),
  ])

  static let service = MessageSchema(fields: [
    .always(1, "metadata", .message(metadata)), .always(2, "spec", .message(serviceSpec)),
    .always(
      3, "status",
      .message(
        MessageSchema(fields: [
          .always(1, "loadBalancer", .message(MessageSchema(fields: [])))
        ]))),
  ])

  static let endpointSlice = MessageSchema(fields: [
    .always(1, "metadata", .message(metadata)), .optional(2, "endpoints", .messages(endpoint)),
    .optional(
      3, "ports",
      .messages(
        MessageSchema(fields: [
          .optional(1, "name"), .optional(2, "protocol"), .optional(3, "port", .number),
          .optional(4, "appProtocol"),
        ]))),
    .always(4, "addressType"),
  ])

  static let pod = MessageSchema(fields: [
    .always(1, "metadata", .message(metadata)), .always(2, "spec", .message(podSpec)),
    .always(3, "status", .message(podStatus)),
  ])

  // MARK: - Metadata

  private static let metadata = MessageSchema(fields: [
    .always(1, "name"), .always(2, "generateName"), .always(3, "namespace"),
    .always(4, "selfLink"), .always(5, "uid"), .always(6, "resourceVersion"),
    .always(7, "generation", .number), .always(8, "creationTimestamp", .time),
    .optional(9, "deletionTimestamp", .time), .optional(10, "deletionGracePeriodSeconds", .number),
    .optional(11, "labels", .map), .optional(12, "annotations", .map),
    .optional(13, "ownerReferences", .messages(ownerReference)),
    .optional(14, "finalizers", .texts),
    .optional(17, "managedFields", .messages(managedFields)),
  ])

  private static let ownerReference = MessageSchema(fields: [
    .always(1, "kind"), .always(3, "name"), .always(4, "uid"), .always(5, "apiVersion"),
    .optional(6, "controller", .bool), .optional(7, "blockOwnerDeletion", .bool),
  ])

  private static let managedFields = MessageSchema(fields: [
    .always(1, "manager"), .always(2, "operation"), .always(3, "apiVersion"),
    .optional(4, "time", .time), .always(6, "fieldsType"), .optional(7, "fieldsV1", .rawJSON),
    .always(8, "subresource"),
  ])

  private static let statusDetails = MessageSchema(fields: [
    .always(1, "name"), .always(2, "group"), .always(3, "kind"),
    .optional(
      4, "causes",
      .messages(
        MessageSchema(fields: [.always(1, "reason"), .always(2, "message"), .always(3, "field")]))),
    .always(5, "retryAfterSeconds", .number), .always(6, "uid"),
  ])

  // MARK: - Services and slices

  private static let serviceSpec = MessageSchema(fields: [
    .optional(
      1, "ports",
      .messages(
        MessageSchema(fields: [
          .always(1, "name"), .always(2, "protocol"), .always(3, "port", .number),
          .always(4, "targetPort", .numberOrText), .always(5, "nodePort", .number),
          .optional(6, "appProtocol"),
        ]))),
    .optional(2, "selector", .map), .always(3, "clusterIP"), .always(4, "type"),
    .optional(5, "externalIPs", .texts), .always(7, "sessionAffinity"),
    .always(8, "loadBalancerIP"), .optional(9, "loadBalancerSourceRanges", .texts),
    .always(10, "externalName"), .always(11, "externalTrafficPolicy"),
    .always(12, "healthCheckNodePort", .number), .always(13, "publishNotReadyAddresses", .bool),
    .optional(17, "ipFamilyPolicy"), .optional(18, "clusterIPs", .texts),
    .optional(19, "ipFamilies", .texts), .optional(20, "allocateLoadBalancerNodePorts", .bool),
    .optional(21, "loadBalancerClass"), .optional(22, "internalTrafficPolicy"),
  ])

  private static let endpoint = MessageSchema(fields: [
    .optional(1, "addresses", .texts),
    .always(
      2, "conditions",
      .message(
        MessageSchema(fields: [
          .optional(1, "ready", .bool), .optional(2, "serving", .bool),
          .optional(3, "terminating", .bool),
        ]))),
    .optional(3, "hostname"), .optional(4, "targetRef", .message(objectReference)),
    .optional(5, "deprecatedTopology", .map), .optional(6, "nodeName"), .optional(7, "zone"),
    .optional(
      8, "hints",
      .message(
        MessageSchema(fields: [
          .optional(1, "forZones", .messages(MessageSchema(fields: [.always(1, "name")])))
        ]))),
  ])

  private static let objectReference = MessageSchema(fields: [
    .always(1, "kind"), .always(2, "namespace"), .always(3, "name"), .always(4, "uid"),
    .always(5, "apiVersion"), .always(6, "resourceVersion"), .always(7, "fieldPath"),
  ])
}
