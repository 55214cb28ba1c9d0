// swift-tools-version: 6.3
import Foundation
import PackageDescription

// Debian 12 names msgpack's pkg-config file `msgpack`; Debian 13 and Homebrew name it `msgpack-c`.
let pkgConfigFolders =
  (ProcessInfo.processInfo.environment["PKG_CONFIG_PATH"]?.split(separator: ":").map(String.init) ?? [])
  + ["/opt/homebrew/lib/pkgconfig", "/usr/local/lib/pkgconfig", "/usr/lib/pkgconfig", "/usr/share/pkgconfig"]
  + ["x86_64", "aarch64", "arm"].flatMap { machine in
    ["gnu", "gnueabihf"].map { "/usr/lib/\(machine)-linux-\($0)/pkgconfig" }
  }
let msgpackName =
  pkgConfigFolders.contains { FileManager.default.fileExists(atPath: "\($0)/msgpack-c.pc") } ? "msgpack-c" : "msgpack"

/// The commit, as `make` or whoever makes a package says; empty else. SwiftPM keeps what a manifest came to as long as
/// manifest and environment stay the same, so a manifest that looked into the repository itself would name an old commit.
let buildCommit = (Context.environment["ROOST_COMMIT"] ?? "").filter {
  $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
}

let base: [SwiftSetting] = [.treatAllWarnings(as: .error)]
/// For targets that read bytes from outside: every unsafe expression has to be marked.
let strict = base + [.strictMemorySafety(), .enableExperimentalFeature("Lifetimes")]

func clib(_ name: String, _ pkgConfig: String, apt: [String], brew: [String]) -> Target {
  .systemLibrary(
    name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt(apt), .brew(brew)])
}

func module(_ name: String, _ imports: [Target.Dependency], _ settings: [SwiftSetting] = base) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: settings)
}

func tests(_ name: String, _ extra: [Target.Dependency] = [], _ settings: [SwiftSetting] = base) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.init(stringLiteral: name), "TestFixtures"] + extra, swiftSettings: settings)
}

let package = Package(
  name: "roost",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "roost", targets: ["roost"])],
  targets: [
    clib("CMsgPack", msgpackName, apt: ["libmsgpack-dev"], brew: ["msgpack"]),
    clib("CZlib", "zlib", apt: ["zlib1g-dev"], brew: ["zlib"]),
    clib("CZstd", "libzstd", apt: ["libzstd-dev"], brew: ["zstd"]),
    // Its header only: libmicrohttpd is opened when something is served, because it brings nine libraries with it, and a
    // command that asks the agent would wait for them.
    .target(name: "CMicroHTTPD", path: "Sources/CLibraries/CMicroHTTPD"),
    // Its header only: libcurl is opened when something is forwarded, because mapping it and its libraries takes 6 MB.
    // With its pkg-config file it would be linked, and SwiftPM puts that before any flag that could undo it.
    .systemLibrary(
      name: "CCurl", path: "Sources/CLibraries/CCurl",
      providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),
    // c-ares too: it is opened when the doctor asks the name servers of a container.
    .systemLibrary(
      name: "CCares", path: "Sources/CLibraries/CCares", providers: [.apt(["libc-ares-dev"]), .brew(["c-ares"])]),
    .target(
      name: "CBuildCommit", path: "Sources/CLibraries/CBuildCommit",
      cSettings: [.define("ROOST_COMMIT", to: "\"\(buildCommit)\"")]),
    // And SQLite: it is opened when there is a store.
    .systemLibrary(
      name: "CSQLite", path: "Sources/CLibraries/CSQLite",
      providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
    // And ncursesw: it is opened by `roost top`.
    .systemLibrary(
      name: "CNcurses", path: "Sources/CLibraries/CNcurses",
      providers: [.apt(["libncurses-dev"]), .brew(["ncurses"])]),
    // And PCRE2: it is opened when a rule with a pattern is configured.
    .systemLibrary(
      name: "CPCRE2", path: "Sources/CLibraries/CPCRE2",
      providers: [.apt(["libpcre2-dev"]), .brew(["pcre2"])]),
    // And libnghttp2: it is opened with the first connection that speaks HTTP/2.
    .systemLibrary(
      name: "CNGHTTP2", path: "Sources/CLibraries/CNGHTTP2",
      providers: [.apt(["libnghttp2-dev"]), .brew(["libnghttp2"])]),
    // And ISA-L: it is opened when something is compressed with gzip.
    .systemLibrary(
      name: "CISAL", path: "Sources/CLibraries/CISAL",
      providers: [.apt(["libisal-dev"]), .brew(["isa-l"])]),
    // One function of libc that Swift cannot call.
    .systemLibrary(name: "CRemap", path: "Sources/CLibraries/CRemap"),
    .target(name: "CTerminalRestore", path: "Sources/CLibraries/CTerminalRestore"),
    clib("CYAML", "yaml-0.1", apt: ["libyaml-dev"], brew: ["libyaml"]),

    // The files of the page, as bytes.
    .target(
      name: "CDashboardPage", path: "Sources/DashboardPage",
      exclude: ["index.html", "icon.svg", "style.css", "scripts"]),

    // Lowest first: a target imports only targets above it in this list.
    module("Addresses", []),
    module("Platform", ["Addresses"]),
    module("TraceModel", ["Platform"], strict),
    module("Compression", ["Platform", "CISAL", "CZlib", "CZstd"], strict),
    module("MessagePack", ["CMsgPack"]),
    module("JSON", []),
    module("Text", []),
    module("Scrubbing", ["Text"]),
    // A trace as people read it: it touches no system, and so must not import Platform or a C library.
    module("Traces", ["JSON", "Text"]),
    module("Obfuscation", ["TraceModel"], strict),
    module("Patterns", ["Platform", "TraceModel", "CPCRE2"]),
    module("Decoding", ["Platform", "TraceModel"], strict),
    module("Processing", ["TraceModel", "Obfuscation", "Patterns"]),
    module("Statistics", ["Platform", "TraceModel"]),
    module("Sampling", ["Platform", "TraceModel"]),
    module("Exporting", ["Platform", "TraceModel", "Compression", "Statistics", "MessagePack", "CCurl", "CZlib"]),
    module("Store", ["Platform", "TraceModel", "Compression", "Traces", "Statistics", "Sampling", "CSQLite"]),
    // Bytes on disk before they are answered: it knows neither spans nor requests.
    module("Journal", ["Platform"]),
    module("Configuration", ["Addresses", "Platform", "Text", "Obfuscation", "Patterns", "CYAML"]),
    module("GRPC", ["Platform", "CNGHTTP2"]),
    module("Receiver", ["Addresses", "Platform", "CMicroHTTPD", "CRemap", "GRPC"]),
    module("Control", ["Addresses", "Platform", "JSON", "Text", "Traces"]),
    // Judges what was seen: it touches no system, and so must not import Platform or a C library.
    module("Diagnosis", ["Addresses", "JSON", "Text", "Scrubbing"]),
    module("Inspection", ["Addresses", "Platform", "JSON", "Scrubbing", "Diagnosis", "CCares"]),
    module("Launching", ["Addresses", "Platform", "Text", "Traces", "Control"]),
    module("Secrets", ["Platform", "JSON", "Scrubbing", "Configuration", "Launching"]),
    module("Terminal", ["JSON", "Text", "Traces", "Control", "Diagnosis"]),
    module("Curses", ["Platform", "Terminal", "CNcurses", "CTerminalRestore"]),
    module(
      "Dashboard",
      ["Addresses", "Platform", "JSON", "Text", "Traces", "Control", "CMicroHTTPD", "CDashboardPage"]),
    module(
      "Agent",
      [
        "Addresses", "Platform", "TraceModel", "Compression", "JSON", "Scrubbing", "Traces", "Decoding", "Processing",
        "Statistics", "Sampling", "Exporting", "Store", "Journal", "Configuration", "Receiver", "Control",
        "Dashboard", "Text", "Obfuscation", "Patterns", "GRPC",
      ]),
    .executableTarget(
      name: "roost",
      dependencies: [
        "Addresses", "Platform", "TraceModel", "CBuildCommit", "MessagePack", "JSON", "Text", "Scrubbing", "Traces",
        "Obfuscation", "Patterns", "Store", "Configuration",
        "Control", "Diagnosis", "Inspection", "Launching", "Secrets", "Terminal", "Curses", "Dashboard", "Agent",
      ],
      swiftSettings: base
    ),

    .target(name: "TestFixtures", path: "Tests/TestFixtures", swiftSettings: base),
    .target(
      name: "TestSpans", dependencies: ["TraceModel", "Decoding", "MessagePack"], path: "Tests/TestSpans",
      swiftSettings: base),
    .target(
      name: "TestTraces", dependencies: ["TraceModel", "Decoding", "MessagePack", "TestFixtures"],
      path: "Tests/TestTraces", swiftSettings: base),
    .target(
      name: "TestCalls", dependencies: ["Platform", "CNGHTTP2"], path: "Tests/TestCalls", swiftSettings: base),
    tests("Addresses"),
    tests("Platform", ["Addresses"]),
    tests("TraceModel"),
    tests("Compression", ["CZlib", "CZstd"]),
    tests("MessagePack"),
    tests("JSON"),
    tests("Text"),
    tests("Scrubbing"),
    tests("Traces", ["JSON"]),
    tests("Obfuscation", ["TraceModel"], base + [.enableExperimentalFeature("Lifetimes")]),
    tests("Patterns", ["TraceModel"]),
    tests(
      "Decoding", ["TraceModel", "MessagePack", "TestTraces"], base + [.enableExperimentalFeature("Lifetimes")]),
    tests("Processing", ["TraceModel", "Decoding", "MessagePack", "Patterns", "TestSpans"]),
    tests("Statistics", ["TraceModel", "Processing", "TestSpans"]),
    tests("Sampling", ["TraceModel", "Processing", "TestSpans"]),
    tests(
      "Exporting", ["Platform", "TraceModel", "Compression", "Decoding", "Statistics", "MessagePack", "TestTraces"]),
    tests("Store", ["Platform", "Statistics", "Traces", "TestSpans", "TraceModel", "Processing"]),
    tests("Journal", ["Platform"]),
    tests("Configuration", ["Patterns"]),
    tests("GRPC", ["Platform", "TestCalls"]),
    tests("Receiver", ["Addresses", "Platform", "GRPC", "TestCalls"]),
    tests("Control", ["Addresses", "JSON", "Platform", "Traces"]),
    tests("Diagnosis", ["Addresses", "JSON", "Terminal"]),
    tests("Inspection", ["Addresses", "Platform", "Diagnosis", "Scrubbing"]),
    tests("Launching", ["Addresses", "Control", "Platform"]),
    tests("Secrets", ["Configuration", "Platform"]),
    tests("Terminal", ["Control", "JSON", "Text", "Traces"]),
    tests("Dashboard", ["Addresses", "Control", "JSON", "Platform", "Traces"]),
    tests(
      "Agent",
      [
        "Addresses", "Platform", "TraceModel", "Compression", "MessagePack", "JSON", "Decoding", "Processing",
        "Statistics", "Sampling", "Exporting", "Store", "Journal", "Configuration", "Receiver", "Control", "Patterns",
        "TestSpans", "TestTraces", "Traces", "GRPC", "TestCalls",
      ]),
    .testTarget(name: "StyleTests", swiftSettings: base),
    .testTarget(
      name: "RoostTests", dependencies: ["roost", "Control", "Platform", "Traces", "TestFixtures"], swiftSettings: base),
  ],
  swiftLanguageModes: [.v6]
)

// What the thread sanitizer is not asked about: tests in which nothing runs beside anything else. What only they need is
// not built then.
let leftOut = (Context.environment["ROOST_TESTS_LEFT_OUT"] ?? "").split(separator: " ").map { "\($0)Tests" }
if !leftOut.isEmpty {
  package.targets.removeAll { leftOut.contains($0.name) }
  var needed = Set(package.targets.filter(\.isTest).map(\.name))
  // A target stands below those that it imports.
  for target in package.targets.reversed() where needed.contains(target.name) {
    for case .byNameItem(let name, _) in target.dependencies { needed.insert(name) }
  }
  package.targets.removeAll { !needed.contains($0.name) }
  if !needed.contains("roost") { package.products.removeAll { $0.name == "roost" } }
}
