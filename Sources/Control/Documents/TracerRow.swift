import JSON

/// A tracer as it described itself in its telemetry. All texts are without secrets and bounded.
package struct TracerRow: Sendable, Equatable, Codable {
  /// Made anew by each start of its process.
  package var runtimeID: String
  /// The service that it was started for; its spans may name others.
  package var service = ""
  /// The environment of that service.
  package var env = ""
  /// The version of that service.
  package var version = ""
  /// `python`, `nodejs`, `jvm` and so on.
  package var language = ""
  /// Of the language, or of its runtime.
  package var languageVersion = ""
  /// The version of the tracing library.
  package var tracerVersion = ""
  /// The machine or container that it runs on, as it knows it.
  package var hostname = ""
  /// It said that it ends.
  package var isClosed = false
  /// Settings that somebody set, or that matter in any case, by name.
  package var settings: [TracerSettingRow] = []
  /// Libraries that it knows how to instrument, by name.
  package var integrations: [TracerIntegrationRow] = []
  /// What else it does, by its own names (`profiler`, `appsec`), and whether that is on.
  package var products: [String: Bool] = [:]
  /// What went wrong in it, the newest first.
  package var messages: [TracerMessageRow] = []
  /// When it was first heard of, nanoseconds since 1970.
  @Timestamp package var firstSeenNs: Int64
  /// When it last said something of itself, nanoseconds since 1970.
  @Timestamp package var lastSeenNs: Int64

  /// A tracer that has said nothing else yet.
  package init(runtimeID: String, firstSeenNs: Int64) {
    self.runtimeID = runtimeID
    self.firstSeenNs = firstSeenNs
    lastSeenNs = firstSeenNs
  }
}

extension TracerRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = [
    "firstSeenNs": "first_seen", "lastSeenNs": "last_seen", "isClosed": "closed", "runtimeID": "runtime_id",
  ]
}

/// A setting of a tracer.
package struct TracerSettingRow: Sendable, Equatable, Codable {
  /// `DD_TRACE_ENABLED`, or a name of the tracer's own.
  package var name: String
  /// As the tracer took it.
  package var value: String
  /// Where it comes from: `env_var`, `code`, `default`, `remote_config`.
  package var origin: String
  /// Why it was not taken as it was written; empty when it was.
  package var error: String

  /// A setting whose value holds no secret.
  package init(name: String, value: String, origin: String, error: String = "") {
    self.name = name
    self.value = value
    self.origin = origin
    self.error = error
  }
}

/// A library, and whether a tracer instruments it.
package struct TracerIntegrationRow: Sendable, Equatable, Codable {
  /// The tracer's name for it: `flask`, `psycopg`.
  package var name: String
  /// Of the library; empty where the tracer does not say.
  package var version: String
  /// Whether the library is instrumented.
  package var isEnabled: Bool
  /// The tracer knows this version of the library.
  package var isCompatible: Bool
  /// Why it is not instrumented; empty when nothing went wrong.
  package var error: String

  /// What a tracer said of a library.
  package init(name: String, version: String, isEnabled: Bool, isCompatible: Bool = true, error: String = "") {
    self.name = name
    self.version = version
    self.isEnabled = isEnabled
    self.isCompatible = isCompatible
    self.error = error
  }
}

extension TracerIntegrationRow {
  /// It was to be instrumented, and could not be.
  package var hasFailed: Bool { !error.isEmpty || !isCompatible }
}

extension TracerIntegrationRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["isEnabled": "enabled", "isCompatible": "compatible"]
}

/// An error or a warning of a tracer about itself.
package struct TracerMessageRow: Sendable, Equatable, Codable {
  /// When it was reported last, nanoseconds since 1970.
  @Timestamp package var atNs: Int64
  /// `error` or `warn`, in small letters.
  package var level: String
  /// What happened, in the tracer's words.
  package var message: String

  /// What a tracer reported of itself.
  package init(atNs: Int64, level: String, message: String) {
    self.level = level
    self.message = message
    self.atNs = atNs
  }
}

extension TracerMessageRow: NamedMembers {
  /// Where the document's names differ from the properties'.
  package static let memberNames = ["atNs": "at"]
}
