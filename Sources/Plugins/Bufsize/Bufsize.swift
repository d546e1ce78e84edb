import PluginChain

/// `bufsize`: the payload size announced to clients, and so the largest UDP reply.
final class Bufsize: Handler, @unchecked Sendable {
  private let size: UInt16

  init(size: UInt16, next: Handler?) {
    self.size = size
    super.init(next: next)
  }

  override func query(_ exchange: inout Exchange) -> Outcome {
    exchange.setPayloadSize(size)
    return passOn(&exchange)
  }
}
