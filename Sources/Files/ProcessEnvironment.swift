import Glibc

/// The variables that the process was started with.
package enum ProcessEnvironment {
  /// All of them by name; of several with one name, the first counts, as for `getenv`.
  package static func variables() -> [String: String] {
    var variables: [String: String] = [:]
    // SAFETY: the list ends with a null pointer; nothing in this process changes it.
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      // SAFETY: every entry is a NUL-terminated text, copied here.
      let text = unsafe String(cString: entry)
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, variables[String(parts[0])] == nil {
        variables[String(parts[0])] = String(parts[1])
      }
      unsafe next += 1
    }
    return variables
  }
}
