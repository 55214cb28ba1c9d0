import Traces

/// Where the traces of a filter can be: blocks, and what the bytes of a chunk in them have to hold. Every trace that
/// matches has a chunk there.
struct CandidateBlocks {
  /// Numbers of the blocks; `nil` for all.
  var blocks: Set<Int64>?
  var words: WordCondition = .any
  /// Only chunks with a failed span count.
  var needsError = false

  /// Every block, because nothing narrows the search.
  static let all = CandidateBlocks(blocks: nil)
}

extension TraceDatabase {
  /// The fewest blocks that have to be looked at. A trace may have its chunks in several blocks, so that of several
  /// conditions that must all hold only one can be used: the rarest.
  func candidates(for filter: TraceFilter, sinceNs: Int64) throws(StoreError) -> CandidateBlocks {
    switch filter {
    case .not: return .all
    case .condition(.hasError(true)):
      return CandidateBlocks(blocks: Set(blocks.lazy.filter { $0.errors > 0 }.map(\.id)), needsError: true)
    case .condition(let condition):
      let words = WordCondition(condition)
      return CandidateBlocks(blocks: try candidates(of: words, sinceNs: sinceNs), words: words)
    case .and(let filters):
      var rarest = CandidateBlocks.all
      for filter in filters {
        let other = try candidates(for: filter, sinceNs: sinceNs)
        if let count = other.blocks?.count, count < rarest.blocks?.count ?? .max { rarest = other }
      }
      return rarest
    case .or(let filters):
      var either = CandidateBlocks(blocks: [], words: .or([]), needsError: true)
      for filter in filters {
        let other = try candidates(for: filter, sinceNs: sinceNs)
        guard let more = other.blocks else { return .all }
        either.blocks?.formUnion(more)
        // Without words each chunk of the other's blocks counts, and so each of all of them.
        if other.words == .any { either.words = .any }
        if case .or(let words) = either.words { either.words = .or(words + [other.words]) }
        either.needsError = either.needsError && other.needsError
      }
      return either
    }
  }

  /// Blocks that may have a chunk with such words; `nil` for all.
  func candidates(of words: WordCondition, sinceNs: Int64) throws(StoreError) -> Set<Int64>? {
    guard let query = words.query else { return nil }
    return try blocks(matching: query, sinceNs: sinceNs)
  }

  /// Blocks whose words match a query of the full-text index, and those that have none yet.
  private func blocks(matching query: String, sinceNs: Int64) throws(StoreError) -> Set<Int64> {
    var found = Set(blocks.lazy.filter { !$0.isSealed }.map(\.id))
    let segments = Set(blocks.lazy.filter { $0.isSealed && $0.maxStartNs >= sinceNs }.map(\.segment))
    for segment in segments {
      do throws(StoreError) {
        let rows = try database.prepare("SELECT rowid FROM words_\(segment) WHERE words_\(segment) MATCH ?")
        try rows.bind(0, query)
        while try rows.step() { found.insert(rows.integer(0)) }
      } catch {
        // Where the words of a segment are damaged, all of its blocks have to be looked at.
        guard case .failed = error else { throw error }
        found.formUnion(blocks.lazy.filter { $0.segment == segment }.map(\.id))
      }
    }
    return found
  }
}
