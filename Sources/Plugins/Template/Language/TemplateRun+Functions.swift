extension TemplateRun {
  /// The value of a function; `and` and `or` look at no more arguments than they need.
  mutating func call(
    _ function: TemplateFunction, _ operands: [TemplateOperand], _ dot: TemplateValue,
    _ final: TemplateValue?
  ) throws(TemplateFailure) -> TemplateValue {
    if function == .and || function == .or {
      var value: TemplateValue?
      for operand in operands {
        let next = try evaluate(operand, dot)
        if next.isTrue == (function == .or) { return next }
        value = next
      }
      guard let result = final ?? value else { throw Self.wrongCount(function, "at least 1", 0) }
      return result
    }
    var arguments: [TemplateValue] = []
    for operand in operands { arguments.append(try evaluate(operand, dot)) }
    if let final { arguments.append(final) }
    switch function {
    case .and, .or: return .none
    case .not: return .bool(!(try Self.only(arguments, function)).isTrue)
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual:
      return .bool(try Self.compare(function, arguments))
    case .count: return .int(Int64(try Self.count(try Self.only(arguments, function))))
    case .index: return try Self.element(arguments)
    case .slice: return try Self.slice(arguments)
    case .text, .line: return try concatenated(arguments, isLine: function == .line)
    case .format: return try formatted(arguments)
    case .html, .javaScript, .urlQuery:
      guard case .text(let text) = try concatenated(arguments, isLine: false) else { return .none }
      let escaped = TemplateEscaping.escaped(text, function)
      try spend(escaped.units.count)
      return .text(escaped)
    case .parseInt: return try Self.parseInt(arguments)
    }
  }

  // MARK: - Arguments

  private static func wrongCount(
    _ function: TemplateFunction, _ wanted: String, _ count: Int
  ) -> TemplateFailure {
    TemplateFailure(
      "wrong number of args for \(function.rawValue): want \(wanted) got \(count)")
  }

  private static func only(
    _ arguments: [TemplateValue], _ function: TemplateFunction
  ) throws(TemplateFailure) -> TemplateValue {
    guard let only = arguments.first, arguments.count == 1 else {
      throw wrongCount(function, "1", arguments.count)
    }
    return only
  }

  // MARK: - Comparison

  private static func compare(
    _ function: TemplateFunction, _ arguments: [TemplateValue]
  ) throws(TemplateFailure) -> Bool {
    guard arguments.count >= 2, arguments.count == 2 || function == .equal else {
      throw wrongCount(function, function == .equal ? "at least 2" : "2", arguments.count)
    }
    let (one, two) = (arguments[0], arguments[1])
    switch function {
    case .equal:
      for other in arguments.dropFirst() where try areEqual(one, other) { return true }
      return false
    case .unequal: return try !areEqual(one, two)
    case .less: return try precedes(one, two)
    case .lessOrEqual:
      if try precedes(one, two) { return true }
      return try areEqual(one, two)
    case .greater:
      if try precedes(one, two) { return false }
      return try !areEqual(one, two)
    default: return try !precedes(one, two)
    }
  }

  private static func areEqual(
    _ one: TemplateValue, _ two: TemplateValue
  ) throws(TemplateFailure) -> Bool {
    switch (one, two) {
    case (.bool(let left), .bool(let right)): return left == right
    case (.int(let left), .int(let right)): return left == right
    case (.uint(let left), .uint(let right)): return left == right
    case (.int(let left), .uint(let right)), (.uint(let right), .int(let left)):
      return UInt64(exactly: left) == right
    case (.float(let left), .float(let right)): return left == right
    case (.text(let left), .text(let right)): return left == right
    case (.none, .none): return true
    case (.none, _), (_, .none): return false
    default: throw TemplateFailure("incompatible types for comparison")
    }
  }

  private static func precedes(
    _ one: TemplateValue, _ two: TemplateValue
  ) throws(TemplateFailure) -> Bool {
    switch (one, two) {
    case (.int(let left), .int(let right)): return left < right
    case (.uint(let left), .uint(let right)): return left < right
    case (.int(let left), .uint(let right)):
      return UInt64(exactly: left).map { $0 < right } ?? true
    case (.uint(let left), .int(let right)):
      return UInt64(exactly: right).map { left < $0 } ?? false
    case (.float(let left), .float(let right)): return left < right
    case (.text(let left), .text(let right)): return left < right
    default: throw TemplateFailure("incompatible types for comparison")
    }
  }

  // MARK: - Parts

  private static func count(_ value: TemplateValue) throws(TemplateFailure) -> Int {
    switch value {
    case .text(let text): return text.units.count
    case .list(let values): return values.count
    case .map(let pairs): return pairs.count
    default: throw TemplateFailure("len of type \(value.typeName)")
    }
  }

  /// `index X A B` is `X[A][B]`.
  private static func element(_ arguments: [TemplateValue]) throws(TemplateFailure) -> TemplateValue
  {
    guard var value = arguments.first else { throw wrongCount(.index, "at least 1", 0) }
    for key in arguments.dropFirst() {
      switch (value, key) {
      case (.map(let pairs), .text(let name)):
        // A map of strings has the empty string for a key that is not there.
        value = pairs.first { $0.key == name }?.value ?? .text(MarkedText())
      case (.list(let values), _):
        value = values[try position(key, below: values.count)]
      case (.text(let text), _):
        value = .uint(UInt64(text.units[try position(key, below: text.units.count)] & 0xFF))
      default:
        throw TemplateFailure("can't index item of type \(value.typeName)")
      }
    }
    return value
  }

  private static func position(
    _ value: TemplateValue, below end: Int
  ) throws(TemplateFailure) -> Int {
    guard let position = value.integer else {
      throw TemplateFailure("cannot index slice/array with type \(value.typeName)")
    }
    guard (0..<end).contains(position) else {
      throw TemplateFailure("index out of range: \(position)")
    }
    return position
  }

  /// `slice X A B` is `X[A:B]`.
  private static func slice(_ arguments: [TemplateValue]) throws(TemplateFailure) -> TemplateValue {
    guard let value = arguments.first, arguments.count <= 4 else {
      throw wrongCount(.slice, "1 to 4", arguments.count)
    }
    let whole: Int
    switch value {
    case .text(let text) where arguments.count <= 3: whole = text.units.count
    case .list(let values): whole = values.count
    default: throw TemplateFailure("can't slice item of type \(value.typeName)")
    }
    var bounds: [Int] = []
    for bound in arguments.dropFirst() { bounds.append(try position(bound, below: whole + 1)) }
    let start = bounds.first ?? 0
    let end = bounds.count > 1 ? bounds[1] : whole
    guard start <= end, bounds.count < 3 || end <= bounds[2] else {
      throw TemplateFailure("invalid slice index: \(start) > \(end)")
    }
    switch value {
    case .text(let text): return .text(MarkedText(units: Array(text.units[start..<end])))
    case .list(let values): return .list(Array(values[start..<end]))
    default: return .none
    }
  }

  // MARK: - Text

  /// Go's `Sprint`, with blanks between values that both are no strings; or `Sprintln`.
  private mutating func concatenated(
    _ arguments: [TemplateValue], isLine: Bool
  ) throws(TemplateFailure) -> TemplateValue {
    var result = MarkedText()
    var isAfterText = true
    for (index, value) in arguments.enumerated() {
      var isText = false
      if case .text = value { isText = true }
      if index > 0, isLine || (!isText && !isAfterText) { result.units.append(0x20) }
      isAfterText = isText
      guard let text = value.printed else {
        throw TemplateFailure("can't print a value of type \(value.typeName)")
      }
      try spend(text.units.count)
      result.units += text.units
    }
    if isLine { result.units.append(0x0A) }
    return .text(result)
  }

  private mutating func formatted(
    _ arguments: [TemplateValue]
  ) throws(TemplateFailure) -> TemplateValue {
    guard case .text(let format)? = arguments.first else {
      throw TemplateFailure("printf needs a format")
    }
    try spend(format.units.count)
    var printer = TemplateFormat(format, Array(arguments.dropFirst()))
    let text = try printer.run()
    try spend(text.units.count)
    return .text(text)
  }

  /// CoreDNS's `parseInt`: Go's `strconv.ParseUint(text, base, bits)`.
  private static func parseInt(_ arguments: [TemplateValue]) throws(TemplateFailure)
    -> TemplateValue
  {
    guard arguments.count == 3 else { throw wrongCount(.parseInt, "3", arguments.count) }
    guard case .text(let text) = arguments[0], let base = arguments[1].integer,
      let bitCount = arguments[2].integer
    else { throw TemplateFailure("parseInt takes a string, a base and a number of bits") }
    guard base == 0 || (2...36).contains(base), (0...64).contains(bitCount) else {
      throw TemplateFailure("parseInt: invalid base \(base) or bit size \(bitCount)")
    }
    var value: UInt64?
    let digits = text.string
    if base == 0 {
      switch TemplateNumber(digits) {
      case .int(let number) where !digits.hasPrefix("-") && !digits.hasPrefix("+"):
        value = UInt64(exactly: number)
      case .uint(let number): value = number
      default: break
      }
    } else if !digits.hasPrefix("+") {
      value = UInt64(digits, radix: base)
    }
    guard let value, bitCount == 0 || bitCount == 64 || value >> UInt64(bitCount) == 0 else {
      throw TemplateFailure("parseInt: the text is no number in range")
    }
    return .uint(value)
  }
}
