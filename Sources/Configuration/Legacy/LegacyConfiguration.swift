import Text

/// The settings of a `datadog.conf` or `trace-agent.ini`, as the Datadog agent's version 5 had them, in the form of
/// `datadog.yaml`. What becomes of each key follows `datadog-agent import`, which converts such files.
struct LegacyConfiguration {
  /// A key or a section of an old file that changes nothing.
  struct Unread {
    let name: String
    let line: Int
    /// What is wrong with the name; `nil` for one that older agents have known, and that has no counterpart any more.
    let mistake: String?
  }

  private var placed: [(path: [String], value: YAMLNode, line: Int)] = []
  private(set) var unread: [Unread] = []
  /// Lines that are neither a section nor a key.
  let otherLines: [Int]

  /// Converts the file's settings; keys of `[Main]` that belong to other parts of the agent are left out.
  init(_ document: INIDocument) {
    otherLines = document.otherLines
    for entry in document.entries where !entry.value.isEmpty { take(entry) }
    takeTogether(document.entries.filter { $0.section.lowercased() == "main" })
  }

  /// The settings as the tree of a `datadog.yaml`, with the lines of the old file.
  var root: YAMLNode { Self.mapping(placed, depth: 0, line: 1) }

  private mutating func take(_ entry: INIDocument.Entry) {
    let section = entry.section.lowercased()
    let name = "\(section).\(entry.key.lowercased())"
    if let path = Self.paths[name] { return place(path, entry) }
    switch section {
    case "trace.analyzed_spans", "trace.analyzed_rate_by_service":
      let path = ["apm_config", String(section.dropFirst("trace.".count)), entry.key.lowercased()]
      set(path, YAMLNode(.scalar(entry.value, isPlain: true), line: entry.line), entry.line)
    case "trace.writer.services": unread.append(Unread(name: name, line: entry.line, mistake: nil))
    default: takeUnknown(entry, section: section, key: entry.key.lowercased())
    }
  }

  /// `[Main]` and sections of their own hold the keys of other parts of the agent: of those only what is a slip of the hand
  /// from a name that is read here is a mistake.
  private mutating func takeUnknown(_ entry: INIDocument.Entry, section: String, key: String) {
    let isOurs = section.hasPrefix("trace.")
    func meant(_ name: String, _ known: [String]) -> String? {
      guard let near = SpellingDistance.nearest(to: name, of: known) else { return nil }
      return isOurs || SpellingDistance.between(name, near) == 1 ? near : nil
    }
    if Self.known[section] == nil, let near = meant(section, Array(Self.known.keys)) {
      // Once for all of its keys.
      guard !unread.contains(where: { $0.line == entry.sectionLine }) else { return }
      let mistake = "unknown section; did you mean [\(near)]?"
      return unread.append(Unread(name: "[\(entry.section)]", line: entry.sectionLine, mistake: mistake))
    }
    let known = Self.known[section] ?? []
    if known.contains(key) { return }
    let near = meant(key, known)
    guard isOurs || near != nil else { return }
    let isObsolete = isOurs && Self.withoutCounterpart.contains(key)
    unread.append(
      Unread(
        name: "\(section).\(key)", line: entry.line,
        mistake: isObsolete ? nil : "unknown key" + (near.map { "; did you mean \($0)?" } ?? "")))
  }

  private mutating func place(_ path: (path: String, kind: Kind), _ entry: INIDocument.Entry) {
    let value: YAMLNode.Content =
      switch path.kind {
      case .text: .scalar(entry.value, isPlain: false)
      case .firstOfList: .scalar(Self.list(entry.value).first ?? "", isPlain: false)
      case .list:
        .sequence(Self.list(entry.value).map { YAMLNode(.scalar($0, isPlain: false), line: entry.line) })
      case .number: .scalar(entry.value, isPlain: true)
      case .switch: .scalar(Self.isAffirmative(entry.value) ? "true" : "false", isPlain: true)
      }
    set(path.path.split(separator: ".").map(String.init), YAMLNode(value, line: entry.line), entry.line)
  }

  /// A later place of a value wins: the sections of the trace-agent stand for it above `[Main]`.
  private mutating func set(_ path: [String], _ value: YAMLNode, _ line: Int) {
    placed.removeAll { $0.path == path }
    placed.append((path, value, line))
  }

  /// Keys that make up one setting together, and what version 5 does without being told.
  private mutating func takeTogether(_ main: [INIDocument.Entry]) {
    func entry(_ key: String) -> INIDocument.Entry? { main.last { $0.key.lowercased() == key && !$0.value.isEmpty } }
    if let host = entry("proxy_host") {
      let address = Self.proxy(
        host.value, port: entry("proxy_port")?.value ?? "3128", user: entry("proxy_user")?.value,
        password: entry("proxy_password")?.value)
      for scheme in ["http", "https"] {
        set(["proxy", scheme], YAMLNode(.scalar(address, isPlain: false), line: host.line), host.line)
      }
    }
    if let host = entry("syslog_host") {
      let uri = "udp://\(host.value):\(entry("syslog_port")?.value ?? "514")"
      set(["syslog_uri"], YAMLNode(.scalar(uri, isPlain: false), line: host.line), host.line)
    }
    if entry("hostname") == nil {
      set(["hostname_fqdn"], YAMLNode(.scalar("true", isPlain: true), line: 1), 1)
    }
  }

  private static func proxy(_ host: String, port: String, user: String?, password: String?) -> String {
    var (scheme, name) = ("http", host)
    if let end = host.firstRange(of: "://") {
      (scheme, name) = (String(host[..<end.lowerBound]), String(host[end.upperBound...]))
    }
    let credentials = user.map { encoded($0) + (password.map { ":\(encoded($0))" } ?? "") + "@" } ?? ""
    return "\(scheme)://\(credentials)\(name):\(port)"
  }

  /// For the part of an address in front of its host.
  private static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      let character = Character(Unicode.Scalar(byte))
      let isPlain = byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
      let digits = String(byte, radix: 16, uppercase: true)
      return isPlain ? String(character) : "%" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { String(ListText.trimmed($0)) }.filter { !$0.isEmpty }
  }

  private static func isAffirmative(_ text: String) -> Bool { ["true", "yes", "1"].contains(text.lowercased()) }

  private static func mapping(
    _ placed: [(path: [String], value: YAMLNode, line: Int)], depth: Int, line: Int
  ) -> YAMLNode {
    var names: [String] = []
    for entry in placed where !names.contains(entry.path[depth]) { names.append(entry.path[depth]) }
    let entries = names.map { name in
      let below = placed.filter { $0.path[depth] == name }
      let first = below.first?.line ?? line
      if let leaf = below.first(where: { $0.path.count == depth + 1 }) {
        return YAMLEntry(name: name, line: leaf.line, value: leaf.value)
      }
      return YAMLEntry(name: name, line: first, value: mapping(below, depth: depth + 1, line: first))
    }
    return YAMLNode(.mapping(entries), line: line)
  }
}

extension LegacyConfiguration {
  /// How a value is written in YAML.
  private enum Kind { case text, number, `switch`, list, firstOfList }

  /// Sections and keys of old files, in lower case, with the place of each in `datadog.yaml`.
  private static let paths: [String: (path: String, kind: Kind)] = [
    "main.apm_enabled": ("apm_config.enabled", .switch),
    "main.api_key": ("api_key", .firstOfList),
    "main.hostname": ("hostname", .text),
    "main.tags": ("tags", .list),
    "main.bind_host": ("bind_host", .text),
    "main.non_local_traffic": ("apm_config.apm_non_local_traffic", .switch),
    "main.log_level": ("log_level", .text),
    "main.disable_file_logging": ("disable_file_logging", .switch),
    "main.log_to_syslog": ("log_to_syslog", .switch),
    "main.skip_ssl_validation": ("skip_ssl_validation", .switch),
    "main.use_dogstatsd": ("use_dogstatsd", .switch),
    "main.dogstatsd_port": ("dogstatsd_port", .number),
    "trace.api.api_key": ("api_key", .firstOfList),
    "trace.api.endpoint": ("apm_config.apm_dd_url", .firstOfList),
    "trace.config.env": ("apm_config.env", .text),
    "trace.config.log_level": ("log_level", .text),
    "trace.config.log_file": ("apm_config.log_file", .text),
    "trace.config.log_throttling": ("apm_config.log_throttling", .switch),
    "trace.ignore.resource": ("apm_config.ignore_resources", .text),
    "trace.concentrator.bucket_size_seconds": ("apm_config.bucket_size_seconds", .number),
    "trace.concentrator.extra_aggregators": ("apm_config.extra_aggregators", .list),
    "trace.receiver.receiver_port": ("apm_config.receiver_port", .number),
    "trace.receiver.connection_limit": ("apm_config.connection_limit", .number),
    "trace.receiver.timeout": ("apm_config.receiver_timeout", .number),
    "trace.sampler.extra_sample_rate": ("apm_config.extra_sample_rate", .number),
    "trace.sampler.max_traces_per_second": ("apm_config.target_traces_per_second", .number),
    "trace.sampler.max_events_per_second": ("apm_config.max_events_per_second", .number),
    "trace.watchdog.max_memory": ("apm_config.max_memory", .number),
    "trace.watchdog.max_cpu_percent": ("apm_config.max_cpu_percent", .number),
    "trace.watchdog.max_connections": ("apm_config.max_connections", .number),
    "trace.watchdog.check_delay_seconds": ("apm_config.watchdog_check_delay", .number),
    "trace.writer.traces.flush_period_seconds": ("apm_config.trace_writer.flush_period_seconds", .number),
    "trace.writer.traces.queue_max_bytes": ("apm_config.trace_writer.queue_max_bytes", .number),
    "trace.writer.traces.connection_limit": ("apm_config.trace_writer.connection_limit", .number),
    "trace.writer.traces.queue_size": ("apm_config.trace_writer.queue_size", .number),
    "trace.writer.stats.queue_max_bytes": ("apm_config.stats_writer.queue_max_bytes", .number),
    "trace.writer.stats.connection_limit": ("apm_config.stats_writer.connection_limit", .number),
    "trace.writer.stats.queue_size": ("apm_config.stats_writer.queue_size", .number),
  ]

  /// Keys that are read here by their sections, in lower case.
  private static let known: [String: [String]] = {
    var known = [
      "main": ["proxy_host", "proxy_port", "proxy_user", "proxy_password", "syslog_host", "syslog_port"],
      "trace.analyzed_spans": [], "trace.analyzed_rate_by_service": [], "trace.writer.services": [],
    ]
    for name in paths.keys {
      guard let dot = name.lastIndex(of: ".") else { continue }
      known[String(name[..<dot]), default: []].append(String(name[name.index(after: dot)...]))
    }
    return known
  }()

  /// Keys of the trace-agent's sections that later versions have no counterpart for.
  private static let withoutCounterpart: Set<String> = [
    "pre_sample_rate", "score_jitter", "oldest_span_cutoff_seconds", "payload_buffer_max_size", "max_spans_per_payload",
    "max_entries_per_payload", "update_info_period_seconds", "queue_max_age_seconds", "queue_max_payloads",
    "exp_backoff_max_duration_seconds", "exp_backoff_base_milliseconds", "exp_backoff_growth_base",
    "resource_blacklist",
    "hostname",
  ]
}

extension ConfigurationFile {
  /// Where the Datadog agent's version 5 keeps its file; read where there is no `datadog.yaml`.
  package static let legacyPath = "/etc/dd-agent/datadog.conf"

  /// Whether it has the form of version 5, as `datadog.conf` and `trace-agent.ini` have. YAML may have such a name, too.
  package var isLegacy: Bool {
    INIDocument.isLikely(bytes, isNamedSo: path.hasSuffix(".conf") || path.hasSuffix(".ini"))
  }

  /// The same settings as a `datadog.yaml`, secrets among them; `nil` for a file that is no legacy one, or says nothing.
  package var migrated: String? {
    guard isLegacy else { return nil }
    let document = INIDocument(bytes)
    guard document.entries.contains(where: { !$0.value.isEmpty }) else { return nil }
    let legacy = LegacyConfiguration(document)
    guard case .mapping(let entries) = legacy.root.content, !entries.isEmpty else { return nil }
    return legacy.root.yaml
  }
}
