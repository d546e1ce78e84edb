/// Which fields of what the API server sends enter a `ManifestValue`: those of manifests, and those
/// by which lists, watches and refusals are followed.
enum APIFields: KeptFields {
  /// The annotation of the bookmark that ends the first events of a watch (KEP-3157).
  static let endAnnotation = "k8s.io/initial-events-end"

  static func keeps(_ name: String, below parent: String) -> Bool {
    parent == "annotations"
      ? name == endAnnotation || name == ChangeTrigger.annotation
      : names.contains(name) || ManifestFields.keeps(name, below: parent)
  }

  private static let names: Set<String> = [
    "object", "annotations", "resourceVersion", "continue", "code", "reason", "message",
    "details", "retryAfterSeconds",
  ]
}
