import Control
import Text
import Traces

/// A question to the API that cannot be answered.
package struct APIProblem: Error, Sendable, Equatable {
  package var status: UInt16
  /// A word for programs: `bad_parameter`.
  package var code: String
  /// A sentence for people, without a final stop.
  package var message: String
  /// Where in the text of a query the mistake is, counted in characters from 0; `nil` where it is no query.
  package var position: Int?

  /// A problem of the asker's making unless `status` says otherwise.
  package init(_ code: String, _ message: String, status: UInt16 = 400, position: Int? = nil) {
    self.status = status
    self.code = code
    self.message = message
    self.position = position
  }
}

/// The query of a request to the API, read value by value.
struct APIParameters {
  private let target: PageTarget

  /// - Throws: for a parameter that the endpoint does not have; it would go unnoticed otherwise.
  init(_ target: PageTarget, known: Set<String>) throws(APIProblem) {
    self.target = target
    if let other = target.query.first(where: { !known.contains($0.name) }) {
      let list = known.sorted().joined(separator: ", ")
      throw APIProblem(
        "unknown_parameter", "there is no parameter \"\(safeText(other.name))\" here; there are: \(list)")
    }
  }

  func text(_ name: String) -> String? { target[name] }

  func flag(_ name: String) throws(APIProblem) -> Bool {
    switch target[name] {
    case nil, "false", "0": false
    case "true", "1": true
    case let other?: throw bad(name, "is true or false", other)
    }
  }

  /// A length of time such as `15m`, in ns.
  func age(_ name: String) throws(APIProblem) -> Int64? {
    guard let text = target[name] else { return nil }
    guard let ns = AgeText.ns(text) else { throw bad(name, "is a number and a unit, such as 90s, 15m or 1h", text) }
    return ns
  }

  func integer(_ name: String) throws(APIProblem) -> Int64? {
    guard let text = target[name] else { return nil }
    guard let number = Int64(text) else { throw bad(name, "is a whole number", text) }
    return number
  }

  /// A moment in ns since 1970.
  func moment(_ name: String) throws(APIProblem) -> Int64? {
    guard let text = target[name] else { return nil }
    guard let ns = Int64(text) else { throw bad(name, "is a time in ns since 1970", text) }
    return ns
  }

  /// From `from` to `to`; `nil` when neither is there.
  func range() throws(APIProblem) -> TimeRange? {
    let (sinceNs, untilNs) = (try moment("from"), try moment("to"))
    if let sinceNs, let untilNs, sinceNs >= untilNs {
      throw APIProblem("bad_parameter", "from is not before to, so there is no time between them")
    }
    return sinceNs == nil && untilNs == nil ? nil : TimeRange(sinceNs: sinceNs, untilNs: untilNs)
  }

  /// How long something took, in ns.
  func duration(_ name: String) throws(APIProblem) -> Int64? {
    guard let text = target[name] else { return nil }
    guard let ns = QueryDuration.ns(text) else {
      throw bad(name, "is a duration, such as 100ms, 1.5s or 250us", text)
    }
    return ns
  }

  func count(_ name: String, _ range: ClosedRange<Int>) throws(APIProblem) -> Int? {
    guard let text = target[name] else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw bad(name, "is a number from \(range.lowerBound) to \(range.upperBound)", text)
    }
    return number
  }

  func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _ type: Choice.Type = Choice.self
  ) throws(APIProblem) -> Choice? where Choice.RawValue == String {
    guard let text = target[name] else { return nil }
    guard let choice = Choice(rawValue: text) else {
      throw bad(name, "is one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))", text)
    }
    return choice
  }

  private func bad(_ name: String, _ expectation: String, _ found: String) -> APIProblem {
    APIProblem("bad_parameter", "\(name) \(expectation), not \"\(safeText(String(found.prefix(100))))\"")
  }
}
