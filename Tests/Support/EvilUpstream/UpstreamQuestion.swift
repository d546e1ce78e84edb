/// A query as it reached an upstream.
package struct UpstreamQuestion: Sendable {
  /// The message, octet for octet.
  package let bytes: [UInt8]
  /// The message taken apart.
  package let message: ParsedMessage
  /// Where it came from.
  package let source: SocketAddress
  /// Whether it came by TCP.
  package let isStream: Bool
  /// The TCP connection, counted from 1; 0 for UDP.
  package let connection: Int
  /// Which query for this name (in any case), type and transport this is, counted from 1.
  package let attempt: Int
  /// The ID of the query before it, if there was one.
  package let previousID: UInt16?

  /// ID.
  package var id: UInt16 { message.header.id }
  /// QNAME as it came.
  package var name: String { message.questions.first?.name ?? "." }
  /// QTYPE.
  package var type: UInt16 { message.questions.first?.type ?? 0 }
  /// The port it came from.
  package var sourcePort: UInt16 { source.port }
  /// The first label in lower case: what is to be done.
  package var mode: String {
    name.split(separator: ".").first.map { $0.lowercased() } ?? ""
  }

  /// A reply with the same ID and question and, if the query had one, an OPT record; no records.
  package var empty: ReplyDraft {
    ReplyDraft(
      id: id, question: message.questionBytes,
      edns: message.edns == nil
        ? nil : RecordDraft.edns(flags: message.edns?.dnssecOK == true ? 0x8000 : 0))
  }

  /// The good reply: one address at the name asked.
  package var good: ReplyDraft { empty.with { $0.answer = [RecordDraft.address()] } }

  /// A reply that must never be believed: the evil address at the name asked.
  package var evil: ReplyDraft {
    empty.with { $0.answer = [RecordDraft.address(RecordDraft.evilAddress)] }
  }

  /// A reply that says that a client should come by TCP.
  package var truncated: ReplyDraft { empty.with { $0.flags |= MessageHeader.Flag.tc.rawValue } }

  /// NOERROR without an answer, with the SOA of `test`.
  package var noData: ReplyDraft { empty.with { $0.authority = [RecordDraft.authority()] } }
}
