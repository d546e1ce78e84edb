/// When objects are saved: soon after a change, but not before a while has passed since the last
/// time.
struct SavingSchedule {
  private let interval: Duration
  private var notBefore = MonotonicTime.zero
  /// The count of changes that is in the file; `nil` when nothing was saved yet.
  private(set) var savedChangeCount: Int?

  /// Nothing was saved yet.
  init(interval: Duration) { self.interval = interval }

  /// Whether it is time, with so many changes so far.
  func isDue(_ changeCount: Int, at now: MonotonicTime) -> Bool {
    changeCount != savedChangeCount && now >= notBefore
  }

  /// Says that saving begins.
  mutating func begin(at now: MonotonicTime) { notBefore = now + interval }

  /// Says that the file has what was there after so many changes.
  mutating func succeed(_ changeCount: Int) { savedChangeCount = changeCount }
}
