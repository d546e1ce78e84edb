// swift-tools-version: 6.2

// Swiftlet: an authoritative DNS server for Kubernetes clusters.
//
// One target a station on the way of a query; the compiler checks the import direction
// (docs/ARCHITECTURE.md). Server never depends on Plugins; the executable wires them.

import PackageDescription

let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "swiftlet",
  products: [.executable(name: "swiftlet", targets: ["swiftlet"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // Bytes <-> values. Pure: no socket, no clock, no configuration.
    .target(name: "DNSWire", swiftSettings: settings),
    // Corefile text -> server blocks -> directives with positions. Knows no plugin.
    .target(name: "Corefile", swiftSettings: settings),
    // Header-only C: what Glibc's module does not show (recvmmsg, sendmmsg, epoll, CMSG_*).
    .target(name: "CLinux"),
    // POSIX sockets, epoll, batches. The only target that talks to the kernel's network.
    .target(name: "Sockets", dependencies: ["CLinux"], swiftSettings: settings),
    // Files, folders, threads and waiting, in the system's words; knows no plugin.
    .target(name: "Files", swiftSettings: settings),
    // Names -> compact ready-made answers; one writer, readers without locks.
    .target(name: "RecordStore", dependencies: ["DNSWire"], swiftSettings: settings),
    // The contract between server and plugins: Handler, Exchange, Outcome.
    .target(name: "PluginChain", dependencies: ["DNSWire", "Corefile"], swiftSettings: settings),
    // Kubernetes API and manifests -> objects -> records -> store edits.
    .target(
      name: "Cluster",
      dependencies: [
        "RecordStore", "DNSWire", "Files", "CLinux", .product(name: "Yams", package: "Yams"),
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: settings),
    // Asking other servers: which one, when again, what to believe; over UDP, TCP and TLS.
    .target(
      name: "Upstreams",
      dependencies: [
        "DNSWire", "Sockets",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: settings),
    // RE2 (Debian's libre2-dev) as C functions, and the one wrapper that imports them.
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
    .target(name: "Patterns", dependencies: ["CRE2"], swiftSettings: settings),
    // One folder a plugin.
    .target(
      name: "Plugins",
      dependencies: [
        "PluginChain", "RecordStore", "Cluster", "DNSWire", "Corefile", "Sockets", "Upstreams",
        "Files", "Patterns",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Yams", package: "Yams"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings),
    // Workers, acceptance, routing, truncation. Knows no plugin.
    .target(
      name: "Server",
      dependencies: ["PluginChain", "Sockets", "DNSWire", "Corefile"],
      swiftSettings: settings),
    // libldns (Debian's libldns-dev), and the one wrapper that imports it.
    .systemLibrary(name: "CLDNS", pkgConfig: "ldns", providers: [.apt(["libldns-dev"])]),
    .target(name: "ZoneText", dependencies: ["CLDNS"], swiftSettings: settings),
    // serve | check | dump | explain.
    .executableTarget(
      name: "swiftlet",
      dependencies: [
        "Server", "Plugins", "Cluster", "ZoneText", "Corefile", "PluginChain", "RecordStore",
        "DNSWire", "Sockets", "Files",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "DNSWireTests", dependencies: ["DNSWire", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "CorefileTests", dependencies: ["Corefile", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "SocketsTests", dependencies: ["Sockets", "TestSupport"], swiftSettings: settings),
    .testTarget(
      name: "RecordStoreTests",
      dependencies: ["RecordStore", "DNSWire", "ZoneText", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "PluginChainTests", dependencies: ["PluginChain", "DNSWire"],
      swiftSettings: settings),
    .testTarget(
      name: "ClusterTests",
      dependencies: [
        "Cluster", "DNSWire", "RecordStore", "TestSupport", "APISimulator",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "UpstreamsTests",
      dependencies: [
        "Upstreams", "DNSWire", "Sockets", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOEmbedded", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: settings),
    .testTarget(name: "PatternsTests", dependencies: ["Patterns"], swiftSettings: settings),
    .testTarget(
      name: "PluginsTests",
      dependencies: [
        "Plugins", "PluginChain", "Cluster", "RecordStore", "Corefile", "DNSWire", "Server",
        "Sockets", "Upstreams", "Files", "TestSupport",
      ],
      swiftSettings: settings),
    .testTarget(
      name: "ServerTests",
      dependencies: ["Server", "PluginChain", "Sockets", "DNSWire", "TestSupport"],
      swiftSettings: settings),
    // libldns is the judge of what DNSWire writes and reads.
    .testTarget(
      name: "ZoneTextTests", dependencies: ["ZoneText", "DNSWire", "TestSupport"],
      swiftSettings: settings),
    // Keeps the house rules true: shapes, imports, documents.
    .testTarget(
      name: "RepositoryTests", dependencies: ["Corefile", "PluginChain", "Plugins"],
      swiftSettings: settings),
    // Runs the built binary; knows nothing of our modules.
    .target(
      name: "TestSupport", path: "Tests/Support", exclude: ["APIServer"],
      swiftSettings: settings),
    // An API server for tests: HTTPS, list and watch, JSON and protobuf, and every fault.
    .target(
      name: "APISimulator",
      dependencies: [
        "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      path: "Tests/Support/APIServer", swiftSettings: settings),
    // The same as a program of its own, for benchmarks and for trying things by hand.
    .executableTarget(
      name: "api-simulator", dependencies: ["APISimulator", "TestSupport"],
      path: "Benchmarks/APISimulatorCommand", swiftSettings: settings),
    // What a large cluster costs in memory and CPU, without a server.
    .executableTarget(
      name: "cluster-memory", dependencies: ["Cluster", "DNSWire", "RecordStore"],
      path: "Benchmarks/ClusterMemory", swiftSettings: settings),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "TestSupport", "APISimulator", "swiftlet", .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: settings),
  ]
)
