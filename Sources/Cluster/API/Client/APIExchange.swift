/// One request of a reflector, and the events that its response comes to.
struct APIExchange: Sendable {
  let id: UInt64
  let request: APIRequest
  let resource: APIResource

  /// Sends the request and reads its response to the end. Each event is taken before more is read.
  func run(
    on client: APIClient, handle: @Sendable (ReflectorEvent) async -> Void,
    refused: @Sendable (UInt64) async -> Void
  ) async {
    do throws(APIRequestFailure) {
      let answer = try await client.send(request, for: resource) {
        (format, body) async throws(APIRequestFailure) in
        await handle(.accepted(id))
        if request.isWatch {
          try await watch(format, &body, handle)
        } else {
          try await list(format, &body, handle)
        }
      }
      guard case .refused(let status, let grant) = answer else { return }
      await refused(grant)
      await handle(.refused(id, status))
    } catch {
      await handle(.failed(id, error.message))
    }
  }

  private func list(
    _ format: APIFormat, _ body: inout APIBody, _ handle: @Sendable (ReflectorEvent) async -> Void
  ) async throws(APIRequestFailure) {
    var decoder = APIListDecoder(kind: resource.kind, format: format)
    while let octets = try await body.next() {
      let items: [APIObject]
      do throws(APIDecodingProblem) {
        items = try decoder.feed(octets)
      } catch {
        throw APIRequestFailure(error)
      }
      await handle(items.isEmpty ? .traffic(id) : .listed(id, items))
    }
    do throws(APIDecodingProblem) {
      await handle(.listEnded(id, try decoder.finish()))
    } catch {
      throw APIRequestFailure(error)
    }
  }

  private func watch(
    _ format: APIFormat, _ body: inout APIBody, _ handle: @Sendable (ReflectorEvent) async -> Void
  ) async throws(APIRequestFailure) {
    var decoder = APIWatchDecoder(kind: resource.kind, format: format)
    while let octets = try await body.next() {
      let events = decoder.feed(octets)
      if events.isEmpty { await handle(.traffic(id)) }
      for event in events { await handle(.watched(id, event)) }
    }
    guard decoder.isWhole else {
      throw APIRequestFailure(message: "the watch was cut off within an event")
    }
    await handle(.ended(id))
  }
}
