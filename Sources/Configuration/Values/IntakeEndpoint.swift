/// A further intake that gets everything too: its address, and one of the keys for it.
package struct IntakeEndpoint: Sendable, Equatable {
  /// Where it is, without the endpoints of traces and statistics.
  package let url: HTTPURL
  /// What it knows the account by.
  package let key: APIKey
}

extension IntakeEndpoint: CustomStringConvertible {
  /// `https://trace.agent.datadoghq.eu …cdef`: nothing secret is in it.
  package var description: String { "\(url) \(key)" }
}

extension OptionSlot {
  /// A mapping of addresses to lists of keys; in a text as JSON. A single key may stand without a list.
  static func endpoints(
    _ node: YAMLNode, _ address: (String) throws(BadValue) -> HTTPURL = { (text) throws(BadValue) in try HTTPURL(text) }
  ) throws(BadValue) -> [IntakeEndpoint] {
    let shape = "a mapping of addresses to lists of keys is expected"
    var mapping = node
    var isInText = false
    if case .scalar(let text, _) = node.content {
      let json = String(ListText.withoutQuotes(text[...]))
      guard let document = try? YAMLDocument(Array(json.utf8)), let root = document.root else { throw BadValue(shape) }
      (mapping, isInText) = (root, true)
    }
    guard case .mapping(let entries) = mapping.content else { throw BadValue(shape) }
    var endpoints: [IntakeEndpoint] = []
    var faults: [BadValue] = []
    for (index, entry) in entries.enumerated() {
      do throws(BadValue) {
        let given = try address(entry.name)
        let keys = try list(entry.value, .commas).map(apiKey)
        endpoints += keys.map { IntakeEndpoint(url: given.withoutEndpoint ?? given, key: $0) }
      } catch {
        faults.append(BadValue("entry \(index + 1): \(error.message)", line: isInText ? nil : entry.line))
      }
    }
    if let fault = BadValue(faults) { throw fault }
    return endpoints
  }

  private static func apiKey(_ text: String) throws(BadValue) -> APIKey {
    guard let key = APIKey(text) else { throw BadValue("a key is empty") }
    return key
  }
}
