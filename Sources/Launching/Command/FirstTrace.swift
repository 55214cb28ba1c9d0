import Control

/// The line that reports the first trace.
package enum FirstTrace {
  /// `first trace from python 3.12, ddtrace 4.16 (pid 812, service shop) after 1.3 s`; what the client did not say is
  /// left out. Where the agent has a page, it ends in `, see http://127.0.0.1:8127`.
  package static func text(_ process: ProcessRow, after elapsed: Duration, page: String? = nil) -> String {
    let language = [process.language, shortVersion(process.languageVersion)].filter { !$0.isEmpty }
    let tracer = [library(process.language), shortVersion(process.tracerVersion)].filter { !$0.isEmpty }
    var client = language.joined(separator: " ")
    if !process.tracerVersion.isEmpty { client += (client.isEmpty ? "" : ", ") + tracer.joined(separator: " ") }
    let pid = process.pid > 0 ? ["pid \(process.pid)"] : []
    let service = process.service.isEmpty ? [] : ["service \(process.service)"]
    let about = (pid + service).joined(separator: ", ")
    return "first trace from \(client.isEmpty ? "an unknown client" : client)"
      + (about.isEmpty ? "" : " (\(about))") + " after \(seconds(elapsed))" + (page.map { ", see \($0)" } ?? "")
  }

  /// Of a trace that may or may not be the command's:
  /// `a trace of service shop arrived from pid 812, which has ended; whether it was the command's is not known`.
  package static func unclaimed(_ process: ProcessRow) -> String {
    let service = process.service.isEmpty ? "" : " of service \(process.service)"
    let sender = process.pid == 0 ? "a client that names no process" : "pid \(process.pid), which has ended"
    return "a trace\(service) arrived from \(sender); whether it was the command's is not known"
  }

  /// Seconds with one decimal, cut and not rounded: `1.3 s`.
  package static func seconds(_ duration: Duration) -> String {
    let (whole, attoseconds) = duration.components
    let tenths = max(0, whole) * 10 + max(0, attoseconds) / 100_000_000_000_000_000
    return "\(tenths / 10).\(tenths % 10) s"
  }

  /// Major and minor number, without what stands before them: `go1.22.1` is `1.22`.
  static func shortVersion(_ text: String) -> String {
    let digits = text.drop { !$0.isASCII || !$0.isNumber }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    let minor = parts.dropFirst().first?.prefix { $0.isASCII && $0.isNumber }
    let major = parts.first.map { String($0.prefix { $0.isASCII && $0.isNumber }) } ?? ""
    return minor.map { $0.isEmpty ? major : "\(major).\($0)" } ?? major
  }

  /// What the tracer of a language calls itself, by `Datadog-Meta-Lang`.
  static func library(_ language: String) -> String {
    switch language.lowercased() {
    case "python": "ddtrace"
    case "nodejs", "javascript": "dd-trace"
    case "ruby": "datadog"
    case "java", "jvm": "dd-java-agent"
    case "go": "dd-trace-go"
    case ".net", "dotnet": "dd-trace-dotnet"
    case "php": "dd-trace-php"
    case "cpp", "c++": "dd-trace-cpp"
    default: "tracer"
    }
  }
}
