import Text

extension QueryField {
  /// What is said of a name before a colon that hardly is a tag's, because it is nearly a field's or what a field is
  /// called elsewhere; `nil` for any other name. With an `@` in front of it, each is a tag.
  static func mistake(_ name: String) -> String? {
    guard QueryField(name: name) == nil else { return nil }
    let lowercase = name.lowercased()
    let instead: String
    if let known = otherNames[lowercase] {
      instead = known
    } else if let near = nearest(to: lowercase) {
      instead = "did you mean \(near):?"
    } else {
      return nil
    }
    return "\"\(name)\" is no field; \(instead) A tag of that name is @\(name):"
  }

  /// What people type for a field, with what is written here: a clause that ends with a stop or a question mark.
  private static let otherNames: [String: String] = [
    "error": "status:error finds traces with a failed span.",
    "name": "did you mean operation: or resource:?",
    "environment": "did you mean env:?", "svc": "did you mean service:?", "op": "did you mean operation:?",
    "traceid": "did you mean trace:?", "trace.id": "did you mean trace:?",
    "tag": "a tag is named itself, such as http.method:GET.", "tags": "a tag is named itself, such as http.method:GET.",
    "meta": "a tag is named itself, such as http.method:GET.",
    "since": "--since says from when on.", "until": "--until says up to when.",
  ]

  /// The field's name that is one slip away, or the only one that begins with three letters and more. Two slips would make
  /// `service` of `device`, which may well be a tag.
  private static func nearest(to name: String) -> String? {
    let names = TraceFilter.fieldNames
    if let near = names.first(where: { SpellingDistance.between(name, $0).map { $0 <= 1 } ?? false }) { return near }
    let beginnings = names.filter { name.utf8.count >= 3 && $0.hasPrefix(name) }
    return beginnings.count == 1 ? beginnings[0] : nil
  }
}
