import TestSupport
import Upstreams

extension TestCertificate {
  /// Bears the name `dns.example`; made when a test first needs it.
  static let named = Result { try TestCertificate(names: "DNS:dns.example") }
  /// Bears the address 127.0.0.1.
  static let addressed = Result { try TestCertificate(names: "IP:127.0.0.1") }

  /// Settings of a client that trusts this certificate only.
  func settings() throws -> TLSSettings {
    try TLSSettings(.init(authorityFile: certificateFile))
  }
}
