import JSON

/// What a tracer says of itself in its telemetry, version 2: how it is set up, what it instruments, and what went wrong.
/// Its metrics and the packages of its program are not read.
struct TelemetryReport: Sendable, Equatable {
  /// A setting as the tracer took it.
  struct Setting: Sendable, Equatable {
    var name: String
    var value: String
    /// `env_var`, `code`, `default`, `remote_config` or another word of the tracer's.
    var origin: String
    /// Of several values of one name the one with the highest number is in force; where a tracer gives none, the newest.
    var number: Int64?
    /// Why it was not taken as it was written; empty when it was.
    var error: String
  }

  /// A library that the tracer knows how to instrument.
  struct Integration: Sendable, Equatable {
    var name: String
    /// Of the library; empty where the tracer does not say.
    var version: String
    var isEnabled: Bool
    var isCompatible: Bool
    /// Why it was not instrumented; empty when nothing went wrong.
    var error: String
  }

  /// Something that the tracer logged of itself.
  struct Message: Sendable, Equatable {
    var level: String
    var text: String
  }

  var runtimeID = ""
  var service = ""
  var env = ""
  var version = ""
  var language = ""
  var languageVersion = ""
  var tracerVersion = ""
  var hostname = ""
  /// Whether it has started with this, or ends.
  var isStart = false
  var isClosing = false
  /// It says nothing but that it lives.
  var isHeartbeat = false
  var settings: [Setting] = []
  var integrations: [Integration] = []
  /// Products of the tracer and whether they are on.
  var products: [String: Bool] = [:]
  var messages: [Message] = []

  /// What of one kind is read of one report.
  static let itemsMax = 2_000
}

extension TelemetryReport {
  /// Kinds of reports that say something of this, by the header `DD-Telemetry-Request-Type`.
  static let readKinds: Set = [
    "app-started", "app-client-configuration-change", "app-integrations-change", "app-product-change",
    "app-heartbeat", "app-extended-heartbeat", "app-closing", "logs", "message-batch",
  ]

  /// `nil` for what is no report of a tracer.
  init?(_ document: JSONValue) {
    guard let kind = document["request_type"]?.string, let application = document["application"] else { return nil }
    func text(_ value: JSONValue?) -> String { value?.string ?? "" }
    runtimeID = text(document["runtime_id"])
    guard !runtimeID.isEmpty else { return nil }
    service = text(application["service_name"])
    env = text(application["env"])
    version = text(application["service_version"])
    language = text(application["language_name"])
    languageVersion = text(application["language_version"])
    tracerVersion = text(application["tracer_version"])
    hostname = text(document["host"]?["hostname"])
    isHeartbeat = kind == "app-heartbeat"
    read(kind, document["payload"])
  }

  private mutating func read(_ kind: String, _ payload: JSONValue?) {
    guard let payload else { return isClosing = isClosing || kind == "app-closing" }
    switch kind {
    case "message-batch":
      for message in (payload.elements ?? []).prefix(Self.itemsMax) where message["request_type"] != nil {
        let inner = message["request_type"]?.string ?? ""
        if inner != kind { read(inner, message["payload"]) }
      }
    case "app-closing": isClosing = true
    case "logs": readMessages(payload["logs"]?.elements ?? payload.elements ?? [])
    default:
      if kind == "app-started" { isStart = true }
      readSettings(payload["configuration"]?.elements ?? [])
      readIntegrations(payload["integrations"]?.elements ?? [])
      for (name, product) in (payload["products"]?.members ?? []).prefix(32) {
        if let isOn = product["enabled"]?.bool { products[name] = isOn }
        readError(product["error"], of: name)
      }
      readError(payload["error"], of: "")
    }
  }

  private mutating func readSettings(_ entries: [JSONValue]) {
    for entry in entries.prefix(Self.itemsMax) {
      guard let name = entry["name"]?.string else { continue }
      settings.append(
        Setting(
          name: name, value: Self.shown(entry["value"]), origin: entry["origin"]?.string ?? "",
          number: entry["seq_id"]?.integer,
          error: entry["error"]?["message"]?.string ?? ""))
    }
  }

  private mutating func readIntegrations(_ entries: [JSONValue]) {
    for entry in entries.prefix(Self.itemsMax) {
      guard let name = entry["name"]?.string else { continue }
      integrations.append(
        Integration(
          name: name, version: entry["version"]?.string ?? "", isEnabled: entry["enabled"]?.bool ?? false,
          isCompatible: entry["compatible"]?.bool ?? true, error: entry["error"]?.string ?? ""))
    }
  }

  private mutating func readMessages(_ entries: [JSONValue]) {
    for entry in entries.prefix(Self.itemsMax) {
      guard let text = entry["message"]?.string, let level = entry["level"]?.string else { continue }
      messages.append(Message(level: level, text: text))
    }
  }

  /// An error with code 0 is none.
  private mutating func readError(_ error: JSONValue?, of product: String) {
    guard let text = error?["message"]?.string, !text.isEmpty, error?["code"]?.integer != 0 else { return }
    messages.append(Message(level: "ERROR", text: product.isEmpty ? text : "\(product): \(text)"))
  }

  /// A value as a person would write it.
  private static func shown(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null: ""
    case .string(let text): text
    case .some(let other): other.compactText
    }
  }
}
