import DNSWire
import PluginChain
import Testing

/// What `template` counts.
@Suite struct TemplateMetricsTests {
  private static let corefile = """
    .:1053 {
    template IN A example.org {
    match ^(.*)[.]example[.]org[.]$
    answer "{{ .Name }} 60 IN A {{ index .Match 1 }}"
    authority "{{ index .Match 7 }}"
    fallthrough
    }
    template ANY ANY example.net {
    }
    }
    """

  private func samples(_ server: TestServer) -> [String: Double] {
    var result: [String: Double] = [:]
    for family in server.corefile.setup.metrics {
      for sample in family.read() {
        let labels = sample.labels.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
        result["\(family.name){\(labels)}", default: 0] += sample.value
      }
    }
    return result
  }

  @Test func `matches and failures are counted by CoreDNS's labels`() async throws {
    let server = try await TestServer(Self.corefile)
    #expect(samples(server).isEmpty)
    #expect(try server.reply("a.example.org.").code == .serverFailure)
    #expect(try server.reply("1\\.2\\.3\\.4.example.org.").code == .serverFailure)
    #expect(try server.reply("1.2.3.4.example.org.").code == .serverFailure)
    #expect(try server.reply("x.example.net.", .txt).code == .noError)
    #expect(try server.reply("x.example.net.", .any).code == .noError)
    #expect(try server.reply("x.example.net.", RRType(rawValue: 999)).code == .noError)
    let org = "server=dns://:1053,zone=example.org.,view=,class=IN,type=A"
    let net = "server=dns://:1053,zone=example.net.,view=,class=IN,type="
    #expect(
      samples(server) == [
        "coredns_template_matches_total{\(org)}": 3,
        "coredns_template_matches_total{\(net)TXT}": 1,
        "coredns_template_matches_total{\(net)ANY}": 1,
        "coredns_template_matches_total{\(net)other}": 1,
        "coredns_template_rr_failures_total{\(org),section=answer,"
          + "template={{ .Name }} 60 IN A {{ index .Match 1 }}}": 2,
        "coredns_template_template_failures_total{\(org),section=authority,"
          + "template={{ index .Match 7 }}}": 1,
      ])
  }
}
