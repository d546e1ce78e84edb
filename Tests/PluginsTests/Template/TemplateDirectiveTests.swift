import Testing

/// What `template` accepts in a Corefile, and what it says to the rest.
@Suite struct TemplateDirectiveTests {
  static let good = [
    SetUpCase("template IN A"), SetUpCase("template ANY ANY example.org 10.0.0.0/8 {\n}"),
    SetUpCase("template IN A {\nmatch a b\nmatch c\nrcode NXDOMAIN\nfallthrough\nupstream\n}"),
    SetUpCase("template IN A {\nederror 15\n}\ntemplate IN A {\nederror 0 \"a reason\"\n}"),
    SetUpCase(
      "template IN A {\nanswer \"a. A 192.0.2.1\" \"b. A 192.0.2.2\"\nauthority \"a. NS b"
        + ".\"\nadditional \"b. A 192.0.2.1\"\n}"
    ),
    SetUpCase("template IN TYPE65280 {\n}"),
    SetUpCase("template IN HTTPS {\nanswer \"{{ .Name }} 60 IN HTTPS 1 . alpn=h2\"\n}"),
    SetUpCase("template CH A {\n}", "2:10: warning: ...class IN alone"),
    SetUpCase("template IN A {\nfallthrough in-addr.arpa 10.0.0.0/8\n}"),
    SetUpCase("template IN A {\nrcode BADCOOKIE\n}"),
  ]

  static let bad = [
    SetUpCase("template", "2:1: error: ...found no arguments, expected at least 2 arguments"),
    SetUpCase("template IN", "2:1: error: ...found 1 argument, expected at least 2"),
    SetUpCase("template in A", "2:10: error: found \"in\", expected one of...did you mean \"IN\""),
    SetUpCase(
      "template IN AAA", "2:13: error: found \"AAA\", expected a type...did you mean \"AAAA\"?"),
    SetUpCase("template IN a", "2:13: error: found \"a\", expected a type of records in capitals"),
    SetUpCase("template IN A a..b", "2:15: error: ...empty label"),
    SetUpCase("template IN A {\nmach x\n}", "3:1: error: ...did you mean \"match\""),
    SetUpCase("template IN A {\nmatch\n}", "3:1: error: found no arguments"),
    SetUpCase(
      "template IN A {\nmatch ok (\n}",
      "3:10: error: found \"(\", expected a regular expression: ..."),
    SetUpCase("template IN A {\nmatch (?=a)\n}", "3:7: error: ...expected a regular expression"),
    SetUpCase("template IN A {\nanswer\n}", "3:1: error: found no arguments"),
    SetUpCase(
      "template IN A {\nanswer \"{{ .Name\"\n}",
      "3:8: error: ...expected a Go template: unclosed action (at octet 1)"),
    SetUpCase(
      "template IN A {\nanswer \"a. A 192.0.2.1\" \"{{ nope }}\"\n}",
      "3:25: error: ...function \"nope\": not defined"),
    SetUpCase(
      "template IN A {\nadditional \"{{ .Nmae }} A 192.0.2.1\"\n}",
      "3:12: error: ...there is no field .Nmae"),
    SetUpCase(
      "template IN A {\nauthority \"a. 60 IN A 192.0.2.256\"\n}",
      "3:11: error: ...expected a record: the address"),
    SetUpCase("template IN A {\nanswer \"\"\n}", "3:8: error: ...expected a record: there is none"),
    SetUpCase(
      "template IN A {\nanswer \"{{ .Name }} 60 IN MX 99999 a.\"\n}",
      "3:8: error: ...expected a record: a number"),
    SetUpCase("template IN A {\nanswer {{ .Name }}\n}", "3:8: error: ...unclosed action"),
    SetUpCase(
      "template IN A {\nrcode NXDOMIAN\n}",
      "3:7: error: found \"NXDOMIAN\", expected a code...did you mean \"NXDOMAIN\""),
    SetUpCase("template IN A {\nrcode\n}", "3:1: error: found no arguments"),
    SetUpCase("template IN A {\nrcode NXDOMAIN 1\n}", "3:16: error: found \"1\""),
    SetUpCase("template IN A {\nederror\n}", "3:1: error: found no arguments"),
    SetUpCase("template IN A {\nederror x\n}", "3:9: error: found \"x\", expected a whole number"),
    SetUpCase("template IN A {\nederror 65536\n}", "3:9: error: ...from 0 to 65535"),
    SetUpCase("template IN A {\nederror 1 a b\n}", "3:13: error: found \"b\""),
    SetUpCase("template IN A {\nfallthrough a..b\n}", "3:13: error: ...empty label"),
    SetUpCase(
      "template IN A {\nvar ip group('ip')\n}",
      "3:1: error: var needs expressions, which are not built yet"),
    SetUpCase(
      "template IN A {\nexpr \"true\"\n}",
      "3:1: error: expr needs expressions, which are not built yet"),
    SetUpCase("template IN A {\nrcode NXDOMAIN {\nx\n}\n}", "4:1: error: ...takes no options"),
    SetUpCase(
      "template IN A {\nederror 1 \"\(String(repeating: "x", count: 256))\"\n}",
      "3:11: error: found 256 octets"),
    SetUpCase(
      "template IN A {\nmatch\(String(repeating: " a", count: 101))\n}",
      "3:1: error: found more than 100 values of match"),
    SetUpCase(
      "template IN A 10.0.0.0/9 {\n"
        + String(repeating: "answer \"a. A 192.0.2.1\"\n", count: 20) + "}",
      "2:1: error: found 20 records for 128 zones"),
  ]

  @Test(arguments: good + bad)
  func `a directive`(row: SetUpCase) {
    let differences = row.differences()
    #expect(differences.isEmpty, "\(differences)")
  }
}
