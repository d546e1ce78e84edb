import Files

/// The kernel's name of this host; `localhost` when it cannot be read.
func hostName() -> String {
  let octets = try? PosixFile.read("/proc/sys/kernel/hostname", octetCountMax: 1 << 12).octets
  let text = String(decoding: octets ?? [], as: UTF8.self)
  return text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "localhost"
}
