internal import CLDNS
import Glibc

/// What libldns said to a record or a message: its status code and text.
package struct LDNSError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The status code.
  package let code: UInt32

  /// libldns's own words.
  package var description: String {
    guard let text = unsafe ldns_get_errorstr_by_id(ldns_status(rawValue: code)) else {
      return "ldns status \(code)"
    }
    return unsafe String(cString: text)
  }
}

/// One resource record, read by libldns from wire form: presentation format (RFC 1035 §5.1), and an
/// independent opinion on our wire octets in tests.
@safe
package struct PresentationRecord: ~Copyable {
  private let record: UnsafeMutablePointer<ldns_rr>

  /// Reads exactly one uncompressed record. Throws what libldns finds wrong with it, octets left
  /// over included.
  package init(wire: [UInt8]) throws(LDNSError) {
    var record: UnsafeMutablePointer<ldns_rr>?
    var used = 0
    // SAFETY: libldns reads at most `count` octets and keeps none of them.
    let status = unsafe wire.withUnsafeBufferPointer { octets in
      unsafe ldns_wire2rr(&record, octets.baseAddress, octets.count, &used, LDNS_SECTION_ANSWER)
    }
    guard status == LDNS_STATUS_OK, let record = unsafe record else {
      throw LDNSError(code: status.rawValue)
    }
    guard used == wire.count else {
      unsafe ldns_rr_free(record)
      throw LDNSError(code: LDNS_STATUS_WIRE_RDATA_ERR.rawValue)
    }
    // Last: nothing may throw once the noncopyable value exists.
    unsafe self.record = record
  }

  /// The longest text that is read, in octets.
  package static let textOctetCountMax = 65_535

  /// Reads one record in presentation format: `OWNER TTL CLASS TYPE RDATA`, names without a final
  /// dot below the root. Throws what libldns finds wrong with it.
  package init(text: String) throws(LDNSError) {
    guard text.utf8.count <= Self.textOctetCountMax, !text.utf8.contains(0) else {
      throw LDNSError(code: LDNS_STATUS_SYNTAX_ERR.rawValue)
    }
    var record: UnsafeMutablePointer<ldns_rr>?
    // SAFETY: libldns reads up to the text's end and keeps none of it; without an origin and a
    // record before, names are below the root.
    let status = unsafe text.withCString { octets in
      unsafe ldns_rr_new_frm_str(&record, octets, 0, nil, nil)
    }
    guard status == LDNS_STATUS_OK, let record = unsafe record else {
      throw LDNSError(code: status.rawValue)
    }
    // Last: nothing may throw once the noncopyable value exists.
    unsafe self.record = record
  }

  deinit {
    unsafe ldns_rr_free(record)
  }

  /// `OWNER<TAB>TTL<TAB>IN<TAB>TYPE<TAB>RDATA` without a line end; `nil` for RDATA that libldns
  /// read but cannot print. An owner that a master file would take for a directive or the origin is
  /// escaped.
  package var text: String? {
    guard let octets = unsafe ldns_rr2str_fmt(cldns_format_nocomments(), record) else { return nil }
    defer { unsafe free(octets) }
    var text = unsafe String(cString: octets)
    if text.hasSuffix("\n") { text.removeLast() }
    if text.hasPrefix("@") || text.hasPrefix("$") { text = "\\" + text }
    return text
  }

  /// The record in wire form, as libldns writes it: uncompressed.
  package func wire() throws(LDNSError) -> [UInt8] {
    var octets: UnsafeMutablePointer<UInt8>?
    var count = 0
    let status = unsafe ldns_rr2wire(&octets, record, Int32(LDNS_SECTION_ANSWER.rawValue), &count)
    guard status == LDNS_STATUS_OK, let octets = unsafe octets else {
      throw LDNSError(code: status.rawValue)
    }
    defer { unsafe free(octets) }
    // SAFETY: libldns allocated `count` octets there.
    return unsafe [UInt8](UnsafeBufferPointer(start: octets, count: count))
  }
}
