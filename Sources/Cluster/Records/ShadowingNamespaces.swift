/// Finds namespaces whose names hide others from Pods. A Pod's search path tries
/// `SERVICE.NAMESPACE` below the cluster zone before the name itself, so that in a namespace `com`
/// a Service `example` is what `example.com` leads to.
package struct ShadowingNamespaces: Sendable {
  private var told = Set<String>()

  /// Top-level domains that are among the most used ones, or that are likely names of namespaces.
  private static let topLevelDomains: Set<String> = [
    "ai", "app", "biz", "cloud", "cn", "co", "com", "de", "dev", "edu", "eu", "fr", "gov", "in",
    "info", "int", "io", "jp", "me", "mil", "net", "online", "org", "page", "ru", "site",
    "systems", "tech", "tools", "tv", "uk", "us", "xyz", "zone",
  ]

  /// None told yet.
  package init() {}

  /// What is to be said of a change, once for each name; `nil` for most.
  package mutating func warning(_ change: ObjectChange) -> String? {
    guard case .set(.namespace(let namespace)) = change else { return nil }
    let name = namespace.name
    let isPart = name == "svc" || name == "pod"
    guard isPart || Self.topLevelDomains.contains(name), told.insert(name).inserted else {
      return nil
    }
    return isPart
      ? "the namespace \(name) hides names that end in .\(name) from Pods: those of its Services "
        + "come first in their search path"
      : "the namespace \(name) hides public names from Pods: of its Services, NAME.\(name) comes "
        + "first in their search path"
  }
}
