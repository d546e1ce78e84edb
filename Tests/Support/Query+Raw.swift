extension Query {
  /// A query of any type and with any flags.
  ///
  /// - Parameters:
  ///   - flags: the second word of the header.
  ///   - edns: a whole OPT record; none when nil.
  package init(
    _ name: String, type: UInt16, id: UInt16, flags: UInt16 = 0x0100, edns: [UInt8]? = nil
  ) {
    let header = [id, flags, 1, 0, 0, edns == nil ? 0 : 1]
    self.init(
      raw: header.flatMap(Octets.word) + Query.wireName(name) + Octets.word(type) + [0, 1]
        + (edns ?? []))
  }

  /// The same letters, every other in upper case, as clients that use the case as a check send it.
  package static func mixedCase(_ name: String) -> String {
    String(
      name.enumerated().flatMap { index, letter in
        index.isMultiple(of: 2) ? letter.lowercased() : letter.uppercased()
      })
  }
}
