/// Reads lines as server blocks and directives; after an error it goes on where it can.
struct BlockParser {
  private let lines: [SourceLine]
  private var index = 0
  private var addressCount = 0
  /// The server blocks read so far.
  private(set) var blocks: [ServerBlock] = []
  /// What was found wrong so far.
  var log: DiagnosticLog

  /// A parser of lines whose imports and variables are replaced.
  init(lines: [SourceLine], log: DiagnosticLog) {
    self.lines = lines
    self.log = log
  }

  /// Reads all lines.
  mutating func run() {
    while let line = peek {
      if let closing = line.closing {
        log.errorUnlessReported(
          at: closing, "found '}', expected a server block: no '{' is open here")
        index += 1
        skipOrphans()
      } else if line.tokens.isEmpty, let opening = line.opening {
        log.error(at: opening, "found '{', expected the zones of a server block before it")
        index += 1
        _ = body(opening: opening, depth: 1)
      } else {
        serverBlock()
      }
    }
  }

  private var peek: SourceLine? { index < lines.count ? lines[index] : nil }

  // MARK: - Server blocks

  private mutating func serverBlock() {
    guard let start = peek?.position else { return }
    let (keys, opening) = keys()
    var block = ServerBlock(keys: keys, addresses: [], directives: [])
    if keys.isEmpty {
      log.errorUnlessReported(
        at: start,
        "found no zone (an empty text, or a variable that is not set), expected one like '.:53'")
    }
    var places: Set<ZoneAddress.Place> = []
    for key in keys {
      let addresses = addresses(of: key)
      let isRepeated = addresses.reduce(false) { !places.insert($1.place).inserted || $0 }
      if isRepeated {
        log.error(
          at: key.position,
          "found \(quotedForMessage(key.text)), which is in this server block already")
      }
      block.addresses += addresses
    }
    if let opening {
      block.directives = body(opening: opening, depth: 1).directives
    } else if blocks.isEmpty {
      block.directives = braceless(start: start)
    } else {
      log.errorUnlessReported(
        at: start,
        "found \(quotedForMessage(keys.first?.text ?? "")) outside of a server block, "
          + "expected '{' after its zones, or there is a '}' too many above")
      return skipOrphans()
    }
    if !keys.isEmpty { blocks.append(block) }
  }

  /// The keys from here to `{`; a comma at the end of a line goes on with the next.
  private mutating func keys() -> (keys: [Token], opening: SourcePosition?) {
    var keys: [Token] = []
    var comma: SourcePosition?
    repeat {
      guard let line = peek, line.closing == nil, !line.tokens.isEmpty else { break }
      index += 1
      for token in line.tokens {
        comma = token.appendKeys(to: &keys)
      }
      if let opening = line.opening {
        if comma != nil {
          log.error(at: opening, "found '{' after ',', expected another zone: is the comma extra?")
        }
        return (keys, opening)
      }
    } while comma != nil
    if let comma { log.error(at: comma, "found nothing after ',', expected another zone") }
    return (keys, nil)
  }

  private mutating func addresses(of key: Token) -> [ZoneAddress] {
    let limit = CorefileLimits.zoneAddressCountMax
    // Reported once; the keys after that are not looked at.
    guard addressCount <= limit else { return [] }
    let addresses = ZoneAddress.parse(key: key, log: &log)
    addressCount += addresses.count
    guard addressCount > limit else { return addresses }
    log.error(at: key.position, "found more than \(limit) zones, expected fewer")
    return []
  }

  /// The directives of a file without braces around them: one block, the first line its keys.
  private mutating func braceless(start: SourcePosition) -> [Directive] {
    var directives: [Directive] = []
    while let line = peek {
      if let closing = line.closing {
        log.error(
          at: closing,
          "found '}', but no '{' is open: expected one after the zones at \(start)")
        index += 1
        return directives
      }
      if line.looksLikeServerBlock, let position = line.position {
        log.error(
          at: start,
          "found another server block at \(position), expected '{' after the zones of this one")
        return directives
      }
      if let directive = directive(depth: 0) { directives.append(directive) }
    }
    return directives
  }

  /// Skips what is outside of all blocks, to the next line that starts a server block.
  private mutating func skipOrphans() {
    while let line = peek, !line.looksLikeServerBlock { index += 1 }
  }

  // MARK: - Directives

  /// The directives up to the `}` of `opening`; not closed when another server block or the end
  /// of the text comes first, which is reported.
  private mutating func body(
    opening: SourcePosition, depth: Int
  ) -> (directives: [Directive], isClosed: Bool) {
    var directives: [Directive] = []
    while let line = peek {
      if line.closing != nil {
        index += 1
        return (directives, true)
      }
      if line.looksLikeServerBlock, let position = line.position {
        let name = quotedForMessage(line.tokens.first?.text ?? "")
        log.error(
          at: opening,
          "found the server block \(name) at \(position), "
            + "expected '}' for the '{' that is opened here")
        return (directives, false)
      }
      if let directive = directive(depth: depth) { directives.append(directive) }
    }
    log.error(
      at: opening, "found the end of the file, expected '}' for the '{' that is opened here")
    return (directives, false)
  }

  /// The directive of this line with its block; `depth` is the number of blocks around it.
  private mutating func directive(depth: Int) -> Directive? {
    guard let line = peek else { return nil }
    index += 1
    guard let name = line.tokens.first else {
      guard let opening = line.opening else { return nil }
      log.error(at: opening, "found '{', expected a directive before it")
      skipBlock()
      return nil
    }
    var directive = Directive(name: name, arguments: Array(line.tokens.dropFirst()))
    if name.text.isEmpty {
      log.error(at: name.position, "found an empty text, expected the name of a directive")
    }
    guard let opening = line.opening else { return directive }
    // The block of this line would be number `depth + 1`.
    guard depth < CorefileLimits.nestingDepthMax else {
      let limit = CorefileLimits.nestingDepthMax
      log.error(at: opening, "found '{' inside \(limit) others, expected at most \(limit)")
      skipBlock()
      return directive
    }
    directive.options = body(opening: opening, depth: depth + 1).directives
    return directive
  }

  /// Skips a block whose `{` was read, without looking at it.
  private mutating func skipBlock() {
    var depth = 1
    while depth > 0, let line = peek, !line.looksLikeServerBlock {
      if line.opening != nil { depth += 1 }
      if line.closing != nil { depth -= 1 }
      index += 1
    }
  }
}

extension Token {
  /// Adds the keys of this word, which commas separate; where the comma is that ends the word.
  fileprivate func appendKeys(to keys: inout [Token]) -> SourcePosition? {
    guard !isQuoted else {
      if !text.isEmpty { keys.append(self) }
      return nil
    }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    var place = position
    for part in parts {
      if !part.isEmpty { keys.append(Token(text: String(part), position: place)) }
      place.column += part.unicodeScalars.count + 1
    }
    guard parts.count > 1, parts.last?.isEmpty == true else { return nil }
    // After the last, empty part `place` is two past the comma.
    place.column -= 2
    return place
  }
}
