import Configuration
import JSON
import Scrubbing

/// What the program of `secret_backend_command` answers: for each handle an object with `value` and `error`, one of which is
/// `null` or not there.
enum SecretAnswer {
  /// Characters that are shown of what a program says.
  static let errorShownMax = 300

  /// - Parameter handles: those that were asked for.
  static func read(
    _ bytes: [UInt8], _ handles: [String], removesTrailingLineBreak: Bool
  ) throws(SecretFailure) -> [String: Result<String, SecretFailure>] {
    // Where the answer is wrong is not shown: there are secrets in it.
    guard let value = try? JSONValue.parse(bytes), case .object(let members) = value else {
      throw SecretFailure("did not answer with a JSON object")
    }
    let answers = Dictionary(members) { $1 }
    var secrets: [String: Result<String, SecretFailure>] = [:]
    for handle in handles {
      secrets[handle] = secret(answers[handle], removesTrailingLineBreak: removesTrailingLineBreak)
    }
    return secrets
  }

  private static func secret(_ answer: JSONValue?, removesTrailingLineBreak: Bool) -> Result<String, SecretFailure> {
    guard case .object(let members) = answer else { return .failure(SecretFailure("the program does not know it")) }
    let fields = Dictionary(members) { $1 }
    if case .string(let error) = fields["error"], !error.isEmpty {
      // Programs repeat there what they were asked with, or were told.
      return .failure(SecretFailure(Scrubber.scrub(error, shownMax: errorShownMax)))
    }
    guard case .string(var secret) = fields["value"] else {
      return .failure(SecretFailure("the program gave no value"))
    }
    while removesTrailingLineBreak, let last = secret.last, last.isNewline { secret.removeLast() }
    guard !secret.isEmpty else { return .failure(SecretFailure("it is empty")) }
    return .success(secret)
  }
}
