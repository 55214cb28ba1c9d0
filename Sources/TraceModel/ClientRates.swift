/// Which rates that clients say they sampled at are believed.
///
/// A span counts for as many as the inverse of its rate says, so that a senseless rate would make any number of hits.
public enum ClientRates {
  /// Spans that one span may stand for at most.
  public static let spansPerSpanMax = 1_000_000.0
  /// The lowest rate that makes sense.
  public static let lowest = 1 / spansPerSpanMax

  /// Whether a rate makes sense: neither 0 nor above 1, and a number.
  @inlinable public static func makesSense(_ rate: Double) -> Bool { rate >= lowest && rate <= 1 }

  /// How many spans one stands for that was sampled at a rate; 1 where that makes no sense.
  @inlinable public static func weight(_ rate: Double) -> Double { makesSense(rate) ? 1 / rate : 1 }
}
