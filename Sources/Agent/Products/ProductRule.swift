import Exporting
import Platform
import Receiver

/// How the requests of a product leave for its intakes: all that tells one product from another.
struct ProductRule: Sendable {
  let product: Product
  let paths: [ServedPath]
  /// The first one's answer goes back to the client. Empty without a key: then requests are taken and thrown away.
  let intakes: [ProductIntake]
  var timeout = Duration.seconds(5)
  /// Attempts that are made at each intake.
  var attemptsMax = 1
  /// Larger bodies get 413; `nil` leaves it to the bound of all requests.
  var bodyBytesMax: Int?
  /// The client is answered before the intake is asked, and never hears of it.
  var answersAtOnce = false
  /// Clients that know no 202 get 200.
  var turnsAcceptedIntoOK = false
  /// What leaves. Throws for what the product does not take.
  let depart: @Sendable (ProductRequest) throws(ProductRefusal) -> ProductDeparture
}

/// The rules by which products are passed on now: those of the start, until keys are replaced.
final class ProductRulesInForce: Sendable {
  private let rules: Lock<[ProductRule]>

  init(_ rules: [ProductRule]) { self.rules = Lock(rules) }

  /// All of them, in the order of the table.
  var all: [ProductRule] { rules.withLock { $0 } }

  /// Takes rules of the same configuration, but for its keys. Others would be in another order, and change nothing.
  func replace(by new: [ProductRule]) {
    rules.withLock { if $0.map(\.product) == new.map(\.product) { $0 = new } }
  }
}

/// What of each product is under way. A product may have several rules.
final class ProductLimitTable: Sendable {
  private let limits = Lock<[Product: ProductLimits]>([:])

  /// Whether a further request of a product has a place, which it takes then.
  func take(_ product: Product, bytes: Int) -> Bool {
    limits.withLock { $0[product, default: ProductLimits()].take(bytes: bytes) }
  }

  /// Gives a request's place back.
  func release(_ product: Product, bytes: Int) {
    limits.withLock { $0[product]?.release(bytes: bytes) }
  }
}

/// What of one product may be under way at once, so that an intake that is slow takes nobody else's place.
struct ProductLimits: Sendable {
  static let requestsMax = 100
  static let bytesMax = 25_000_000

  private var requests = 0
  private var bytes = 0

  /// Whether a further request has a place, which it takes then. One alone always has.
  mutating func take(bytes: Int) -> Bool {
    guard requests < Self.requestsMax, requests == 0 || self.bytes + bytes <= Self.bytesMax else { return false }
    requests += 1
    self.bytes += bytes
    return true
  }

  /// Gives a request's place back.
  mutating func release(bytes: Int) {
    requests -= 1
    self.bytes -= bytes
  }
}
