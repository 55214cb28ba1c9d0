import Diagnosis
import JSON
import Platform

/// Tracers that lie where a program would load them from, with their versions. Looks through the process's own root.
struct InstalledTracers {
  let files: FileTree
  let process: RawProcess
  /// Files in the process's memory.
  let mapped: Set<String>

  /// Where packages are searched; more places than any program has.
  private static let placesMax = 64

  /// `nil` when there is none, or for a language whose packages cannot be found by their folders.
  func find(language: String) -> TracerEvidence? {
    switch language {
    case "python":
      return pythonFolders().lazy.compactMap { pythonPackage(in: $0) }.first
    case "nodejs":
      return nodeFolders().lazy.compactMap { nodePackage(in: $0) }.first
    default: return nil
    }
  }

  /// Folders in which Python looks for packages, the surest first.
  private func pythonFolders() -> [String] {
    var folders: [String] = []
    for path in mapped.sorted() {
      for marker in ["/site-packages/", "/dist-packages/"] {
        guard let end = Self.end(of: marker, in: path) else { continue }
        folders.append(String(path.prefix(end - 1)))
      }
    }
    var prefixes = [process.environment?["VIRTUAL_ENV"] ?? ""]
    for program in [process.arguments.first ?? "", process.executable] where program.hasPrefix("/") {
      prefixes.append(Self.parent(of: Self.parent(of: program)))
    }
    for prefix in prefixes where !prefix.isEmpty {
      for name in ((try? files.list("\(prefix)/lib")) ?? []).sorted() where name.hasPrefix("python") {
        folders += ["\(prefix)/lib/\(name)/site-packages", "\(prefix)/lib/\(name)/dist-packages"]
      }
    }
    let path = process.environment?["PYTHONPATH"] ?? ""
    folders += path.split(separator: ":").map { String($0) }.filter { $0.hasPrefix("/") }
    var seen: Set<String> = []
    return Array(folders.filter { seen.insert($0).inserted }.prefix(Self.placesMax))
  }

  /// `ddtrace-4.16.0.dist-info` or `ddtrace-0.10.1-py2.7.egg-info` beside the package.
  private func pythonPackage(in folder: String) -> TracerEvidence? {
    guard (try? files.status("\(folder)/ddtrace"))?.isDirectory == true else { return nil }
    let names = (try? files.list(folder)) ?? []
    let information = names.first {
      $0.hasPrefix("ddtrace-") && ($0.hasSuffix(".dist-info") || $0.hasSuffix(".egg-info"))
    }
    let version = information?.dropFirst("ddtrace-".count).prefix { $0.isNumber || $0 == "." } ?? ""
    let numbers = version.hasSuffix(".") ? version.dropLast() : version
    return TracerEvidence(library: "ddtrace", version: String(numbers), seenIn: folder)
  }

  /// `node_modules` of the script's folder, of the working folder, and of the folders above them.
  private func nodeFolders() -> [String] {
    var starts = [process.workingFolder]
    if let script = process.arguments.dropFirst().first(where: { !$0.hasPrefix("-") }) {
      starts.insert(Self.parent(of: script.hasPrefix("/") ? script : "\(process.workingFolder)/\(script)"), at: 0)
    }
    var folders: [String] = []
    for start in starts where start.hasPrefix("/") {
      var folder = start
      while folders.count < Self.placesMax {
        folders.append(folder == "/" ? "/node_modules" : "\(folder)/node_modules")
        if folder == "/" || folder.isEmpty { break }
        folder = Self.parent(of: folder)
      }
    }
    return folders
  }

  private func nodePackage(in folder: String) -> TracerEvidence? {
    guard let text = try? files.text("\(folder)/dd-trace/package.json", limit: 1 << 20),
      let version = (try? JSONValue.parse(text))?["version"]?.string
    else { return nil }
    return TracerEvidence(library: "dd-trace-js", version: version, seenIn: folder)
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  /// The number of characters up to the end of `marker`.
  private static func end(of marker: String, in path: String) -> Int? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let position = parts.firstIndex(of: marker.dropFirst().dropLast()) else { return nil }
    return parts[...position].reduce(0) { $0 + $1.count + 1 }
  }
}
