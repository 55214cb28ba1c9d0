extension TracerEvidence {
  /// Major and minor number; `nil` when the version is unknown.
  var numbers: (major: Int, minor: Int)? {
    let numbers = version.split(separator: ".").prefix(2).map { Int($0) }
    guard let major = numbers.first ?? nil else { return nil }
    return (major, numbers.count > 1 ? numbers[1] ?? 0 : 0)
  }

  /// Whether it is at least this version; `nil` when its version is unknown.
  func isAtLeast(_ major: Int, _ minor: Int) -> Bool? { numbers.map { $0 >= (major, minor) } }

  /// `ddtrace 4.16.0`, or the library alone.
  var naming: String { version.isEmpty ? library : "\(library) \(version)" }

  /// One of OpenTelemetry's own, not Datadog's.
  var isOpenTelemetry: Bool { library.hasPrefix("opentelemetry") }
}

extension ProcessEvidence {
  /// The tracer that is loaded, or that would be.
  var anyTracer: TracerEvidence? { tracer ?? installedTracer }
}
