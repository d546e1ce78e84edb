import DNSWire
import RecordStore

/// What a cluster's picture is made of, as far as its parts become complete at different times.
package struct ReadyParts: OptionSet, Sendable {
  /// The bits.
  package let rawValue: UInt8

  /// Parts from their bits.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Namespaces, Services and EndpointSlices, and ServiceImports where they are wanted.
  package static let records = ReadyParts(rawValue: 1)
  /// Pods, which are looked at with `pods verified` only.
  package static let pods = ReadyParts(rawValue: 2)
  /// Everything.
  package static let all: ReadyParts = [.records, .pods]
}

/// The first full picture. Until it is complete objects are only kept: their records are made once,
/// from all of them, in edits that nobody reads before the last.
extension ClusterModel {
  /// Objects whose records go into one edit.
  private static let batchObjectCountMax = 250

  /// Keeps objects whose records are made later. When there is no room left, those that came before
  /// stay.
  mutating func keep(
    _ events: some Collection<ObjectEvent>, _ outcome: inout EventOutcome
  ) throws(StoreError) {
    for event in events {
      let key = PackedKey(event.kind.packed, event.key)
      guard let change = change(event, kept: objects[key], &outcome),
        !objects.holds(key, change.octets)
      else { continue }
      try store(change)
      outcome.changeCount += 1
    }
  }

  /// Publishes parts that are complete and not in the store yet. When it has no room left, the
  /// parts are not published, and what went in is taken out at the next try. What clusters have in
  /// common is published with the records.
  mutating func publish(
    _ parts: ReadyParts, with multicluster: inout ClusterModel?, in store: RecordStore, now: UInt32
  ) throws(StoreError) {
    let isFirst = !published.contains(.records)
    let parts = parts.subtracting(published)
    if parts.isEmpty { return }
    if isFirst {
      try store.edit(now: now, keepsSerial: true) { edit throws(StoreError) in edit.removeAll() }
      try publishAllServices(in: store, now: now)
      try multicluster?.publishAllServices(in: store, now: now)
    }
    if parts.contains(.pods) { try publishAllPods(in: store, now: now, isHidden: isFirst) }
    try store.edit(now: now) { edit throws(StoreError) in
      if isFirst {
        try publishFixedNames(&edit)
        try multicluster?.publishFixedNames(&edit)
      }
      edit.isReady = true
      edit.arePodsReady = published.union(parts).contains(.pods)
    }
    published.formUnion(parts)
    multicluster?.published = published
  }

  /// The names that need no Service: the zones' own, those of namespaces and of name servers.
  private func publishFixedNames(_ edit: inout StoreEdit) throws(StoreError) {
    try declareZones(&edit)
    for namespace in existingNamespaces {
      try publishNamespace(namespace, wasExposed: false, &edit)
    }
    try publishNameServers(&edit)
  }

  private mutating func publishAllServices(
    in store: RecordStore, now: UInt32
  ) throws(StoreError) {
    try forEachBatch(of: .service) { (batch, model) throws(StoreError) in
      try store.edit(now: now, keepsSerial: true) { edit throws(StoreError) in
        for key in batch {
          try model.publishFirst(key, &edit)
        }
      }
    }
  }

  /// Calls `body` with the keys of all objects of a kind, so many at a time.
  private mutating func forEachBatch(
    of kind: PackedKind, _ body: ([ObjectKey], inout Self) throws(StoreError) -> Void
  ) throws(StoreError) {
    let references = objects.references(of: kind)
    for first in stride(from: 0, to: references.count, by: Self.batchObjectCountMax) {
      let end = min(first + Self.batchObjectCountMax, references.count)
      try body(references[first..<end].map(objects.key), &self)
    }
  }

  /// The namespaces that have names.
  private var existingNamespaces: [String] {
    var names = impliesNamespaces ? Array(namedNamespaces) : []
    objects.forEachKey(.namespace) { names.append($0.name) }
    return names.filter(isExposed)
  }
}
