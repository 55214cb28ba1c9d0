import Foundation
import Obfuscation
import TestFixtures
import TestSpans
import TestTraces
import Testing
import TraceModel

@testable import Processing

@Suite struct `Attributes of events lose card numbers` {
  /// What is left of one attribute of a span's only event.
  private static func seen(
    _ value: AnyValueRecord, text: String = "", key: String = "card.number",
    _ change: (inout ObfuscationOptions) -> Void = { _ in }
  ) throws -> PlainValue {
    var configuration = ProcessingConfiguration()
    change(&configuration.obfuscation)
    return try withBatch([[TestSpan()]]) { batch in
      var attribute = TypedAttribute()
      attribute.key = batch.addBytes(Array(key.utf8))
      attribute.value = value
      if value.type == 0 { attribute.value.string = batch.addBytes(Array(text.utf8)) }
      batch.typedAttributes.append(attribute)
      var event = EventRecord()
      event.attributes = IndexRange(start: 0, end: 1)
      batch.events.append(event)
      batch.spans[0].events = IndexRange(start: 0, end: 1)
      var processor = Processor(configuration: configuration)
      processor.process(&batch, RequestFacts(nowNs: now, language: .empty, clientComputedTopLevel: false))
      return PlainValue(batch.typedAttributes[0].value, of: batch)
    }
  }

  @Test func `as those of Datadog's table do`() throws {
    var count = 0
    for fields in try Fixtures.vectors("span_obfuscation") {
      guard let input = try Self.attribute(fields["input"]), let expected = try Self.attribute(fields["expected"])
      else { continue }
      let cards = (fields["config"] as? [String: Any])?["credit_cards"] as? [String: Any] ?? [:]
      for (key, value) in input {
        let (record, text) = Self.value(value)
        let seen = try Self.seen(record, text: text, key: key) {
          $0.creditCardsAreEnabled = cards["enabled"] as? Bool ?? false
          $0.creditCardsNeedChecksum = cards["luhn"] as? Bool ?? false
          $0.creditCardKeptTags = Set(cards["keep_values"] as? [String] ?? [])
        }
        let (wanted, wantedText) = Self.value(try #require(expected[key]))
        #expect(seen.type == wanted.type && seen.bool == wanted.bool && seen.int == wanted.int)
        #expect(seen.double == PlainNumber(wanted.double) && seen.string == PlainText(wantedText), "\(fields)")
        count += 1
      }
    }
    #expect(count >= 7)
  }

  /// The attributes of the only event of a span of the table.
  private static func attribute(_ span: Any?) throws -> [String: [String: Any]]? {
    guard let events = (span as? [String: Any])?["span_events"] as? [[String: Any]] else { return nil }
    try #require(events.count == 1)
    return try #require(events[0]["attributes"] as? [String: [String: Any]])
  }

  private static func value(_ fields: [String: Any]) -> (record: AnyValueRecord, text: String) {
    switch fields["type"] as? Int {
    case 1: (.bool(fields["bool_value"] as? Bool ?? false), "")
    case 2: (.int(fields["int_value"] as? Int64 ?? 0), "")
    case 3: (.double(fields["double_value"] as? Double ?? 0), "")
    default: (.string(.empty), fields["string_value"] as? String ?? "")
    }
  }

  @Test(arguments: [
    AnyValueRecord.int(-4_111_111_111_111_111), .double(-4_111_111_111_111_111), .int(4_111_111_111_111_111),
  ])
  func `whatever their sign`(value: AnyValueRecord) throws {
    #expect(try Self.seen(value).string == "?")
  }

  @Test(arguments: [AnyValueRecord.int(.min), .int(-41_111_111_111), .double(-.infinity), .double(4.5e15 + 0.5)])
  func `and keep other numbers`(value: AnyValueRecord) throws {
    #expect(try Self.seen(value).type == value.type)
  }
}
