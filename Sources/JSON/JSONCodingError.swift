/// Why a document does not fit the type it was read as.
package struct JSONCodingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Keys and positions that lead to the place, such as `processes[2].pid`; empty for the document itself.
  package let path: String
  package let problem: String

  package var description: String { path.isEmpty ? problem : "\(path): \(problem)" }

  init(path: [any CodingKey], problem: String) {
    self.path = path.reduce(into: "") { text, key in
      if let position = key.intValue {
        text += "[\(position)]"
      } else {
        text += (text.isEmpty ? "" : ".") + key.stringValue
      }
    }
    self.problem = problem
  }

  init(_ error: DecodingError) {
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      self.init(path: context.codingPath, problem: context.debugDescription)
    case .keyNotFound(let key, let context):
      self.init(path: context.codingPath, problem: "\"\(SnakeCase.of(key.stringValue))\" is missing")
    @unknown default:
      self.init(path: [], problem: "does not fit")
    }
  }
}
