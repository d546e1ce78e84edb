import DNSWire
import PluginChain
import Sockets

// Where exchanges write their replies. Whoever calls these owns both exchange and buffer, or moves
// the reply away before the buffer's next user: the worker with its buffers, a sleeping exchange
// with its own, `SubQueries` with its one.

extension Exchange {
  /// An exchange of `worker` that writes to `buffer`.
  init(worker: Int, writingTo buffer: borrowing OwnedBuffer) {
    var random = SystemRandomNumberGenerator()
    // SAFETY: the caller keeps the buffer for as long as the exchange and lends it to no other.
    unsafe self.init(
      worker: worker, reply: ReplyWriter(base: buffer.base, capacity: buffer.capacity),
      header: Header(), seed: random.next())
  }

  /// Moves what there is of the reply to `buffer`.
  mutating func moveReply(to buffer: borrowing OwnedBuffer) {
    // SAFETY: as above.
    let writer = unsafe reply.moved(to: buffer.base, capacity: buffer.capacity)
    reply = writer
  }
}
