extension LogPattern {
  /// Errors of connections as runtimes print them, without a word of who wanted to connect. `parts` are how such lines
  /// begin, each by itself. They are an app's line to its agent when they name the agent's port, when they stand alone
  /// in what was pasted, or behind a tracer's line.
  static let bare: [LogPattern] = [
    bare(
      "python", "a Python program could not connect",
      [
        "[Errno ", "ConnectionRefusedError", "ConnectionResetError", "ConnectionError", "TimeoutError", "OSError",
        "IOError", "socket.", "error: [Errno ", "requests.exceptions.", "urllib3.exceptions.", "urllib.error.URLError",
        "<urlopen error ", "ssl.SSLError", "http.client.", "httplib.", "httpx.", "HTTPConnectionPool(",
      ], example: "[Errno 61] Connection refused"),
    bare(
      "nodejs", "a Node program could not connect",
      [
        "connect E", "getaddrinfo E", "AggregateError", "FetchError", "TypeError: fetch failed", "read E", "write E",
        "socket hang up",
        "TypeError [ERR_INVALID_URL]",
      ],
      example: "connect ECONNREFUSED 127.0.0.1:8126"),
    bare(
      "go", "a Go program could not connect", ["dial tcp", "dial unix", "Post ", "Put ", "Get "],
      example: "dial tcp: lookup agent: no such host"),
    bare(
      "java", "a Java program could not connect",
      [
        "java.net.", "java.io.IOException", "java.nio.channels.", "java.util.concurrent.", "javax.net.ssl.", "okhttp3.",
      ],
      example: "java.net.ConnectException: Connection refused (Connection refused)"),
    bare(
      "ruby", "a Ruby program could not connect",
      [
        "Errno::E", "Net::OpenTimeout", "Net::ReadTimeout", "SocketError", "Failed to open TCP connection",
        "URI::InvalidURIError", "ArgumentError: too long unix socket path",
      ],
      example: "Errno::ECONNREFUSED: Connection refused - connect(2)"),
    bare(
      "php", "a PHP program could not connect", ["cURL error ", "curl_exec(", "file_get_contents(", "fsockopen("],
      example: "cURL error 7: Failed to connect: Connection refused"),
    bare(
      "dotnet", "a .NET program could not connect", ["System.Net."],
      example: "System.Net.Sockets.SocketException (111): Connection refused"),
    bare(
      "any", "a program could not connect",
      [
        "Connection refused", "connection refused", "ECONNREFUSED", "Connection timed out", "Failed to connect to ",
        "curl: (", "No route to host", "Connection reset by peer", "path must be shorter than SUN_LEN",
      ], example: "Connection refused (os error 111)"),
  ]

  private static func bare(
    _ language: String, _ meaning: String, _ beginnings: [String], example: String
  ) -> LogPattern {
    LogPattern("\(language).bare", beginnings, meaning, hidesError: true, isAnybodys: true, example: example)
  }

  /// What may stand before such an error without saying more.
  private static let introductions = [
    "Error: ", "Uncaught ", "error: ", "ERROR: ", "E   ", "Caused by: ", "Exception in thread \"main\" ", "panic: ",
    "Fatal error: ", "Warning: ",
  ]

  /// Whether such a line may begin with this byte: most lines of a log begin with a time.
  private static let bareFirst: [Bool] = {
    var isFirst = [Bool](repeating: false, count: 256)
    for byte in (introductions + bare.flatMap(\.parts)).compactMap(\.utf8.first) { isFirst[Int(byte)] = true }
    return isFirst
  }()

  /// Failures of a connection; others are of anything, such as a file that is not there.
  private static let bareErrors: Set<String> = [
    "ECONNREFUSED", "ETIMEDOUT", "ECONNRESET", "EHOSTUNREACH", "ENOTFOUND", "EAI_AGAIN", "EADDRNOTAVAIL", "EPROTOTYPE",
    "WRONG_VERSION_NUMBER", "INVALID_URL", "ENAMETOOLONG",
  ]
  private static let socketErrors: Set<String> = ["ENOENT", "EACCES"]

  /// The kind of bare error that a line is; `nil` for every other line.
  static func bareMatch(_ line: LogText) -> LogPattern? {
    var start = line.bytes.firstIndex { $0 != 0x20 && $0 != 0x09 } ?? line.bytes.count
    guard start < line.bytes.count, bareFirst[Int(line.bytes[start])] else { return nil }
    for introduction in introductions where line.bytes[start...].starts(with: introduction.utf8) {
      // `error: [Errno 111]` is how Python 2 begins.
      start += introduction.utf8.count
    }
    let rest = line.bytes[start...]
    guard let first = rest.first, bareFirst[Int(first)], let pattern = bare.first(where: { $0.begins(rest, first) }),
      let error = LogError.found(in: line)?.name
    else { return nil }
    let isOfSocket = socketErrors.contains(error) && LogAddress.found(in: line)?.hasPrefix("unix:") == true
    return bareErrors.contains(error) || isOfSocket ? pattern : nil
  }

  private func begins(_ line: ArraySlice<UInt8>, _ first: UInt8) -> Bool {
    parts.contains { $0.utf8.first == first && line.starts(with: $0.utf8) }
  }
}
