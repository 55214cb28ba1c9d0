import Foundation
import TestFixtures
import TraceModel

@testable import Obfuscation

/// The obfuscator's functions on texts of tests. It keeps one buffer, as its users do.
final class TextObfuscator {
  private var obfuscator: Obfuscator
  private var out = GrowableBuffer<UInt8>()

  init(_ options: ObfuscationOptions = ObfuscationOptions()) {
    obfuscator = Obfuscator(options)
  }

  /// What a statement comes to; `nil` for one that cannot be read.
  func sql(_ text: String, _ dialect: SQLDialect = .generic) -> String? { sql(Array(text.utf8), dialect) }

  func sql(_ bytes: [UInt8], _ dialect: SQLDialect = .generic) -> String? {
    var isRead = false
    let written = run(bytes) { isRead = $0.appendSQL($1, dialect: dialect, to: &$2) }
    return isRead ? written : nil
  }

  var cacheBytes: Int { obfuscator.cacheBytes }

  var tables: String { run([]) { obfuscator, _, out in obfuscator.appendTableNames(to: &out) } }

  func commandNames(_ text: String) -> String { run(Array(text.utf8)) { $0.appendCommandNames($1, to: &$2) } }

  func commands(
    _ text: String, of store: Obfuscator.CommandStore = .redis, _ size: CommandSize = .unknown
  ) -> String {
    run(Array(text.utf8)) { $0.appendCommands($1, of: store, size: size, to: &$2) }
  }

  func errorText(_ text: String) -> String { errorText(Array(text.utf8)) }

  func errorText(_ bytes: [UInt8]) -> String { run(bytes) { $0.appendErrorText($1, to: &$2) } }

  func taggedEvents(_ json: String, isOfDatabase: Bool = false) -> String {
    var isChanged = false
    let written = run(Array(json.utf8)) {
      isChanged = $0.appendTaggedEvents($1, isOfDatabase: isOfDatabase, to: &$2)
    }
    return isChanged ? written : json
  }

  func commands(_ bytes: [UInt8]) -> String { run(bytes) { $0.appendCommands($1, of: .redis, to: &$2) } }

  func memcached(_ text: String) -> String { run(Array(text.utf8)) { $0.appendMemcached($1, to: &$2) } }

  func url(_ text: String) -> String { url(Array(text.utf8)) }

  func url(_ bytes: [UInt8]) -> String { run(bytes) { $0.appendURL($1, to: &$2) } }

  func json(_ text: String, of body: Obfuscator.JSONBody = .mongoDB) -> String { json(Array(text.utf8), of: body) }

  func json(_ bytes: [UInt8], of body: Obfuscator.JSONBody = .mongoDB) -> String {
    run(bytes) { $0.appendJSON($1, of: body, to: &$2) }
  }

  func isCard(_ value: String, key: String = "card") -> Bool {
    let (keyBytes, valueBytes) = (Array(key.utf8), Array(value.utf8))
    return keyBytes.withUnsafeBytes { key in
      valueBytes.withUnsafeBytes { obfuscator.isCardNumber(key: TextBytes(key), value: TextBytes($0)) }
    }
  }

  private func run(
    _ bytes: [UInt8], _ body: (inout Obfuscator, TextBytes, inout GrowableBuffer<UInt8>) -> Void
  ) -> String {
    out.removeAll()
    bytes.withUnsafeBytes { body(&obfuscator, TextBytes($0), &out) }
    return String(decoding: out.pointer, as: UTF8.self)
  }
}

/// A group of the vectors: cases that share a configuration.
struct VectorGroup {
  let fields: [String: Any]

  static func all(_ name: String) throws -> [VectorGroup] {
    let document = try Fixtures.json("vectors/\(name).json") as? [String: Any]
    return (document?["groups"] as? [[String: Any]] ?? []).map(VectorGroup.init)
  }

  var cases: [[String: Any]] { fields["cases"] as? [[String: Any]] ?? [] }
  var config: [String: Any] { fields["config"] as? [String: Any] ?? [:] }
  /// The older of the two sources, which the newer one corrects where they disagree.
  var isOld: Bool { (fields["source"] as? [String: Any])?["tag"] as? String == "6.9.0" }

  var pairs: [(input: String, expected: String)] {
    cases.compactMap { fields in
      guard let input = fields["input"] as? String, let expected = fields["expected"] as? String else { return nil }
      return (input, expected)
    }
  }
}
