import Glibc
import Sockets

extension ChannelFailure {
  /// What a system call's failure means for a channel.
  init(_ error: SystemError) {
    switch error.code {
    case ECONNREFUSED: self = .refused
    // EPERM and EACCES: a packet filter of this host does not let it out.
    case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, ETIMEDOUT, EPERM, EACCES:
      self = .unreachable
    case ECONNRESET, EPIPE: self = .closed
    default: self = .error
    }
  }
}

extension SystemError {
  /// Whether a datagram socket that reports it on receiving can still receive a reply. EMSGSIZE is
  /// what anybody's "fragmentation needed" makes of it.
  var isPassing: Bool {
    [EMSGSIZE, ENOBUFS, ENOMEM].contains(code)
  }
}
