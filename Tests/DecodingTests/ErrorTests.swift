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
    Case(
      format: .v10, wire: [0x90], kind: .wrongType, text: "byte 0, field payload: expected map, saw array"),
    Case(
      format: .v10, wire: [0x81] + key("env"), kind: .wrongType,
      text: "byte 1, field payload: expected integer, saw string"),
    Case(
      format: .v10, wire: [0x82, 0x07] + key("e") + [0x09, 0x02], kind: .outOfRange,
      text: "byte 5, field app_version: expected an index into the string table, saw unsigned integer"),
    Case(
      format: .v10, wire: [0x81, 0x07, 0x90], kind: .wrongType,
      text: "byte 2, field env: expected a string, or an index into the string table, saw array"),
    Case(
      format: .v10, wire: [0x81, 0x0A, 0x92, 0xA1, 0x61, 0x01], kind: .wrongLength,
      text: "byte 2, field attributes: expected an array of keys, types and values, three elements an attribute, "
        + "saw array"),
    Case(
      format: .v10, wire: [0x81, 0x0B, 0x91, 0x81, 0x06, 0xA1, 0x61], kind: .wrongType,
      text: "byte 5, trace 0, field trace_id: expected a trace id of 16 bytes, saw string"),
    Case(
      format: .v10, wire: [0x81, 0x0B, 0x91, 0x81, 0x06, 0xC4, 0x01, 0x61], kind: .wrongLength,
      text: "byte 5, trace 0, field trace_id: expected a trace id of 16 bytes, saw bytes"),
    Case(
      format: .v10, wire: [0x81, 0x0B, 0x92, 0x80, 0x81, 0x05, 0x00], kind: .wrongType,
      text: "byte 6, trace 1, field dropped_trace: expected bool, saw unsigned integer"),
    Case(
      format: .v10, wire: span10 + [0x81, 0x03, 0x01], kind: .outOfRange,
      text: "byte 8, trace 0, span 0, field resource: expected an index into the string table, saw unsigned integer"),
    Case(
      format: .v10, wire: span10 + [0x81, 0x01, 0xCD, 0xFF, 0xFF], kind: .outOfRange,
      text: "byte 8, trace 0, span 0, field service: expected an index into the string table, saw unsigned integer"),
    Case(
      format: .v10, wire: span10 + [0x81, 0x08, 0x01], kind: .wrongType,
      text: "byte 8, trace 0, span 0, field error: expected bool, saw unsigned integer"),
    Case(
      format: .v10, wire: span10 + [0x81, 0x09, 0x93, 0xA1, 0x61, 0x08, 0x00], kind: .outOfRange,
      text: "byte 11, trace 0, span 0, field attributes: expected a type of attribute from 1 to 7, saw unsigned integer"
    ),
    Case(
      format: .v10, wire: span10 + [0x81, 0x09, 0x93, 0xA1, 0x61, 0x03, 0xA0], kind: .wrongType,
      text: "byte 12, trace 0, span 0, field attributes: expected number, saw string"),
    Case(
      format: .v10, wire: span10 + [0x81, 0x09, 0x93, 0xA1, 0x61, 0x06, 0x91, 0x01], kind: .wrongLength,
      text: "byte 12, trace 0, span 0, field attributes: expected an array of types and values, two elements a value, "
        + "saw array"),
    Case(
      format: .v10, wire: span10 + [0x81, 0x0B, 0x91, 0x81, 0x05, 0xA0], kind: .wrongType,
      text: "byte 11, trace 0, span 0, field span_links: expected integer, saw string"),
    Case(
      format: .v10, wire: span10 + [0x81, 0x0C, 0x91, 0x81, 0x03, 0x93, 0x05, 1, 0], kind: .outOfRange,
      text: "byte 12, trace 0, span 0, field span_events: expected an index into the string table, saw unsigned integer"
    ),
    Case(
      format: .v10, wire: span10 + [0x81, 0x7F, 0xC1], kind: .wrongType,
      text: "byte 8, trace 0, span 0, field (unknown key): expected a value, saw the reserved byte 0xc1"),
  ]

  /// A payload of v1.0 up to its first span.
  private static let span10: [UInt8] = [0x81, 0x0B, 0x91, 0x81, 0x04, 0x91]

  @Test(arguments: cases)
  func `says where, what was expected and what was there`(_ example: Case) {
    let error = #expect(throws: DecodeError.self) { try example.format.traces(of: example.wire) }
    #expect(error?.description == example.text)
    #expect(error?.kind == example.kind)
  }
}
