import Patterns
import TestSpans
import TestTraces
import Testing
import TraceModel

@testable import Processing

@Suite struct `Values within values` {
  private static let card = "4111 1111 1111 1111"

  /// The attribute `user` of a span and of its link, and a text of the link. Each list has a card number, another in an array
  /// in an array, and a name.
  private struct Seen {
    let span: PlainValue
    let link: PlainValue
    let linkText: String
  }

  private static func processed(_ change: (inout ProcessingConfiguration) throws -> Void) throws -> Seen {
    var configuration = ProcessingConfiguration()
    try change(&configuration)
    return try withBatch([[TestSpan()]]) { batch in
      batch.spans[0].typed = addAttribute(to: &batch)
      var link = LinkRecord()
      link.typed = addAttribute(to: &batch)
      link.attributes = IndexRange(start: batch.linkAttributes.count, end: batch.linkAttributes.count + 1)
      batch.linkAttributes.append(
        MetaEntry(key: batch.addText("text"), value: batch.addBytes(Array(card.utf8)), known: .unknown))
      batch.spans[0].links = IndexRange(start: batch.links.count, end: batch.links.count + 1)
      batch.links.append(link)
      var processor = Processor(configuration: configuration)
      processor.process(&batch, RequestFacts(nowNs: now, language: .empty, clientComputedTopLevel: false))
      let seen = batch.links[Int(batch.spans[0].links.range.lowerBound)]
      return Seen(
        span: PlainValue(batch.typedAttributes[batch.spans[0].typed.range.lowerBound].value, of: batch),
        link: PlainValue(batch.typedAttributes[seen.typed.range.lowerBound].value, of: batch),
        linkText: batch.text(batch.linkAttributes[seen.attributes.range.lowerBound].value))
    }
  }

  private static func addAttribute(to batch: inout SpanBatch) -> IndexRange {
    func add(_ key: StaticString, _ value: AnyValueRecord) -> IndexRange {
      var attribute = TypedAttribute()
      attribute.key = batch.addText(key)
      attribute.value = value
      batch.typedAttributes.append(attribute)
      return IndexRange(start: batch.typedAttributes.count - 1, end: batch.typedAttributes.count)
    }
    func wrap(_ value: AnyValueRecord) -> AnyValueRecord {
      batch.arrayValues.append(value)
      return .array(IndexRange(start: batch.arrayValues.count - 1, end: batch.arrayValues.count))
    }
    let array = wrap(wrap(.int(4_111_111_111_111_111)))
    let first = add("number", .string(batch.addBytes(Array(card.utf8))))
    _ = add("numbers", array)
    let last = add("_name", .string(batch.addText("Ann")))
    return add("user", .keyValues(IndexRange(start: first.range.lowerBound, end: last.range.upperBound)))
  }

  private static func list(_ number: PlainText, _ inner: PlainValue, _ name: PlainText = "Ann") -> PlainValue {
    let array = PlainValue(array: [PlainValue(array: [inner])])
    return PlainValue(
      keyValues: [
        Pair("number", PlainValue(number)), Pair("numbers", array), Pair("_name", PlainValue(name)),
      ])
  }

  @Test func `lose card numbers, also those of links`() throws {
    let seen = try Self.processed { $0.obfuscation.creditCardsAreEnabled = true }
    let expected = Self.list("?", "?")
    #expect(seen.span == expected && seen.link == expected && seen.linkText == "?")
  }

  /// Names of rules, and what becomes of the list's values.
  @Test(
    arguments: [
      ("user", list("8", PlainValue(int: 8), "x")), ("*", list("8", PlainValue(int: 8), "x")),
      ("number", list("8", PlainValue(int: 4_111_111_111_111_111))),
      ("_name", list(PlainText(card), PlainValue(int: 4_111_111_111_111_111), "x")),
      ("other", list(PlainText(card), PlainValue(int: 4_111_111_111_111_111))),
    ])
  func `are replaced by the rules for their attribute, and for their own key`(
    name: String, expected: PlainValue
  ) throws {
    let seen = try Self.processed { configuration in
      configuration.obfuscation.creditCardsAreEnabled = false
      configuration.replaceRules = try [("^4[1 ]+$", "8"), ("Ann", "x")].map {
        try ReplaceRule(name: name, pattern: Pattern($0.0), replacement: $0.1)
      }
    }
    #expect(seen.span == expected && seen.link == expected)
    #expect(seen.linkText == (name == "*" ? "8" : Self.card))
  }
}
