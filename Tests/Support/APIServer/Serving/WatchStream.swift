import NIOCore

/// One watch. Lives on its connection's event loop.
final class WatchStream {
  private let request: WatchRequest
  private let core: ServerCore
  private let sink: ResponseSink
  private let loop: NIOIsolatedEventLoop
  private let fault: Fault?
  private var position = 0
  private var id: Int?
  private var isFrozen = false
  private var isPumping = false
  private var timers: [Scheduled<Void>] = []
  private var bookmarks: Scheduled<Void>?

  init(
    _ request: WatchRequest, core: ServerCore, sink: ResponseSink, loop: any EventLoop,
    fault: Fault?
  ) {
    self.request = request
    self.core = core
    self.sink = sink
    self.loop = loop.assumeIsolated()
    self.fault = fault
  }

  deinit { stop() }

  /// Begins behind the response's head.
  func start() {
    switch fault {
    case .garbageBody: sink.body(ByteBuffer(string: "\u{1}\u{7F}no watch at all\n"))
    case .closedWatch: return end()
    case .watchError(let code): return fail(code)
    case .frozenWatch: isFrozen = true
    case .badObjects:
      for octets in BadObjects.octets(request.kind, request.format) { add(octets) }
    case .oversizedObject: add(BadObjects.oversized(request.kind, request.format))
    default: break
    }
    listen()
    begin()
    schedule()
  }

  /// The connection is gone, or the watch is over.
  func stop() {
    if let id { core.watches.remove(id) }
    id = nil
    bookmarks?.cancel()
    bookmarks = nil
    for timer in timers { timer.cancel() }
    timers = []
  }

  // MARK: - Signals and times

  private func listen() {
    let bound = NIOLoopBound(Weak(self), eventLoop: loop.nonisolated())
    let loop = loop.nonisolated()
    id = core.watches.add(request.kind) { signal in
      loop.execute { bound.value.stream?.take(signal) }
    }
  }

  private func take(_ signal: WatchSignal) {
    guard id != nil else { return }
    switch signal {
    case .changed: pump()
    case .freeze: isFrozen = true
    case .end: end()
    case .cut:
      stop()
      sink.cut()
    case .error(let code): fail(code)
    }
  }

  private func schedule() {
    let timeout = request.timeout
    timers.append(loop.scheduleTask(in: timeout) { [weak self] in self?.end() })
    guard request.wantsBookmarks else { return }
    let early = min(TimeAmount.seconds(2), TimeAmount.nanoseconds(timeout.nanoseconds / 10))
    timers.append(loop.scheduleTask(in: timeout - early) { [weak self] in self?.bookmark() })
    scheduleBookmark()
  }

  private func scheduleBookmark() {
    let interval = TimeAmount(core.options.bookmarkInterval)
    bookmarks = loop.scheduleTask(in: interval) { [weak self] in
      self?.bookmark()
      if self?.id != nil { self?.scheduleBookmark() }
    }
  }

  // MARK: - Events

  private func begin() {
    guard case .now(let marksEnd) = request.start else {
      if case .behind(let version) = request.start { position = version }
      return pump()
    }
    let (objects, version) = core.world.snapshot(request.selection)
    position = version
    guard !isFrozen else { return }
    let sent = fault == .disorder ? objects.reversed() + objects.prefix(3) : objects
    var buffer = ByteBuffer()
    for object in sent { buffer.writeBytes(WatchFrame.event("ADDED", object, request.format)) }
    sink.body(buffer)
    if marksEnd { mark(endsFirstEvents: true) }
  }

  /// Sends what has happened since.
  func pump() {
    guard id != nil, !isFrozen, !sink.isOver, sink.isWritable else { return }
    guard let (steps, version) = core.world.steps(request.kind, after: position) else {
      send(WatchFrame.error(Self.tooOld(position, core.world.version), request.format))
      return end()
    }
    position = version
    var buffer = ByteBuffer()
    for event in events(of: steps) { buffer.writeBytes(event) }
    sink.body(buffer)
    if sink.isOver { stop() }
  }

  /// What a version that is forgotten gets.
  static func tooOld(_ version: Int, _ current: Int) -> Refusal {
    .expired("too old resource version: \(version) (\(current))")
  }

  private func events(of steps: [WorldStep]) -> [[UInt8]] {
    var chosen = steps.compactMap { step in event(of: step).map { (step.object.key, $0) } }
    guard fault == .disorder else { return chosen.map(\.1) }
    for index in stride(from: 0, to: chosen.count - 1, by: 2)
    where chosen[index].0 != chosen[index + 1].0 {
      chosen.swapAt(index, index + 1)
    }
    return chosen.flatMap { [$0.1, $0.1] }
  }

  /// An object that comes to be chosen is new to who watches, one that is no longer is gone.
  private func event(of step: WorldStep) -> [UInt8]? {
    let wasChosen = step.old.map(request.selection.chooses) ?? false
    let isChosen = !step.isDeletion && request.selection.chooses(step.object)
    let type: String
    switch (wasChosen, isChosen) {
    case (false, false): return nil
    case (false, true): type = "ADDED"
    case (true, true): type = "MODIFIED"
    case (true, false): type = "DELETED"
    }
    return WatchFrame.event(type, step.object, request.format)
  }

  private func bookmark() {
    pump()
    if id != nil { mark(endsFirstEvents: false) }
  }

  private func mark(endsFirstEvents: Bool) {
    guard !isFrozen, !sink.isOver else { return }
    send(
      WatchFrame.bookmark(
        request.kind, version: position, endsFirstEvents: endsFirstEvents, request.format))
  }

  private func add(_ octets: [UInt8]) {
    send(WatchFrame.frame("ADDED", octets, request.kind, request.format))
  }

  private func fail(_ code: Int) {
    if code == 0 {
      let noEvent: [UInt8] =
        request.format == .json ? Array("{\"type\":7}\n".utf8) : [0, 0, 0, 3, 0x0A, 0x7F, 0x01]
      send(noEvent)
    } else {
      send(WatchFrame.error(.fault(code, retryAfterSeconds: 0), request.format))
    }
    end()
  }

  private func send(_ octets: [UInt8]) { sink.body(ByteBuffer(bytes: octets)) }

  private func end() {
    stop()
    sink.end()
  }

  private struct Weak {
    weak var stream: WatchStream?

    init(_ stream: WatchStream) { self.stream = stream }
  }
}
