import Foundation

/// Texts under `fixtures/golden` that people or scripts read, kept as they were last looked at.
///
/// `ROOST_ACCEPT=1 swift test` writes what the tests now see; the change then shows in the diff to be committed.
public enum Golden {
  /// The text kept at `path`, to compare `text` with; a missing file reads as a hint how to make it.
  public static func text(_ path: String, accepting text: String) throws -> String {
    let file = Fixtures.folder.appending(path: "golden").appending(path: path)
    if ProcessInfo.processInfo.environment["ROOST_ACCEPT"] == "1" {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      return text
    }
    guard let data = try? Data(contentsOf: file) else { return "no \(file.path); ROOST_ACCEPT=1 swift test writes it" }
    return String(decoding: data, as: UTF8.self)
  }
}
