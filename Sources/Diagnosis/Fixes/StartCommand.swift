import Scrubbing
import Text

/// What started a process, worked out from what is left of it: its command line and its variables.
///
/// `ddtrace-run` and `opentelemetry-instrument` replace themselves by the app; what stays of them is a folder of theirs on
/// `PYTHONPATH`.
struct StartCommand {
  /// What launched the app and is no longer on its command line: `ddtrace-run`, or its path; `nil` without one.
  let launcher: String?
  /// The app's own words, the program first; `nil` when they are not known whole.
  let words: [String]?
  /// Variables without which a runtime would not load what it loaded: `NODE_OPTIONS`, `RUBYOPT`, what is left of
  /// `PYTHONPATH`.
  let loading: [String: String]

  /// Words that a process has at most when all of them were read.
  private static let wordsMax = 63
  /// A longer word may have been cut.
  private static let wordBytesMax = 511

  init(_ process: ProcessEvidence) {
    let found = Self.launchers.lazy.compactMap { launcher in
      Self.entries(process).first { $0.hasSuffix(launcher.folder) }.map { (launcher, $0) }
    }.first
    let environment = found.flatMap { Self.environmentFolder(above: $0.0.folder, in: $0.1) }
    launcher = found.map { found in
      guard process.commandLine.first?.hasPrefix("/") == true, let environment else { return found.0.name }
      return Self.short("\(environment)/bin/\(found.0.name)", process)
    }
    words = Self.words(process)
    loading = Self.loading(process)
  }

  private static let launchers = [
    (name: "ddtrace-run", folder: "/ddtrace/bootstrap"),
    (name: "opentelemetry-instrument", folder: "/opentelemetry/instrumentation/auto_instrumentation"),
  ]

  private static func entries(_ process: ProcessEvidence) -> [String] {
    (process.setting("PYTHONPATH") ?? "").split(separator: ":").map(String.init)
  }

  /// `/srv/shop/.venv` of `/srv/shop/.venv/lib/python3.13/site-packages` and what `folder` says behind it.
  private static func environmentFolder(above folder: String, in entry: String) -> String? {
    let parts = entry.dropLast(folder.count).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count > 3, parts[parts.count - 3] == "lib", parts[parts.count - 2].hasPrefix("python") else {
      return nil
    }
    return parts.dropLast(3).joined(separator: "/")
  }

  /// `ddtrace-run` as the process would find it: beside its own interpreter, by the folder in which its tracer lies, or
  /// by its name where the system's interpreter runs it.
  static func ddtraceRun(_ process: ProcessEvidence) -> String {
    let name = launchers[0].name
    guard let program = process.commandLine.first, program.hasPrefix("/") else { return name }
    if let packages = process.installedTracer?.seenIn, let folder = environmentFolder(above: "", in: packages) {
      return short("\(folder)/bin/\(name)", process)
    }
    let folder = program[..<(program.lastIndex(of: "/") ?? program.startIndex)]
    return folder == "/usr/bin" || !commandName(program).hasPrefix("python")
      ? name : short("\(folder)/\(name)", process)
  }

  /// A program of an activated environment by its name, as it was typed.
  private static func short(_ program: String, _ process: ProcessEvidence) -> String {
    guard let environment = process.setting("VIRTUAL_ENV"), program.hasPrefix("\(environment)/bin/") else {
      return program
    }
    return String(program.dropFirst(environment.utf8.count + "/bin/".utf8.count))
  }

  private static func words(_ process: ProcessEvidence) -> [String]? {
    var words = process.commandLine
    guard let program = words.first, words.count <= wordsMax, words.allSatisfy(isWhole),
      // A title in place of a command line, a login shell, an assignment.
      !program.isEmpty, !program.hasSuffix(":"), !program.hasPrefix("-"),
      !program.contains(where: { $0 == " " || $0 == "=" }),
      // Started by another process of the app, with descriptors of that one.
      !words.contains("--multiprocessing-fork")
    else { return nil }
    if words.count > 1, isScriptOfSameFolder(words[1], as: program) { words.removeFirst() }
    words[0] = short(words[0], process)
    return words
  }

  /// Nothing was taken out of it or cut off, and a terminal shows it as it is.
  static func isWhole(_ word: String) -> Bool {
    !word.contains(Scrubber.mark) && word.utf8.count <= wordBytesMax && safeText(word) == word
  }

  /// `/venv/bin/flask` beside `/venv/bin/python`: the script names that interpreter itself.
  private static func isScriptOfSameFolder(_ script: String, as program: String) -> Bool {
    guard program.hasPrefix("/"), let end = program.lastIndex(of: "/"), program[end...].hasPrefix("/python") else {
      return false
    }
    let name = script.dropFirst(program[...end].count)
    return script.hasPrefix(program[...end]) && !name.contains("/") && !name.hasSuffix(".py")
      && !name.hasPrefix("python")
  }

  private static let loadingNames = [
    "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "RUBYOPT", "DOTNET_STARTUP_HOOKS",
    "PHP_INI_SCAN_DIR",
  ]

  private static func loading(_ process: ProcessEvidence) -> [String: String] {
    var kept = process.environment.filter { name, value in
      !value.isEmpty && (loadingNames.contains(name) || name.hasPrefix("CORECLR_") || name.hasPrefix("COR_"))
    }
    // Injectors preload a library of theirs; others preload what has nothing to do with tracing.
    if let preloaded = process.setting("LD_PRELOAD"), preloaded.lowercased().contains("datadog") {
      kept["LD_PRELOAD"] = preloaded
    }
    let path = entries(process).filter { entry in !launchers.contains { entry.hasSuffix($0.folder) } }
    if !path.isEmpty { kept["PYTHONPATH"] = path.joined(separator: ":") }
    return kept
  }
}
