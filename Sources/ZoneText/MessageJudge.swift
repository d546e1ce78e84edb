internal import CLDNS
import Glibc

/// libldns's reading of a whole message: the independent judge of what we write and accept.
package struct MessageJudge: Equatable, Sendable {
  /// RCODE, four bits.
  package let responseCode: UInt8
  /// Questions and records by section, OPT and TSIG not counted.
  package let counts: [Int]
  /// Every record of the answer, authority and additional sections in wire form, uncompressed.
  package let records: [[UInt8]]
  /// Whether there is an OPT record.
  package let hasEDNS: Bool

  /// Parses a message; throws what libldns finds wrong.
  package init(_ message: [UInt8]) throws(LDNSError) {
    var packet: OpaquePacket?
    let status = unsafe message.withUnsafeBufferPointer { octets in
      unsafe ldns_wire2pkt(&packet, octets.baseAddress, octets.count)
    }
    guard status == LDNS_STATUS_OK, let packet = unsafe packet else {
      throw LDNSError(code: status.rawValue)
    }
    defer { unsafe ldns_pkt_free(packet) }
    responseCode = unsafe UInt8(truncatingIfNeeded: ldns_pkt_get_rcode(packet).rawValue)
    hasEDNS = unsafe ldns_pkt_edns(packet)
    let lists = unsafe [
      ldns_pkt_question(packet), ldns_pkt_answer(packet), ldns_pkt_authority(packet),
      ldns_pkt_additional(packet),
    ]
    counts = unsafe lists.map { unsafe ldns_rr_list_rr_count($0) }
    var records: [[UInt8]] = []
    for section in 1..<counts.count {
      let list = unsafe lists[section]
      for index in 0..<(unsafe ldns_rr_list_rr_count(list)) {
        guard let record = unsafe ldns_rr_list_rr(list, index) else { continue }
        var octets: UnsafeMutablePointer<UInt8>?
        var count = 0
        let section = Int32(LDNS_SECTION_ANSWER.rawValue)
        let status = unsafe ldns_rr2wire(&octets, record, section, &count)
        guard status == LDNS_STATUS_OK, let octets = unsafe octets else {
          throw LDNSError(code: status.rawValue)
        }
        // SAFETY: libldns allocated `count` octets there.
        unsafe records.append([UInt8](UnsafeBufferPointer(start: octets, count: count)))
        unsafe free(octets)
      }
    }
    self.records = records
  }

  private typealias OpaquePacket = UnsafeMutablePointer<ldns_pkt>
}
