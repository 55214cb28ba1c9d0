/// RST033: a server forks its workers, and the tracer's thread stays behind.
///
/// What is said of uWSGI was tried with uWSGI 2.0.30 and 2.0.31 and ddtrace 1.20, 2.21, 3.0 to 3.19 and 4.0 to 4.16.
enum ForkingServerRules {
  static func forkedServer(_ evidence: Evidence) -> [Finding] {
    var seen: Set<[String]> = []
    return evidence.processes.filter { seen.insert($0.commandLine).inserted }.compactMap { process in
      uwsgi(process) ?? gunicorn(process)
    }
  }

  /// What follows the program's name, where it is `name` or a script of that name that an interpreter runs.
  private static func arguments(of name: String, _ process: ProcessEvidence) -> [String]? {
    let words = process.commandLine
    guard let place = words.prefix(3).firstIndex(where: { commandName($0).hasPrefix(name) }) else { return nil }
    return Array(words.dropFirst(place + 1))
  }

  private static func gunicorn(_ process: ProcessEvidence) -> Finding? {
    guard let arguments = arguments(of: "gunicorn", process), process.language == "python" || process.language.isEmpty,
      process.tracer?.isAtLeast(1, 0) == false, arguments.contains("--preload") || arguments.contains("--preload-app")
    else { return nil }
    var finding = Finding(
      "RST033", .warning, "\(process.naming) loads the app before it forks, and this ddtrace loses its thread",
      because: ["--preload on the command line", "ddtrace \(process.tracer?.version ?? "") is older than 1.0"],
      fix: [
        Restart(removed: ["--preload", "--preload-app"]).line(process),
        "\(RequestRules.pip(process)) install --upgrade ddtrace   # or so: tracers of today keep their thread",
      ], pid: process.pid)
    finding.deniesArrival = true
    return finding
  }

  private static func uwsgi(_ process: ProcessEvidence) -> Finding? {
    guard let words = arguments(of: "uwsgi", process) ?? arguments(of: "pyuwsgi", process) else { return nil }
    let options = UWSGIOptions(words, process)
    guard !options.areInFile else { return nil }
    let tracer = process.tracer
    let isBootstrapped = process.setting("PYTHONPATH")?.contains("ddtrace/bootstrap") ?? false
    if options.forks, !options.loadsInWorkers || isBootstrapped, losesForkedThread(tracer) {
      return forked(process, options, isBootstrapped: isBootstrapped)
    }
    var missing: [String] = []
    if !options.hasThreads { missing.append("--enable-threads") }
    if options.hasSeveralProcesses, !options.loadsInWorkers { missing.append("--lazy-apps") }
    guard let tracer, !missing.isEmpty else { return nil }
    let isOld = tracer.isAtLeast(1, 0) == false
    let list = missing.joined(separator: " ")
    var finding = Finding(
      "RST033", isOld ? .warning : .note,
      "\(process.naming) runs without \(missing.joined(separator: " and ")), which ddtrace asks for",
      because: ["uWSGI was started without \(list)"]
        + (isOld
          ? [] : ["ddtrace 1.20 and later was seen to send traces all the same, but not to start its other products"]),
      fix: [Restart(added: missing).line(process)], pid: process.pid)
    finding.deniesArrival = isOld
    return finding
  }

  private static func forked(_ process: ProcessEvidence, _ options: UWSGIOptions, isBootstrapped: Bool) -> Finding {
    let version = process.tracer?.naming ?? "ddtrace"
    let missing = options.missingForFork
    let how = isBootstrapped ? "ddtrace-run loads the tracer before uWSGI forks" : "uWSGI loads the app before it forks"
    return Finding(
      "RST033", .problem,
      "The workers of \(process.naming) have no tracer thread: \(version) does not survive the fork",
      because: [
        how, "releases from 3.19 to 4.14 lose the thread that sends; older and newer do not",
      ],
      fix: [
        Restart(launcher: isBootstrapped ? "" : nil, added: missing).line(
          process, note: isBootstrapped ? "without ddtrace-run" : ""),
        "\(RequestRules.pip(process)) install --upgrade ddtrace",
      ], explains: ["RST034"], pid: process.pid)
  }

  /// The first releases whose sender is native do not start it again in a forked worker.
  private static func losesForkedThread(_ tracer: TracerEvidence?) -> Bool {
    guard let tracer, tracer.library == "ddtrace", let numbers = tracer.numbers else { return false }
    return numbers >= (3, 19) && numbers < (4, 15)
  }
}

/// What uWSGI was told on its command line and in its variables.
private struct UWSGIOptions {
  private let words: [String]
  private let process: ProcessEvidence
  /// By their letters; the value is that of `-p`.
  private let flags: [Character: String]

  init(_ words: [String], _ process: ProcessEvidence) {
    self.words = words
    flags = Self.flags(words)
    self.process = process
  }

  /// Options in a configuration file are not seen.
  var areInFile: Bool {
    ["ini", "xml", "yaml", "yml", "json", "emperor", "include"].contains(where: isSet)
      || words.contains { word in
        !word.hasPrefix("-") && [".ini", ".xml", ".yaml", ".yml", ".json"].contains { word.hasSuffix($0) }
      }
  }

  var hasThreads: Bool { isSet("enable-threads") || isSet("threads") || flags["T"] != nil }
  /// The app is loaded in each worker and not before the fork.
  var loadsInWorkers: Bool { isSet("lazy-apps") || isSet("lazy") }
  /// A number that is worked out by uWSGI, such as `%k`, counts as several.
  var hasSeveralProcesses: Bool {
    [value("processes"), value("workers"), flags["p"]].contains { count in
      count.map { Int($0).map { $0 > 1 } ?? true } ?? false
    }
  }
  /// A single process without a master serves by itself.
  var forks: Bool { hasSeveralProcesses || isSet("master") || flags["M"] != nil }

  var missingForFork: [String] {
    (hasThreads ? [] : ["--enable-threads"]) + (loadsInWorkers ? [] : ["--lazy-apps"]) + ["--import=ddtrace.auto"]
  }

  /// In a variable a switch may be turned off in these words, which uWSGI takes in any case of letters; on the command
  /// line it takes none.
  private func isSet(_ option: String) -> Bool {
    if onCommandLine(option) != nil { return true }
    guard let value = variable(option) else { return false }
    return !["false", "off", "no", "0"].contains(value.lowercased())
  }

  private func value(_ option: String) -> String? { onCommandLine(option) ?? variable(option) }

  /// What an option was given: behind `=`, or as the next word. Empty for an option that stands last.
  private func onCommandLine(_ option: String) -> String? {
    if let place = words.firstIndex(of: "--\(option)") { return words[(place + 1)...].first ?? "" }
    return words.first { $0.hasPrefix("--\(option)=") }.map { String($0.dropFirst(option.count + 3)) }
  }

  private func variable(_ option: String) -> String? {
    process.setting("UWSGI_" + option.uppercased().replacing("-", with: "_"))
  }

  /// Options of one letter, as far as they matter here; several may stand in one word, such as `-MTp4`.
  private static func flags(_ words: [String]) -> [Character: String] {
    var found: [Character: String] = [:]
    for (place, word) in words.enumerated() where word.hasPrefix("-") && !word.hasPrefix("--") {
      var rest = word.dropFirst()
      while let letter = rest.popFirst() {
        if letter == "p" { found["p"] = rest.isEmpty ? words[(place + 1)...].first ?? "" : String(rest) }
        // What stands behind any other letter may be its value.
        guard "MTCL".contains(letter) else { break }
        found[letter] = ""
      }
    }
    return found
  }
}
