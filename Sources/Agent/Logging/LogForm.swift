import Configuration
import JSON
import Platform
import Text

/// How a line of the log is written.
enum LogForm: Sendable {
  /// `2026-11-24T07:41:05Z INFO listening on 127.0.0.1:8126`
  case text
  /// One object a line, with the Datadog agent's members: `agent`, `time`, `level`, `msg`.
  case json
  /// What syslog takes: as RFC 5424 wants it, or as the older programs do that RFC 3164 describes.
  case syslog(isRFC5424: Bool, isJSON: Bool, host: String)

  /// Bytes of one message; what a client sent may be quoted in it.
  private static let messageBytesMax = 2_000

  /// One line with its end. A client must not be able to write lines of its own, or to the terminal.
  func line(_ level: LogLevel, _ message: String, _ nowNs: Int64) -> String {
    let shown = safeText(String(message.unicodeScalars.prefix(Self.messageBytesMax)))
    let text = String(decoding: shown.utf8.prefix(Self.messageBytesMax), as: UTF8.self)
    let moment = Moment(nowNs)
    switch self {
    case .text: return "\(moment.iso) \(level.rawValue.uppercased()) \(text)\n"
    case .json: return Self.json(level, text, moment) + "\n"
    case .syslog(let isRFC5424, let isJSON, let host):
      let content = isJSON ? Self.json(level, text, moment) : "\(level.rawValue.uppercased()) \(text)"
      let priority = "<\(Self.daemonFacility | Self.severity(of: level))>"
      return isRFC5424
        ? "\(priority)1 \(moment.iso) \(host) roost \(getpid()) - - \(content)\n"
        : "\(priority)\(moment.bsd) roost[\(getpid())]: \(content)\n"
    }
  }

  private static func json(_ level: LogLevel, _ text: String, _ moment: Moment) -> String {
    JSONValue.object([
      ("agent", .string("trace")), ("time", .string(moment.iso)), ("level", .string(level.rawValue.uppercased())),
      ("msg", .string(text)),
    ]).compactText
  }

  /// RFC 5424, 6.2.1: daemons have number 3, eight times which the severity is added to.
  private static let daemonFacility = 3 << 3

  private static func severity(of level: LogLevel) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .warn: 4
    case .error: 3
    case .critical, .off: 2
    }
  }
}

/// A time in UTC, as logs write it.
private struct Moment {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
  private var parts = tm()

  init(_ ns: Int64) {
    var seconds = time_t(ns / 1_000_000_000)
    gmtime_r(&seconds, &parts)
  }

  /// As in `2026-11-24T07:41:05Z`, RFC 3339 without parts of a second.
  var iso: String {
    "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(time)Z"
  }

  /// `Nov  4 07:41:05`, in UTC.
  var bsd: String {
    let month = Int(parts.tm_mon)
    let name = Self.months.indices.contains(month) ? Self.months[month] : "Jan"
    return "\(name) \(parts.tm_mday < 10 ? " " : "")\(parts.tm_mday) \(time)"
  }

  private var time: String { "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))" }

  private func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
