import Foundation
import TestFixtures
import Testing

@testable import Exporting

/// JSON in tags, read so that it can be written from its end.
@Suite struct `A JSON text on a tape` {
  /// What was read, as JSON again; `nil` where it is none.
  private static func read(_ text: [UInt8]) -> String? {
    var tape = JSONTape()
    return text.withUnsafeBytes { bytes in
      guard tape.read(bytes) else { return nil }
      return line(&tape, 0, bytes)
    }
  }

  private static func line(_ tape: inout JSONTape, _ place: Int, _ text: UnsafeRawBufferPointer) -> String {
    let node = tape[place]
    switch node.kind {
    case .null: return "null"
    case .yes: return "true"
    case .no: return "false"
    case .integer: return tape.integer(at: place, text).map { "\($0)" } ?? "none"
    case .number: return "\(tape.number(at: place, text))"
    case .text: return "'\(String(decoding: tape.unescaped(at: place, text), as: UTF8.self))'"
    case .array, .object:
      var parts: [String] = []
      var inner = place + 1
      while inner < node.next {
        parts.append(line(&tape, inner, text))
        inner = tape[inner].next
      }
      return (node.kind == .array ? "[" : "{") + parts.joined(separator: " ") + (node.kind == .array ? "]" : "}")
    }
  }

  private static let texts: [(text: String, read: String?)] = [
    ("null", "null"), (" [ true , false ] ", "[true false]"), ("[]", "[]"), ("{}", "{}"),
    (#"{"a":{"b":[1,-2]},"c":""}"#, "{'a' {'b' [1 -2]} 'c' ''}"), ("[1.5,2e3,-0.25]", "[1.5 2000.0 -0.25]"),
    ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
    ("9223372036854775808", "9.223372036854776e+18"), (#""a\"\\\/\n\t\u00e9""#, "'a\"\\/\n\té'"),
    (#""\ud83e\udd89""#, "'🦉'"), (#""\ud83e""#, "'\u{FFFD}'"), (#""\ud83ex""#, "'\u{FFFD}x'"),
    (#""\u12""#, "'\u{FFFD}12'"),
    ("", nil), ("[", nil), ("[1", nil), ("[1,]", nil), ("[1 2]", nil), ("{1:2}", nil), (#"{"a"}"#, nil),
    (#"{"a":}"#, nil),
    ("nul", nil), ("1x", nil), ("--1", nil), ("\"a", nil), (#""a\"#, nil), ("[] []", nil), ("+1", nil),
    (
      String(repeating: "[", count: 64) + String(repeating: "]", count: 64),
      String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    ),
    (String(repeating: "[", count: 65) + String(repeating: "]", count: 65), nil),
  ]

  @Test(arguments: texts)
  func `says what it says, or that it is none`(text: String, read: String?) {
    #expect(Self.read(Array(text.utf8)) == read)
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `may be damaged in any way`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let whole = Array(#"[{"time_unix_nano":5,"name":"a\"b","attributes":{"k":[1,2.5,null,true,"\u00e9"]}}]"#.utf8)
    var (read, refused) = (0, 0)
    for _ in 0..<3_000 {
      var bytes = whole
      for _ in 0...Int.random(in: 0...2, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(random.next() % 2 == 0 ? 0x22 : 0x5C, at: place)
        }
      }
      if Self.read(bytes) == nil { refused += 1 } else { read += 1 }
    }
    #expect(read > 100 && refused > 100)
  }

  @Test func `is the same after another one`() {
    var tape = JSONTape()
    for text in ["[1,2,3]", "[", #"{"a":"\n"}"#] {
      Array(text.utf8).withUnsafeBytes { bytes in
        _ = tape.read(bytes)
        if tape.count > 2 { _ = tape.unescaped(at: 2, bytes) }
      }
    }
    let isRead = Array("[7]".utf8).withUnsafeBytes { bytes in tape.read(bytes) && tape.integer(at: 1, bytes) == 7 }
    #expect(isRead && tape.count == 2)
  }
}
