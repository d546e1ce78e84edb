import Plugins
import Testing

/// Targets of requests, taken apart.
@Suite struct PageRequestTests {
  @Test func `parameters are decoded`() throws {
    let request = try PageRequest(
      target: "/a/b?name=x%2Ey&empty=&bare&plus=a+b%2B&%6eame2=%E2%82%AC")
    #expect(request.path == "/a/b")
    #expect(request["name"] == "x.y")
    #expect(request["empty"] == "" && request["bare"] == "")
    #expect(request["plus"] == "a b+")
    #expect(request["name2"] == "\u{20AC}")
    #expect(request["other"] == nil)
    #expect(try PageRequest(target: "/").path == "/")
    #expect(try PageRequest(target: "").path == "")
    #expect(try PageRequest(target: "/?&&a=1&")["a"] == "1")
    #expect(try PageRequest(target: "/?a=b=c?d")["a"] == "b=c?d")
  }

  @Test(arguments: [
    "/?a=%", "/?a=%4", "/?a=%4g", "/?a=%FF", "/?a=1&a=2", "/?a=1&%61=2",
    "/?" + (0..<17).map { "p\($0)=" }.joined(separator: "&"),
    "/" + String(repeating: "x", count: 4_096),
  ])
  func `what cannot be read is said`(target: String) {
    let problem = #expect(throws: PageRequest.Problem.self) { try PageRequest(target: target) }
    #expect(problem?.text.isEmpty == false)
    #expect(problem?.text.utf8.allSatisfy { (0x20...0x7E).contains($0) } == true)
  }

  @Test func `parameters that nobody knows are named`() throws {
    let request = try PageRequest(target: "/?type=A&nme=x")
    let problem = #expect(throws: PageRequest.Problem.self) {
      try request.expect(["name", "type"])
    }
    #expect(problem?.text == "there is no parameter \"nme\"; expected name, type")
    try request.expect(["type", "nme"])
  }
}
