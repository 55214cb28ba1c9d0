import Decoding
import MessagePack
import TestTraces
import Testing

/// An error has to take its reader to the byte.
@Suite struct `A decoding error` {
  struct Case: CustomTestStringConvertible {
    var format = TraceFormat.v04
    var wire: [UInt8]
    var kind: DecodeError.Kind
    var text: String

    var testDescription: String { text }
  }

  static func key(_ text: String) -> [UInt8] { MessagePackValue.text(text).pack() }

  static let cases: [Case] = [
    Case(wire: [], kind: .shortBytes, text: "byte 0, field traces: expected a value, saw the end of the body"),
    Case(wire: [0x81], kind: .wrongType, text: "byte 0, field traces: expected array, saw map"),
    Case(wire: [0xC1], kind: .wrongType, text: "byte 0, field traces: expected array, saw the reserved byte 0xc1"),
    Case(
      wire: [0x92, 0x90], kind: .shortBytes,
      text: "byte 2, field traces: expected as many elements as announced, saw the end of the body"),
    Case(
      wire: [0x92, 0x90, 0x05], kind: .wrongType,
      text: "byte 2, trace 1, field spans: expected array, saw unsigned integer"),
    Case(
      wire: [0x92, 0x92, 0x80, 0x80, 0x93, 0x80, 0xC0, 0xA0], kind: .wrongType,
      text: "byte 7, trace 1, span 2, field span: expected map, saw string"),
    Case(
      wire: [0x91, 0x91, 0x81, 0x01, 0x01], kind: .wrongType,
      text: "byte 3, trace 0, span 0, field span: expected string, saw unsigned integer"),
    Case(
      wire: [0x91, 0x92, 0x80, 0x82] + key("service") + key("a") + key("name") + [0xCB, 0, 0, 0, 0, 0, 0, 0, 0],
      kind: .wrongType, text: "byte 19, trace 0, span 1, field name: expected string, saw float"),
    Case(
      wire: [0x91, 0x91, 0x81] + key("start") + [0xCF, 0x80, 0, 0, 0, 0, 0, 0, 0], kind: .outOfRange,
      text: "byte 9, trace 0, span 0, field start: expected an integer that fits 63 bits, saw unsigned integer"),
    Case(
      wire: [0x91, 0x91, 0x81] + key("error") + [0xCE, 0x80, 0, 0, 0], kind: .outOfRange,
      text: "byte 9, trace 0, span 0, field error: expected an integer that fits 32 bits, saw unsigned integer"),
    Case(
      wire: [0x91, 0x91, 0x81] + key("trace_id") + [0xC3], kind: .wrongType,
      text: "byte 12, trace 0, span 0, field trace_id: expected integer, saw bool"),
    Case(
      wire: [0x91, 0x91, 0x81] + key("meta") + [0x81, 0xA1, 0x6B, 0xD4, 0x01, 0x01], kind: .wrongType,
      text: "byte 11, trace 0, span 0, field meta: expected string, saw extension"),
    Case(
      wire: [0x91, 0x91, 0x81] + key("metrics") + [0x81, 0xA1, 0x6B, 0xC4, 0x00], kind: .wrongType,
      text: "byte 14, trace 0, span 0, field metrics: expected number, saw bytes"),
    Case(
      wire: [0x91, 0x91, 0x81] + key("meta") + [0xDF, 0xFF, 0xFF, 0xFF, 0xFF], kind: .shortBytes,
      text: "byte 13, trace 0, span 0, field meta: expected as many elements as announced, saw the end of the body"),
    Case(
      wire: [0x91, 0x91, 0x81] + key("name") + [0xDB, 0xFF, 0xFF, 0xFF, 0xFF], kind: .shortBytes,
      text: "byte 13, trace 0, span 0, field name: expected string, saw the end of the body"),
    Case(
      wire: [0x91, 0x91, 0x81] + key("span_events") + [0x91, 0x81] + key("attributes")
        + [0x81, 0xA1, 0x6B, 0x81] + key("bool_value") + [0x01],
      kind: .wrongType, text: "byte 43, trace 0, span 0, field span_events: expected bool, saw unsigned integer"),
    Case(
      wire: [0x91, 0x91, 0x81] + key("unknown") + [0xC1], kind: .wrongType,
      text: "byte 11, trace 0, span 0, field (unknown key): expected a value, saw the reserved byte 0xc1"),
    Case(
      format: .v05, wire: [0x93, 0x90, 0x90, 0x90], kind: .wrongLength,
      text: "byte 0, field payload: expected an array of 2, saw array"),
    Case(
      format: .v05, wire: [0x92, 0x91, 0x01, 0x90], kind: .wrongType,
      text: "byte 2, field string table: expected string, saw unsigned integer"),
    Case(
      format: .v05, wire: [0x92, 0x90, 0xA0], kind: .wrongType,
      text: "byte 2, field traces: expected array, saw string"),
    Case(
      format: .v05, wire: [0x92, 0x91, 0xA0, 0x91, 0x91, 0x91, 0x00], kind: .wrongLength,
      text: "byte 5, trace 0, span 0, field span: expected an array of 12, saw array"),
    Case(
      format: .v05, wire: [0x92, 0x91, 0xA0, 0x91, 0x91, 0x9C, 0, 0, 1] + [UInt8](repeating: 0, count: 9),
      kind: .outOfRange,
      text: "byte 8, trace 0, span 0, field resource: expected an index into the string table, saw unsigned integer"),
    Case(
      format: .v05, wire: [0x92, 0x91, 0xA0, 0x91, 0x91, 0x9C] + [UInt8](repeating: 0, count: 9) + [0xA0, 0, 0],
      kind: .wrongType, text: "byte 15, trace 0, span 0, field meta: expected map, saw string"),
    Case(
      format: .v07, wire: [0x91], kind: .wrongType, text: "byte 0, field payload: expected map, saw array"),
    Case(
      format: .v07, wire: [0x81] + key("env") + [0x07], kind: .wrongType,
      text: "byte 5, field env: expected string, saw unsigned integer"),
    Case(
      format: .v07, wire: [0x82] + key("chunks") + [0x91, 0x80] + key("tags") + [0x90], kind: .wrongType,
      text: "byte 15, field tags: expected map, saw array"),
    Case(
      format: .v07, wire: [0x81] + key("chunks") + [0x92, 0x80, 0x90], kind: .wrongType,
      text: "byte 10, trace 1, field chunk: expected map, saw array"),
    Case(
      format: .v07, wire: [0x81] + key("chunks") + [0x91, 0x81] + key("priority") + [0xCE, 0x80, 0, 0, 0],
      kind: .outOfRange,
      text: "byte 19, trace 0, field priority: expected an integer that fits 32 bits, saw unsigned integer"),
    Case(
      format: .v07, wire: [0x81] + key("chunks") + [0x91, 0x81] + key("dropped_trace") + [0x01], kind: .wrongType,
      text: "byte 24, trace 0, field dropped_trace: expected bool, saw unsigned integer"),
    Case(
      format: .v07, wire: [0x81] + key("chunks") + [0x91, 0x81] + key("spans") + [0x91, 0x81] + key("name") + [0x01],
      kind: .wrongType, text: "byte 23, trace 0, span 0, field name: expected string, saw unsigned integer"),
    Case(
      format: .v07,
      wire: [0x81] + key("chunks") + [0x91, 0x82] + key("spans") + [0x91, 0x80] + key("origin")
        + [0x01],
      kind: .wrongType, text: "byte 25, trace 0, field origin: expected string, saw unsigned integer"),
  ]

  @Test(arguments: cases)
  func `says where, what was expected and what was there`(_ example: Case) {
    let error = #expect(throws: DecodeError.self) { try example.format.traces(of: example.wire) }
    #expect(error?.description == example.text)
    #expect(error?.kind == example.kind)
  }
}
