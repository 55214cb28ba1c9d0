import Diagnosis

/// The language a program is written in, recognized by the name of what runs it.
enum ProgramLanguage {
  private static let programs: [(prefix: String, language: String)] = [
    ("python", "python"), ("pypy", "python"), ("uwsgi", "python"), ("gunicorn", "python"), ("celery", "python"),
    ("uvicorn", "python"), ("nodejs", "nodejs"), ("node", "nodejs"), ("bun", "nodejs"), ("ruby", "ruby"),
    ("puma", "ruby"), ("unicorn", "ruby"), ("jruby", "ruby"), ("java", "java"), ("dotnet", "dotnet"), ("php", "php"),
    ("apache2", "php"), ("httpd", "php"), ("frankenphp", "php"), ("nginx", "cpp"),
  ]

  /// As in `ProcessEvidence.language`; empty when the name does not say.
  static func of(executable: String, name: String, arguments: [String]) -> String {
    for candidate in [executable, arguments.first ?? "", name] {
      let base = baseName(candidate)
      if let found = programs.first(where: { isProgram(base, $0.prefix) }) { return found.language }
    }
    return ""
  }

  /// `python3.12` is `python`, `php-fpm8.2` is `php`; `node_exporter` is not `node`.
  private static func isProgram(_ name: String, _ prefix: String) -> Bool {
    guard name.hasPrefix(prefix) else { return false }
    let rest = name.dropFirst(prefix.count)
    if rest.hasPrefix("-fpm") || rest.hasPrefix("-cgi") || rest.hasPrefix("_plugin") { return true }
    return rest.allSatisfy { $0.isNumber || $0 == "." || $0 == "-" } || rest == "w" || rest.hasPrefix(":")
  }

  /// The last part of a path, or of the first word of a title such as `gunicorn: worker [app]`.
  static func baseName(_ path: String) -> String {
    let word = path.hasPrefix("/") ? Substring(path) : path.prefix { $0 != " " }
    return String(word[(word.lastIndex(of: "/").map(word.index(after:)) ?? word.startIndex)...])
  }

  /// The name up to its version, so that `python3.12` becomes `python`.
  static func withoutVersion(_ name: String) -> String {
    var end = name.endIndex
    while end > name.startIndex {
      let before = name.index(before: end)
      guard name[before].isNumber || name[before] == "." || name[before] == "-" else { break }
      end = before
    }
    return String(name[..<end])
  }
}
