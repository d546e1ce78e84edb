import Cluster
import DNSWire
import Glibc

// `cluster-memory CASE`: what a cluster costs in memory and CPU, from lists in protobuf to records.
let name = CommandLine.arguments.dropFirst().first ?? ""
guard var bench = MemoryBench(name) else {
  Report.write("cluster-memory: a case is one of \(MemoryBench.cases.joined(separator: " "))\n")
  exit(2)
}
bench.run()
