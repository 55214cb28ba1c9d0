/// A rate that belongs to a service, or to one operation of it.
package struct NamedRate: Sendable, Equatable {
  package let service: String
  /// Compared without regard to case; nil for all operations.
  package let operation: String?
  /// The part of such spans that is meant, 0 to 1.
  package let rate: Double

  package init(service: String, operation: String?, rate: Double) {
    self.service = service
    self.operation = operation
    self.rate = rate
  }

  /// As it is written in a variable.
  var text: String { name + "=" + OptionSlot.numberText(rate) }

  private var name: String { operation.map { "\(service)|\($0)" } ?? service }
}

extension OptionSlot {
  /// A mapping of names to rates; in a text `name=rate`, separated by commas.
  static func spanRates(_ node: YAMLNode, hasOperations: Bool) throws(BadValue) -> [NamedRate] {
    var rates: [NamedRate] = []
    switch node.content {
    case .mapping(let entries):
      for entry in entries {
        guard case .scalar(let rate, _) = entry.value.content else {
          throw BadValue("\(QuotedText.quoted(entry.name)): a rate is expected here", line: entry.line)
        }
        do throws(BadValue) {
          rates.append(try namedRate(entry.name, rate, hasOperations))
        } catch {
          throw BadValue(error.message, line: entry.line)
        }
      }
    case .scalar(let text, _):
      for entry in ListText.entries(of: String(ListText.withoutQuotes(text[...])), at: .commas, arePatterns: false) {
        guard let equals = entry.lastIndex(of: "=") else {
          throw BadValue("\(QuotedText.quoted(entry)) has no rate; write \(form(hasOperations))=0.5")
        }
        rates.append(
          try namedRate(String(entry[..<equals]), String(entry[entry.index(after: equals)...]), hasOperations))
      }
    case .sequence: throw BadValue("a mapping of \(form(hasOperations)) to a rate is expected here")
    }
    return rates
  }

  private static func form(_ hasOperations: Bool) -> String { hasOperations ? "service|operation" : "service" }

  private static func namedRate(_ name: String, _ text: String, _ hasOperations: Bool) throws(BadValue) -> NamedRate {
    guard let rate = ScalarText.number(text), (0...1).contains(rate) else {
      throw BadValue("\(QuotedText.quoted(name)): \(QuotedText.quoted(text)) is not a rate from 0 to 1")
    }
    guard hasOperations else { return NamedRate(service: name, operation: nil, rate: rate) }
    let parts = name.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
      throw BadValue("\(QuotedText.quoted(name)) does not name both; write \(form(true))")
    }
    return NamedRate(service: parts[0], operation: parts[1], rate: rate)
  }
}
