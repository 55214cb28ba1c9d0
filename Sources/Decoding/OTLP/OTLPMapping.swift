/// How spans of OpenTelemetry become spans of Datadog: the settings that the Datadog agent has for it.
package struct OTLPMapping: Sendable, Equatable {
  /// Names and resources follow the newer rules (`http.server.request`); false: `<scope>.<kind>`, as before 2025.
  package var usesNewerNames = true
  /// With the older names, the operation is the span's own name.
  package var spanNameIsOperation = false
  /// With the older names, operations that are called otherwise, from the one to the other.
  package var renamedOperations: [RenamedOperation] = []
  /// Types of clients of databases tell only caches from other databases, as before 2025.
  package var usesOlderTypes = false
  /// A span's kind says whether it enters its service or is measured, and not its place in the trace.
  package var usesKindForTopLevel = false
  /// Spans keep their own names beside their resources, for outputs that call them by these.
  package var keepsOwnNames = true

  /// What the Datadog agent does when nothing is configured.
  package init() {}
}

/// One operation and what it is called instead.
package struct RenamedOperation: Sendable, Equatable {
  package let from: [UInt8]
  package let to: [UInt8]

  /// Both as UTF-8; what becomes of the new name follows the rules of any operation's.
  package init(from: String, to: String) {
    self.from = Array(from.utf8)
    self.to = Array(to.utf8)
  }
}
