import Files
import RecordStore

/// A copy of all objects under way: the blocks that are left.
struct ObjectsCopy {
  fileprivate var cluster: [UInt32]
  fileprivate var multicluster: [UInt32]
}

/// Why a copy was given up.
enum CopyProblem: Error {
  /// The file cannot be written.
  case disk(PosixProblem)
  /// Too much changed while it was made.
  case overflow
}

extension ClusterRecords {
  /// Objects that are copied at a time, and octets, about: how long changes have to wait.
  private static let copiedCountMax = 500
  fileprivate static let copiedOctetCountMax = 256 << 10

  /// Begins a copy of all objects. One at a time; `endCopy` has to follow.
  func beginCopy() -> ObjectsCopy {
    withModels { models in
      ObjectsCopy(
        cluster: models.cluster.objects.beginCopy(),
        multicluster: models.multicluster?.objects.beginCopy() ?? [])
    }
  }

  /// Ends a copy.
  func endCopy() {
    withModels { models in
      models.cluster.objects.endCopy()
      models.multicluster?.objects.endCopy()
    }
  }

  /// Copies some more objects; `false` when what was written is all that there is now.
  func copySome(
    _ copy: inout ObjectsCopy, to writer: inout SavedObjectsWriter
  ) throws(CopyProblem) -> Bool {
    var count = Self.copiedCountMax
    let hasOverflowed = withModels { models -> Bool in
      models.cluster.copySome(&copy.cluster, to: &writer, false, &count)
      models.multicluster?.copySome(&copy.multicluster, to: &writer, true, &count)
      return models.cluster.objects.hasCopyOverflowed
        || models.multicluster?.objects.hasCopyOverflowed ?? false
    }
    if hasOverflowed { throw .overflow }
    return count <= 0 || writer.readyOctetCount >= Self.copiedOctetCountMax
  }

  /// Takes objects that were saved in as if they had been seen. Before anything else has been.
  package func load(_ saved: SavedObjects) throws(SavedObjectsProblem) {
    let isLoaded = withModels { models -> Bool in
      do {
        try saved.forEach { kind, key, block, isMulticluster in
          let change = ClusterModel.PackedChange(kind: kind, key: key, octets: block)
          if isMulticluster {
            _ = try models.multicluster?.store(change)
          } else {
            try models.cluster.store(change)
          }
        }
        return true
      } catch {
        return false
      }
    }
    if !isLoaded { throw .full }
  }
}

extension ClusterModel {
  /// Copies blocks from `references`, then what changed meanwhile, until `count` are done.
  fileprivate mutating func copySome(
    _ references: inout [UInt32], to writer: inout SavedObjectsWriter, _ isMulticluster: Bool,
    _ count: inout Int
  ) {
    let octetCountMax = ClusterRecords.copiedOctetCountMax
    while count > 0, writer.readyOctetCount < octetCountMax, let reference = references.popLast() {
      guard !objects.isFreed(reference) else { continue }
      writer.append(objects.octets(reference), isMulticluster: isMulticluster)
      count -= 1
    }
    while count > 0, writer.readyOctetCount < octetCountMax, let key = objects.takeChanged() {
      if let block = objects[key] {
        writer.append(block, isMulticluster: isMulticluster)
      } else {
        writer.appendGone(key, isMulticluster: isMulticluster)
      }
      count -= 1
    }
  }
}
