/// RST060 and RST061: what tracers say of themselves in their telemetry.
enum TelemetryRules {
  /// As many of a tracer's troubles as a reader takes in.
  private static let shownMax = 6

  static func notInstrumented(_ evidence: Evidence) -> [Finding] {
    living(evidence).filter { !$0.failures.isEmpty || !$0.rejected.isEmpty }.map { tracer in
      let count = tracer.failures.count
      let libraries = count == 1 ? tracer.failures[0].name : "\(count) libraries"
      let settings = tracer.rejected.count == 1 ? tracer.rejected[0].name : "\(tracer.rejected.count) settings"
      let title =
        count > 0
        ? "The tracer \(tracer.name) could not instrument \(libraries): no spans come of it"
        : "The tracer \(tracer.name) did not take \(settings) as written"
      let all = tracer.failures + tracer.rejected
      let shown = all.prefix(shownMax).map { "\($0.name): \($0.reason)" }
      return Finding(
        "RST060", evidence.question.isAboutApps ? .note : .warning, title,
        because: shown + (all.count > shownMax ? ["and \(all.count - shownMax) more"] : []),
        fix: count > 0
          ? ["take a version of the library that the tracer knows, or a newer tracer"]
          : ["write the setting as the tracer's documentation has it"])
    }
  }

  static func turnedOff(_ evidence: Evidence) -> [Finding] {
    living(evidence).filter { !$0.tracingOffBy.isEmpty && !sends($0, evidence) }.map { tracer in
      let name = String(tracer.tracingOffBy.prefix { $0 != "=" && $0 != " " })
      // What code sets has no variable.
      let isVariable = name.allSatisfy { $0.isUppercase || $0 == "_" }
      return Finding(
        "RST061", evidence.question.isAboutApps ? .note : .warning,
        "The tracer \(tracer.name) says that tracing is turned off in it",
        because: ["its telemetry has \(tracer.tracingOffBy)"],
        fix: [isVariable ? Restart(unset: [name]).line(nil) : "let the program leave tracing on"])
    }
  }

  /// Five of the heartbeats that a tracer sends each minute; a process that was killed says no more, and not that it ends.
  private static let silentSecondsMax = 300.0

  private static func living(_ evidence: Evidence) -> [TracerReportEvidence] {
    (evidence.agent?.tracerReports ?? []).filter { !$0.hasEnded && $0.lastSeenSecondsAgo <= silentSecondsMax }
  }

  /// Traces come of it all the same, so that it was turned on since.
  private static func sends(_ tracer: TracerReportEvidence, _ evidence: Evidence) -> Bool {
    (evidence.agent?.senders ?? []).contains {
      $0.service == tracer.service && $0.language == languageInTraces(tracer.language)
        && $0.lastSeenSecondsAgo <= tracer.lastSeenSecondsAgo
    }
  }

  /// Telemetry names some languages otherwise than the headers of traces do.
  private static func languageInTraces(_ language: String) -> String {
    switch language {
    case "jvm": "java"
    case "dotnet": ".NET"
    default: language
    }
  }
}
