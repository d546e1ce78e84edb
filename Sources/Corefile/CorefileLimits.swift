/// Bounds on what a configuration may be; all far above any real Corefile.
package enum CorefileLimits {
  /// Octets of one file.
  package static let fileByteCountMax = 10 * 1024 * 1024
  /// Octets of all files of one parse together, each file counted once.
  package static let allFilesByteCountMax = 64 * 1024 * 1024
  /// Tokens of one file, and of the whole text after imports.
  package static let tokenCountMax = 1_000_000
  /// Octets of one token, also after variables are replaced.
  package static let tokenByteCountMax = 1024 * 1024
  /// Octets of all tokens after imports and replacements.
  package static let expandedByteCountMax = 64 * 1024 * 1024
  /// Imports of one parse; every file that a pattern matches counts.
  package static let importCountMax = 10_000
  /// Imports inside imports.
  package static let importDepthMax = 64
  /// Blocks inside blocks; the block of a server is the first.
  package static let nestingDepthMax = 16
  /// Zone addresses of one parse; a CIDR key can be 128.
  package static let zoneAddressCountMax = 65_536
  /// Diagnostics kept.
  package static let diagnosticCountMax = 100
  /// Directory entries that one pattern looks at.
  package static let globEntryCountMax = 100_000
}
