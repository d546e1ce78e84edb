import Cluster
import DNSWire
import PluginChain
import RecordStore

/// Names of pod addresses, `ADDRESS.NAMESPACE.pod`.
extension Kubernetes {
  /// `ADDRESS.NAMESPACE.pod`: exists when the namespace does and the label is an address.
  func lookUpPod(
    _ name: borrowing QueryName, _ length: Int, _ snapshot: Snapshot
  ) -> Lookup {
    guard isPodLabel(name, 2, length),
      snapshot.find(
        name.octets.span.extracting(name.offset(ofLabel: 1)..<length), zone: 0) != nil,
      let address = AddressNames.address(
        podLabel: name.octets.span.extracting(1..<max(1, name.offset(ofLabel: 1))))
    else { return .missing }
    return .address(address)
  }

  /// Whether a name that is missing may be one of a pod that is not known yet: it is below
  /// `pod.ZONE`.
  func isPodUnknown(
    _ name: borrowing QueryName, _ zone: ZoneIndex.Match, _ snapshot: Snapshot
  ) -> Bool {
    guard !snapshot.arePodsReady, storeZones[zone.number] == 0 else { return false }
    let count = name.labelCount &- zone.labelCount
    return count > 1 && isPodLabel(name, count &- 1, name.octetCount &- zone.octetCount)
  }

  /// Whether label number `index` is `pod`, and the last before `end`.
  private func isPodLabel(_ name: borrowing QueryName, _ index: Int, _ end: Int) -> Bool {
    let start = name.offset(ofLabel: index)
    return end &- start == 4 && name.octets[(start &+ 1) & 0xFF] == UInt8(ascii: "p")
      && name.octets[(start &+ 2) & 0xFF] == UInt8(ascii: "o")
      && name.octets[(start &+ 3) & 0xFF] == UInt8(ascii: "d")
  }
}
