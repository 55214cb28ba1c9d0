/// Containers of which a runtime says something, by their ids: that holds for whoever names one of them. What a client says
/// of its own container is not in it.
struct DescribedContainers: Sendable {
  private struct Entry {
    let container: KnownContainer
    let notedNs: Int64
  }

  private var entries: [String: Entry] = [:]
  private let containersMax: Int

  /// - Parameter containersMax: that are remembered; those that were noted first make way.
  init(containersMax: Int) { self.containersMax = max(1, containersMax) }

  subscript(id: String) -> KnownContainer? { entries[id]?.container }

  /// Remembers a container, unless only its client has said something of it.
  mutating func note(_ container: KnownContainer, nowNs: Int64) {
    guard let shared = container.asDescribed else { return }
    if entries[shared.id] == nil, entries.count >= containersMax {
      let oldest = entries.map { ($0.key, $0.value.notedNs) }.sorted { $0.1 < $1.1 }
      for (id, _) in oldest.prefix(max(1, containersMax / 8)) { entries[id] = nil }
    }
    entries[shared.id] = Entry(container: shared, notedNs: nowNs)
  }
}
