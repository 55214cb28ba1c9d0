import JSON
import Scrubbing

/// The line in which a tracer reports its settings when the app starts: `DATADOG TRACER CONFIGURATION {…}`.
enum LogStartup {
  static let pattern = "any.startup"

  /// How tracers announce it. Ruby's since 1.0 leaves the second word out, and so does PHP's a colon.
  private static let titles = [
    "DATADOG TRACER CONFIGURATION", "DATADOG CONFIGURATION", "DATADOG TRACING CONFIGURATION",
  ]

  /// Where the document begins, or would begin on the next line; `nil` when the line announces none.
  static func start(in line: LogText) -> Int? {
    guard line.contains("DATADOG") else { return nil }
    for title in titles {
      guard let end = line.end(of: title) else { continue }
      return line.find("{", from: end) ?? line.bytes.count
    }
    return nil
  }

  /// Offset behind the document that begins at `start`; `nil` when it does not end in these bytes.
  static func end(of document: [UInt8], from start: Int) -> Int? {
    var depth = 0
    var isInString = false
    var offset = start
    while offset < document.count {
      switch document[offset] {
      case UInt8(ascii: "\\") where isInString: offset += 1
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "{") where !isInString: depth += 1
      case UInt8(ascii: "}") where !isInString:
        depth -= 1
        if depth == 0 { return offset + 1 }
      default: break
      }
      offset += 1
    }
    return nil
  }

  /// Reads the document between `start` and `end` of `text`; a document that is not JSON yields what its kind tells.
  static func evidence(_ text: LogText, from start: Int, to end: Int, number: Int) -> LogEvidence {
    var found = LogEvidence(
      line: number, text: "", language: "", pattern: pattern, meaning: "")
    let document = try? JSONValue.parse(Array(text.bytes[start..<end]))
    found.settings = settings(document)
    found.language = language(found.settings["lang"] ?? "")
    found.url = found.settings["agent_url"].flatMap { LogAddress.found(in: LogText($0)) ?? ($0.isEmpty ? nil : $0) }
    let failure = failure(found.settings)
    if let failure {
      let words = LogText(failure)
      found.httpStatus = LogStatus.found(in: words)
      if found.httpStatus == nil { found.errorName = LogError.found(in: words)?.name }
    }
    found.meaning =
      document == nil
      ? "a tracer's settings when the app started, in a form that cannot be read"
      : meaning(found, failure)
    return found
  }

  /// What the tracer says went wrong when it tried the agent; `nil` when it did not try or all was well.
  static func failure(_ settings: [String: String]) -> String? {
    let error = settings["agent_error"] ?? ""
    if !error.isEmpty, !["false", "null", "none"].contains(error.lowercased()) { return error }
    return settings["agent_reachable"] == "false" ? "agent_reachable is false" : nil
  }

  private static func meaning(_ line: LogEvidence, _ failure: String?) -> String {
    let whose = line.language.isEmpty ? "a tracer" : "the tracer of a \(line.language) app"
    if line.settings["enabled"] == "false" { return "\(whose) told its settings: it is turned off" }
    let place = line.url.map { " at \($0)" } ?? ""
    guard failure != nil else {
      return "\(whose) told its settings: its agent is\(place.isEmpty ? " not named" : place)"
    }
    let reason = line.errorName.flatMap { LogError.named($0)?.meaning } ?? line.httpStatus.flatMap(LogStatus.meaning)
    return "\(whose) did not reach its agent\(place) when it started" + (reason.map { ": \($0)" } ?? "")
  }

  /// More members than tracers report, and longer values, are no settings.
  private static let settingsMax = 120
  private static let valueBytesMax = 300

  /// Values as texts: lists and objects as JSON, `null` left out. Without secrets.
  private static func settings(_ document: JSONValue?) -> [String: String] {
    var settings: [String: String] = [:]
    for (name, value) in (document?.members ?? []).prefix(settingsMax) {
      let text: String
      switch value {
      case .null: continue
      case .string(let string): text = string
      default: text = value.compactText
      }
      let clean = Scrubber.value(text, of: name)
      settings[name] = clean.utf8.count > valueBytesMax ? String(clean.prefix(valueBytesMax)) : clean
    }
    return settings
  }

  /// The names of `LogEvidence.language` for what tracers call themselves.
  private static func language(_ name: String) -> String {
    switch name.lowercased() {
    case "python": "python"
    case "nodejs", "javascript", "node": "nodejs"
    case "ruby": "ruby"
    case "jvm", "java": "java"
    case "go": "go"
    case ".net", "dotnet": "dotnet"
    case "php": "php"
    case "cpp", "c++": "cpp"
    default: ""
    }
  }
}
