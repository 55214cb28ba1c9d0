/// The text about one diagnosis: what `roost explain`, docs/troubleshooting.md and the reports show of it.
///
/// Each stands in a file of its own under `Explanations/`, named by its id.
package struct Explanation: Sendable {
  /// `RST001` … `RST058`; never reused.
  package let id: String
  /// The diagnosis's name in lists and headings: under 100 characters, without a full stop.
  package let name: String
  /// Lines of logs behind which it may be, as programs write them; the reader of logs knows each.
  package let lines: [String]
  /// What else a person may notice of it, in words.
  package let signs: [String]
  /// Several sentences: what happens, why, how to be sure, what to do. Empty lines part its paragraphs.
  package let text: String

  package init(id: String, name: String, lines: [String] = [], signs: [String] = [], text: String) {
    self.id = id
    self.name = name
    self.lines = lines
    self.signs = signs
    self.text = text
  }
}
