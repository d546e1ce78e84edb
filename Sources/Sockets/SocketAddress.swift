import CLinux
import Glibc

/// An IPv4 or IPv6 address with a port, as values: no reference, no pointer.
package struct SocketAddress: Hashable, Sendable {
  /// Sixteen octets for IPv6, four for IPv4.
  package var isV6: Bool
  /// The first eight octets, big-endian; an IPv4 address is in the top 32 bits.
  package var high: UInt64
  /// The last eight octets, big-endian; zero for IPv4.
  package var low: UInt64
  /// The port.
  package var port: UInt16
  /// The interface number of a link-local IPv6 address; otherwise 0.
  package var scope: UInt32

  /// An address from its parts.
  package init(isV6: Bool, high: UInt64, low: UInt64, port: UInt16, scope: UInt32 = 0) {
    self.isV6 = isV6
    self.high = high
    self.low = low
    self.port = port
    self.scope = scope
  }

  /// Every address of a family.
  package static func wildcard(isV6: Bool, port: UInt16) -> SocketAddress {
    SocketAddress(isV6: isV6, high: 0, low: 0, port: port)
  }

  /// Whether this is `0.0.0.0` or `::`.
  package var isWildcard: Bool { high == 0 && low == 0 }

  /// The address family's number.
  var family: Int32 { isV6 ? AF_INET6 : AF_INET }

  /// Octets of the kernel's form.
  var kernelLength: socklen_t {
    isV6 ? socklen_t(MemoryLayout<sockaddr_in6>.size) : socklen_t(MemoryLayout<sockaddr_in>.size)
  }

  /// The kernel's form.
  package var kernelForm: sockaddr_storage {
    var storage = sockaddr_storage()
    // SAFETY: sockaddr_storage is at least as large and aligned as both forms.
    unsafe withUnsafeMutableBytes(of: &storage) { octets in
      if isV6 {
        var form = sockaddr_in6()
        form.sin6_family = sa_family_t(AF_INET6)
        form.sin6_port = port.bigEndian
        form.sin6_scope_id = scope
        unsafe withUnsafeMutableBytes(of: &form.sin6_addr) { address in
          unsafe address.storeBytes(of: high.bigEndian, as: UInt64.self)
          unsafe address.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        unsafe octets.storeBytes(of: form, as: sockaddr_in6.self)
      } else {
        var form = sockaddr_in()
        form.sin_family = sa_family_t(AF_INET)
        form.sin_port = port.bigEndian
        form.sin_addr.s_addr = UInt32(truncatingIfNeeded: high >> 32).bigEndian
        unsafe octets.storeBytes(of: form, as: sockaddr_in.self)
      }
    }
    return storage
  }

  /// Reads the kernel's form. IPv4-mapped IPv6 addresses become IPv4. SAFETY: the caller vouches
  /// for a whole `sockaddr_storage` at `pointer`.
  @inline(__always) @unsafe
  package init(kernelForm pointer: UnsafeRawPointer) {
    if unsafe pointer.load(as: sockaddr.self).sa_family == sa_family_t(AF_INET6) {
      let port = unsafe pointer.load(fromByteOffset: 2, as: UInt16.self)
      let first = unsafe pointer.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      let second = unsafe pointer.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
      let scope = unsafe pointer.load(fromByteOffset: 24, as: UInt32.self)
      let (high, low) = (UInt64(bigEndian: first), UInt64(bigEndian: second))
      if high == 0, low >> 32 == 0xFFFF {
        self.init(isV6: false, high: low << 32, low: 0, port: UInt16(bigEndian: port))
      } else {
        self.init(isV6: true, high: high, low: low, port: UInt16(bigEndian: port), scope: scope)
      }
    } else {
      let port = unsafe pointer.load(fromByteOffset: 2, as: UInt16.self)
      let address = unsafe pointer.load(fromByteOffset: 4, as: UInt32.self)
      let high = UInt64(UInt32(bigEndian: address)) << 32
      self.init(isV6: false, high: high, low: 0, port: UInt16(bigEndian: port))
    }
  }
}

/// Calls `body` with the kernel's form of `address`.
func withKernelForm<Result>(
  _ address: SocketAddress, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  var storage = address.kernelForm
  return unsafe withUnsafePointer(to: &storage) { pointer in
    // SAFETY: every sockaddr form starts with the members of sockaddr.
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
      unsafe body(rebound, address.kernelLength)
    }
  }
}
