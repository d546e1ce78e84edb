/// Octets from outside as text that is safe wherever it is shown: printable ASCII as it is, a
/// backslash doubled, everything else as `\\DDD` in decimal, as in names (RFC 4343 §2.1).
package func printableText(_ octets: some Sequence<UInt8>) -> String {
  var text = ""
  for octet in octets {
    switch octet {
    case UInt8(ascii: "\\"): text += "\\\\"
    case 0x20...0x7E: text.unicodeScalars.append(UnicodeScalar(octet))
    default:
      let digits = String(octet)
      text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
  }
  return text
}
