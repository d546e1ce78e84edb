/// One thing that an upstream does about a query.
package struct UpstreamStep: Sendable {
  /// What is done.
  package enum Action: Sendable {
    /// A datagram to the sender, or a message with its length in front.
    case reply([UInt8])
    /// A datagram from another address and port; nothing on a stream.
    case replyFrom(host: String, [UInt8])
    /// Octets of a stream as they are; nothing over UDP.
    case octets([UInt8])
    /// The end of a stream, after what was sent; nothing over UDP.
    case finish
    /// The end of a stream by a reset; nothing over UDP.
    case reset
  }

  /// When, counted from the arrival of the query.
  package let delay: Duration
  /// What.
  package let action: Action

  /// A step.
  package init(_ action: Action, after delay: Duration = .zero) {
    self.delay = delay
    self.action = action
  }

  /// Sends a reply.
  package static func send(_ draft: ReplyDraft, after delay: Duration = .zero) -> UpstreamStep {
    UpstreamStep(.reply(draft.bytes), after: delay)
  }

  /// Sends octets as one message.
  package static func send(_ bytes: [UInt8], after delay: Duration = .zero) -> UpstreamStep {
    UpstreamStep(.reply(bytes), after: delay)
  }
}
