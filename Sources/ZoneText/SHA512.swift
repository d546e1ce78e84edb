internal import CLDNS

/// SHA-512 (FIPS 180-4), by libldns.
package enum SHA512 {
  /// Octets of a digest.
  private static let octetCount = 64

  /// The digest of some octets, in hexadecimal.
  package static func hexadecimal(_ octets: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: octetCount)
    // SAFETY: libldns reads the count of octets that it is told and writes 64 to the array of 64.
    unsafe octets.withUnsafeBufferPointer { input in
      _ = unsafe ldns_sha512(input.baseAddress, UInt32(clamping: input.count), &digest)
    }
    let digits = Array("0123456789abcdef".utf8)
    let text = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
