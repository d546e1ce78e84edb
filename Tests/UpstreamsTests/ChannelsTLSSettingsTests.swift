import TestSupport
import Testing
import Upstreams

/// The files of `tls`, and what is said of bad ones.
@Suite struct ChannelsTLSSettingsTests {
  @Test func `each file that is of no use is named`() throws {
    let folder = try TemporaryFolder()
    let empty = try folder.write("", to: "empty.pem")
    let text = try folder.write("certificate", to: "text.pem")
    let fixture = try TestCertificate.named.get()
    let noCertificate = "no certificate in PEM form can be read from it"
    for file in [empty, text, folder.path("none.pem"), folder.path] {
      let authority = #expect(throws: TLSSettings.InvalidFile.self) {
        _ = try TLSSettings(.init(authorityFile: file))
      }
      #expect(authority.map { "\($0)" } == "\(file): \(noCertificate)")
      let certificate = #expect(throws: TLSSettings.InvalidFile.self) {
        _ = try TLSSettings(.init(certificateFile: file, keyFile: fixture.keyFile))
      }
      #expect(certificate.map { "\($0)" } == "\(file): \(noCertificate)")
      let key = #expect(throws: TLSSettings.InvalidFile.self) {
        _ = try TLSSettings(.init(certificateFile: fixture.certificateFile, keyFile: file))
      }
      #expect(key.map { "\($0)" } == "\(file): no private key in PEM form can be read from it")
    }
  }

  @Test func `a key of another certificate is named`() throws {
    let (fixture, other) = (try TestCertificate.named.get(), try TestCertificate.addressed.get())
    let error = #expect(throws: TLSSettings.InvalidFile.self) {
      _ = try TLSSettings(
        .init(certificateFile: fixture.certificateFile, keyFile: other.keyFile))
    }
    #expect(error?.file == other.keyFile)
    #expect(error?.reason == "the key does not belong to the certificate")
  }

  @Test func `good files are good, and so is none`() throws {
    let fixture = try TestCertificate.named.get()
    _ = try TLSSettings()
    _ = try TLSSettings(.init(authorityFile: fixture.certificateFile))
    _ = try TLSSettings(
      .init(certificateFile: fixture.certificateFile, keyFile: fixture.keyFile))
  }
}
