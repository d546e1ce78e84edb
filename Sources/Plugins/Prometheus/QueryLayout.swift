import DNSWire

/// Where each number stands in a table of `QueryCounters`, and what its histograms tell apart:
/// CoreDNS's types, sizes and times.
package enum QueryLayout {
  /// The first place; those before it stay unused.
  private static let firstPlace = 8
  private static let requestCount = 4 * typeCount
  private static let querySizeStart = firstPlace + requestCount
  private static let replySizeStart = querySizeStart + 2 * sizePlaceCount
  private static let durationStart = replySizeStart + 2 * sizePlaceCount
  /// Queries with the DO bit.
  static let dnssecOK = durationStart + durationSum + 1
  private static let replyStart = dnssecOK + 1
  /// Places up to the last that is used.
  static let placeCount = replyStart + pluginCountMax * codePlaceCount

  // MARK: - Requests

  private static let typeCount = 19
  /// The types counted apart, and all others.
  package static let types = [
    "A", "AAAA", "MX", "SOA", "CNAME", "PTR", "TXT", "NS", "SRV", "DS", "DNSKEY", "RRSIG", "NSEC",
    "NSEC3", "HTTPS", "IXFR", "AXFR", "ANY", "other",
  ]

  /// The place of queries over a transport (0 is UDP, 1 is TCP) and family (0 is IPv4, 1 is IPv6).
  static func request(_ transport: Int, _ family: Int, type: Int) -> Int {
    firstPlace &+ (transport &* 2 &+ family) &* typeCount &+ type
  }

  /// The number of a type in `types`.
  static func number(of type: RRType) -> Int {
    switch type.rawValue {
    case 1: 0
    case 28: 1
    case 15: 2
    case 6: 3
    case 5: 4
    case 12: 5
    case 16: 6
    case 2: 7
    case 33: 8
    case 43: 9
    case 48: 10
    case 46: 11
    case 47: 12
    case 50: 13
    case 65: 14
    case 251: 15
    case 252: 16
    case 255: 17
    default: 18
    }
  }

  // MARK: - Sizes

  /// The upper bounds of sizes, in octets.
  package static let sizeBounds = [
    0, 100, 200, 300, 400, 511, 1_023, 2_047, 4_095, 8_291, 16_000, 32_000, 48_000, 64_000,
  ]
  /// Behind the buckets stands the sum of sizes.
  static let sizeSum = 15
  private static let sizePlaceCount = sizeSum + 1

  /// The bucket of a size in octets; the last one has no bound.
  package static func sizeBucket(_ octetCount: Int) -> Int {
    switch octetCount {
    case ...0: 0
    case ...100: 1
    case ...200: 2
    case ...300: 3
    case ...400: 4
    case ...511: 5
    case ...1_023: 6
    case ...2_047: 7
    case ...4_095: 8
    case ...8_291: 9
    case ...16_000: 10
    case ...32_000: 11
    case ...48_000: 12
    case ...64_000: 13
    default: 14
    }
  }

  /// The place of queries over a transport by size: of a bucket or of `sizeSum`.
  static func querySize(_ transport: Int, _ part: Int) -> Int {
    querySizeStart &+ transport &* sizePlaceCount &+ part
  }

  /// The place of replies over a transport by size: of a bucket or of `sizeSum`.
  static func replySize(_ transport: Int, _ part: Int) -> Int {
    replySizeStart &+ transport &* sizePlaceCount &+ part
  }

  // MARK: - Times

  /// Buckets of times that have a bound: 0.00025 s * 2^n.
  package static let durationBoundCount = 16
  /// The upper bound of the first one, in nanoseconds.
  package static let durationBoundMin: UInt64 = 250_000
  /// Behind the buckets stands the sum of times, in nanoseconds.
  static let durationSum = durationBoundCount + 1

  /// The bucket of a time; the last one has no bound.
  package static func durationBucket(_ nanoseconds: UInt64) -> Int {
    var bucket = 0
    while bucket < durationBoundCount, nanoseconds > durationBoundMin << UInt64(bucket) {
      bucket &+= 1
    }
    return bucket
  }

  /// The place of replies by the time they took: of a bucket or of `durationSum`.
  static func duration(_ part: Int) -> Int { durationStart &+ part }

  // MARK: - Replies

  /// Plugins that replies are counted by, at most; a power of two.
  package static let pluginCountMax = 64
  /// The response codes counted apart, from 0 on, and all others.
  static let codes = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "other"]
  private static let codeOther = 6
  private static let codePlaceCount = 8

  /// The place of replies of a plugin with a code, by the number of it in `codes`.
  static func reply(code: Int, plugin: Int) -> Int {
    replyStart &+ (plugin & (pluginCountMax - 1)) &* codePlaceCount &+ code
  }

  /// The number of a response code in `codes`.
  static func number(of code: ResponseCode) -> Int { min(Int(code.rawValue), codeOther) }
}
