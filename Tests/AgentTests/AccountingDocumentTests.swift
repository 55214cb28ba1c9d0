import Exporting
import Foundation
import Patterns
import Processing
import Receiver
import Sampling
import TestFixtures
import Testing

@testable import Agent

/// `docs/accounting.md` is where a person looks up a reason that `roost info` showed.
@Suite struct AccountingDocumentTests {
  private static let root = Fixtures.folder.deletingLastPathComponent()

  @Test func `Every reason that is counted is in docs/accounting.md, and none is there that is not counted`() throws {
    let documented = Set(try documentRows().map(\.reason))
    let counted = try reasonsOfStages().union(try reasonsInAgentSources())
    let missing = counted.subtracting(documented).sorted()
    let stale = documented.subtracting(counted).sorted()
    #expect(missing.isEmpty, "docs/accounting.md lacks a row for these")
    #expect(stale.isEmpty, "docs/accounting.md explains these, which nothing counts")
  }

  @Test func `Every reason in docs/accounting.md has one row, with a meaning and a remedy`() throws {
    let rows = try documentRows()
    for row in rows {
      #expect(row.texts.count >= 2 && row.texts.allSatisfy { !$0.isEmpty }, "the row of \(row.reason) is not complete")
    }
    let repeated = Dictionary(grouping: rows, by: \.reason).filter { $0.value.count > 1 }.keys.sorted()
    #expect(repeated.isEmpty)
  }

  @Test func `Reasons are found in the sources of the agent`() throws {
    let found = try reasonsInAgentSources()
    // One of each way in which they are written there.
    let known: Set = ["memory_limit", "not_found", "cross_site", "encoding_error", "end_in_future"]
    #expect(known.isSubset(of: found))
    #expect(found.contains("intake_rejected_STATUS"))
  }

  /// The reasons that stages name by their enumerations.
  private func reasonsOfStages() throws -> Set<String> {
    var reasons = RejectionReason.allCases.map { "\($0.dropReason)" }
    var configuration = ProcessingConfiguration()
    configuration.requiredTags = ["a"].compactMap(TagRule.init)
    configuration.rejectedTags = ["b"].compactMap(TagRule.init)
    configuration.requiredTagPatterns = [try TagPattern("c:d")]
    configuration.rejectedTagPatterns = [try TagPattern("e:f")]
    configuration.ignoredResources = [try Pattern("g")]
    let processing = Processor(configuration: configuration).counts
    reasons += processing.removals.map(\.reason.name) + processing.repairs.map(\.name)
    reasons += SamplingVerdict.allCases.filter { !$0.isKept }.map(\.name)
    reasons += DeliveryOutcome.DropReason.allCases.flatMap {
      [$0.rawValue, "stats_" + $0.rawValue, "otlp_" + $0.rawValue]
    }
    reasons += ProductDropReason.allCases.map(\.rawValue)
    reasons += ["stats_intake_rejected_STATUS", "stats_encoding_error"]
    reasons += ["otlp_intake_rejected_STATUS", "otlp_encoding_error", "otlp_partial_success"]
    reasons += StatisticsCheckpoint.Unusable.allCases.map { "stats_" + $0.rawValue }
    return Set(reasons)
  }

  /// The reasons that the agent itself writes as text: all words with underscores in the files that count, and every
  /// text that is handed to a counter. A number put into one is called `STATUS`.
  private func reasonsInAgentSources() throws -> Set<String> {
    let folder = Self.root.appending(path: "Sources/Agent")
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { name in
      name.hasSuffix(".swift")
        && ["Receiving/", "Accounting/", "Answers/AgentQueries"].contains { name.hasPrefix($0) }
    }
    var reasons: Set<String> = []
    for name in names {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      for match in text.matches(of: /"([a-z]+(?:_[a-z]+)+)("|_\\\()/) {
        reasons.insert(match.2 == "\"" ? String(match.1) : "\(match.1)_STATUS")
      }
      for match in text.matches(of: /(?:refuse|drop)\(\s*"([a-z_]+)"/) { reasons.insert(String(match.1)) }
      for match in text.matches(of: /(?:dropped|refused|malformed)\["([a-z_]+)"/) { reasons.insert(String(match.1)) }
    }
    return reasons
  }

  /// The rows whose first cell is a reason.
  private func documentRows() throws -> [(reason: String, texts: [String])] {
    let text = try String(contentsOf: Self.root.appending(path: "docs/accounting.md"), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      guard let match = line.prefixMatch(of: /\| `([A-Za-z_]+)` \|/) else { return nil }
      let cells = line[match.range.upperBound...].split(separator: "|", omittingEmptySubsequences: false)
      return (String(match.1), cells.dropLast().map { $0.trimmingCharacters(in: .whitespaces) })
    }
  }
}
