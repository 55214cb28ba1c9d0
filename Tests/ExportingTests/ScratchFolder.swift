import Foundation

/// A folder that is there as long as somebody holds this.
final class ScratchFolder {
  let path = FileManager.default.temporaryDirectory.appending(path: "roost-spool-\(UUID().uuidString)").path

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var isThere: Bool { FileManager.default.fileExists(atPath: path) }

  /// Paths of all files in it and in its folders, in the order of their names.
  var files: [String] {
    (FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []).sorted()
      .map { path + "/" + $0 }
      .filter { (try? FileManager.default.attributesOfItem(atPath: $0)[.type] as? FileAttributeType) == .typeRegular }
  }

  /// The segments of all spools in it.
  var segments: [String] { files.filter { $0.hasSuffix(".segment") } }

  /// Permission bits of a file or folder in it.
  static func mode(_ path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]) as? Int
  }
}
