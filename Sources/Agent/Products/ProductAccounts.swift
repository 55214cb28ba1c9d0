import Control
import Platform

/// What became of the requests of each product. Requests of traces never come here.
final class ProductAccounts: Sendable {
  /// What one request came to.
  enum Ending: Sendable, Equatable {
    /// Its intake took it, or DogStatsD.
    case forwarded
    /// The agent answered it itself.
    case answered
    /// Taken and thrown away, because there is no API key.
    case discarded
    /// Its intake answered with an error.
    case refused(status: Int)
    case dropped(ProductDropReason)
    /// It never came whole; why is said by the receiver.
    case broken(String)
  }

  private let rows = Lock<[Product: ProductRow]>([:])

  /// Counts a request that has come.
  func receive(_ product: Product, bytes: Int, atNs: Int64) {
    change(product) { row in
      row.received.add(bytes)
      row.lastSeenNs = atNs
    }
  }

  /// A request that was counted as received has come to its end.
  func end(_ product: Product, bytes: Int, _ ending: Ending) {
    change(product) { row in
      switch ending {
      case .forwarded: row.forwarded.add(bytes)
      case .answered: row.answered.add(bytes)
      case .discarded: row.discarded.add(bytes)
      case .refused(let status): row.refused["\(status)", default: RequestCounts()].add(bytes)
      case .dropped(let reason): row.dropped[reason.rawValue, default: RequestCounts()].add(bytes)
      case .broken(let reason): row.dropped[reason, default: RequestCounts()].add(bytes)
      }
    }
  }

  /// A request of which some bytes may be lost has come to its end: the others were forwarded. It is itself among the
  /// forwarded ones only when nothing was lost, else where most was.
  func end(_ product: Product, bytes: Int, losing lost: [ProductDropReason: Int]) {
    let lost = lost.filter { $0.value > 0 }
    guard let main = lost.max(by: { $0.value < $1.value })?.key else {
      return end(product, bytes: bytes, .forwarded)
    }
    change(product) { row in
      row.forwarded.bytes &+= UInt64(clamping: bytes - lost.values.reduce(0, +))
      for (reason, bytes) in lost {
        row.dropped[reason.rawValue, default: RequestCounts()].bytes &+= UInt64(clamping: bytes)
      }
      row.dropped[main.rawValue, default: RequestCounts()].requests &+= 1
    }
  }

  /// A copy for a further intake was taken, or was not.
  func endCopy(_ product: Product, isTaken: Bool) {
    change(product) { row in
      if isTaken { row.copies &+= 1 } else { row.lostCopies &+= 1 }
    }
  }

  /// Those of which something came, in the order of the table of products.
  var all: [ProductRow] {
    let rows = rows.withLock { $0 }
    return Product.allCases.compactMap { rows[$0] }
  }

  private func change(_ product: Product, _ body: (inout ProductRow) -> Void) {
    rows.withLock { body(&$0[product, default: ProductRow(product: product.rawValue)]) }
  }
}

extension RequestCounts {
  mutating func add(_ bytes: Int) {
    requests &+= 1
    self.bytes &+= UInt64(clamping: bytes)
  }
}
