import Cluster
import DNSWire
import Testing

@Suite struct ManifestFormatTests {
  private static let web = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}}"
  private static let json =
    #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"}}"#

  private static let notations: [(String, String)] = [
    (web, "w.yaml"), (json, "w.yaml"), (json, "w.json"), (" \n\t" + json, "w.yml"),
    (web, "w.json"), ("\u{FEFF}" + web, "w.yaml"), ("\u{FEFF}" + json, "w.json"),
    ("--- # head\n" + web + "\n...\n", "w.yaml"),
    ("---\n---\n" + web + "\n---\n# end\n---\n", "w.yaml"),
    ("%YAML 1.1\n---\n" + web, "w.yaml"), ("[" + json + "]", "w.json"), ("- " + web, "w.yaml"),
    ("apiVersion: v1\nkind: List\nitems: [" + web + "]", "w.yaml"),
    (#"{"apiVersion":"v1","kind":"List","items":["# + json + "]}", "w.json"),
    (
      "apiVersion: v1\nkind: ServiceList\nitems:\n- metadata: {name: web, namespace: shop}",
      "w.yaml"
    ),
    (
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: List, items: [" + web + "]}",
      "w.yaml"
    ),
    (web.replacing(", ", with: ",\r\n "), "w.yaml"),
    (
      "'apiVersion': v1\n\"kind\": Service\nmetadata: {name: !!str web, namespace: 'shop'}",
      "w.yaml"
    ),
    (
      "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nnote: {{a: b}: c}",
      "w.yaml"
    ),
  ]

  @Test(arguments: notations)
  func `all notations of one Service`(text: String, path: String) {
    let round = load(text, path: path)
    #expect(round.problems == [])
    #expect(round.story == ["+Service shop/web"])
  }

  @Test(arguments: [
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: 5\n",
    "apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\n",
    "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: Web}\n",
    "apiVersion: apps/v1\nkind: DeploymentList\nitems: 5\n",
    "apiVersion: v1\nkind: List\nitems: []\n",
  ])
  func `other kinds are silent`(text: String) {
    #expect(load(text) == ManifestRound())
  }

  @Test(arguments: [
    ("", "the file is empty; nothing was loaded from it"),
    (" \n\n", "the file is empty; nothing was loaded from it"),
    ("# nothing\n---\n", "the file is empty; nothing was loaded from it"),
    ("a: [", "line 2, column 1: while parsing a flow node"), ("a: b\n c: d\n", "line 2, column 3"),
    ("\u{1}", "control characters are not allowed"), ("a: \0", "control characters"),
    ("metadata: {}\nkind: Service\n", "apiVersion: the apiVersion is missing"),
    ("apiVersion: v1\n", "kind: the kind is missing"), ("{}", "kind: the kind is missing"),
    ("kind: 5\n", "kind: the number 5 is not text"),
    ("hello\n", "the text \"hello\" is not a mapping"),
    ("apiVersion: v1\nkind: List\n", "items: nothing is not a list"),
    ("apiVersion: v1\nkind: List\nitems: [null]\n", "items[0]: kind: the kind is missing"),
    ("apiVersion: v1\nkind: List\nitems: [5]\n", "items[0]: the number 5 is not a mapping"),
    ("a: 1\na: 2\n", "the key \"a\" stands twice"), ("a: *nope\n", "undefined alias"),
    ("a: \"\\uD800\"\n", "invalid Unicode character escape code"),
  ])
  func `what is no manifest is told`(text: String, message: String) {
    let round = load(text)
    #expect(round.changes == [])
    #expect(round.problems.count == 1)
    let problem = round.problems.first?.description ?? ""
    #expect(problem.hasPrefix("web.yaml: ") && problem.contains(message), "\(problem)")
    #expect(round.problems.first?.severity == .error)
  }

  @Test func `a problem names the document and the item`() {
    let text = Fixture.documents(
      Fixture.service("a"), "",
      "apiVersion: v1\nkind: List\nitems: [\(Self.web), {apiVersion: v1, kind: Pod}]\n",
      Fixture.service("b", ip: "10.0.0.300"))
    let round = load(text)
    #expect(round.story == ["+Service shop/a", "+Service shop/web"])
    #expect(
      round.problems.map(\.description) == [
        "web.yaml: document 3: items[1]: Pod: metadata.name: the name is missing",
        "web.yaml: document 4: Service shop/b: spec.clusterIP: "
          + "\"10.0.0.300\" is not an IP address",
      ])
  }

  @Test func `a syntax error names its document`() {
    let round = load(Fixture.documents(Fixture.service("a"), "a: [\n"))
    #expect(round.changes == [])
    #expect(round.problems.first?.document == 2)
  }

  @Test func `JSON texts have surrogate pairs and any number`() throws {
    let round = load(
      #"""
      {"apiVersion": "v1", "kind": "Service", "status": {"a": 1e400, "b": -0.5, "c": [[[]]]},
       "metadata": {"name": "web", "labels": {"x": "\ud83d\ude00", "y": "\u00e9"}},
       "spec": {"ports": [{"port": 80}, {"port": 80.5}, {"port": true}, {"port": null}]}}
      """#, path: "w.json")
    let service = try #require(round.service)
    #expect(service.labels == ["x": "\u{1F600}", "y": "\u{E9}"])
    #expect(service.ports.map(\.port) == [80])
    #expect(
      round.problems.map(\.field) == [
        "spec.ports[1].port", "spec.ports[2].port", "spec.ports[3].port",
      ])
  }

  @Test(arguments: ["{", "{\"a\": [}", "[1,", "\"x", "{\"a\":1}}"])
  func `broken JSON in a file of that name is told as such`(text: String) {
    #expect(
      load(text, path: "w.json").problems.map(\.message) == [
        "the JSON text is not well formed; nothing was loaded from it"
      ])
  }

  @Test func `anchors and merge keys are written out`() throws {
    let round = load(
      """
      apiVersion: v1
      kind: Service
      metadata: &meta
        name: web
        labels: &labels {app: web}
      spec: &spec
        clusterIP: 10.0.0.1
        ports: [&http {name: http, port: 80}, {<<: *http, name: alt, port: 81}]
      ---
      apiVersion: v1
      kind: Service
      metadata: {<<: [{name: two}, {name: three, namespace: shop}], labels: {<<: {a: b}, app: two}}
      spec: {<<: {clusterIP: 10.0.0.2, type: NodePort}, clusterIP: 10.0.0.3}
      """)
    #expect(round.problems == [])
    let services = round.objects.compactMap { if case .service(let it) = $0 { it } else { nil } }
    #expect(services.map(\.key.description) == ["default/web", "shop/two"])
    #expect(services.map(\.labels) == [["app": "web"], ["a": "b", "app": "two"]])
    #expect(services.flatMap(\.clusterIPs).map(\.description) == ["10.0.0.1", "10.0.0.3"])
    #expect(services.first?.ports.map(\.name) == ["http", "alt"])
    #expect(services.last?.type == .nodePort)
  }

  @Test(arguments: [
    ("yes", "the boolean true"), ("Off", "the boolean false"), ("0x1F", "the number \"0x1F\""),
    ("0o17", "the number \"0o17\""), ("1.5", "the number \"1.5\""), (".5", "the number \".5\""),
    ("-7", "the number -7"), ("1.5e+3", "the number \"1.5e+3\""), (".inf", "the number \".inf\""),
    ("007", "the number \"007\""), ("!!int \"5\"", "the number 5"),
    ("!!bool yes", "the boolean true"),
  ])
  func `plain scalars that are not text`(scalar: String, summary: String) {
    let round = load("apiVersion: v1\nkind: \(scalar)\n")
    #expect(
      round.problems.map(\.message) == ["\(summary) is not text; put it in quotes"])
  }

  @Test(arguments: [
    "y", "1e3", "1_000", "1:30", "10.0.0.1", "'5'", "\"yes\"", "!!str 5", "0x", "-x", ".",
  ])
  func `plain scalars that are text`(scalar: String) {
    #expect(load("apiVersion: v1\nkind: \(scalar)\n") == ManifestRound())
  }

  @Test func `the same object twice in a file is told, and the last one wins`() throws {
    let round = load(
      Fixture.documents(Fixture.service("a", ip: "10.0.0.1"), Fixture.service("a", ip: "10.0.0.2")))
    #expect(try #require(round.service).clusterIPs.map(\.description) == ["10.0.0.2"])
    #expect(
      round.problems.map(\.description) == [
        "web.yaml: document 2: Service shop/a: the object stands twice in the file; this one wins"
      ])
  }

  @Test func `long and strange texts are quoted short`() {
    let round = load(
      Fixture.service("a", ip: "\"\\e[31m" + String(repeating: "x", count: 500) + "\""))
    let message = round.problems.first?.message ?? ""
    #expect(message.hasPrefix("\"\\u{1b}[31mxxx") && message.utf8.count < 150, "\(message)")
  }
}
