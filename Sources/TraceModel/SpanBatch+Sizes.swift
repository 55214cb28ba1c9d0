extension SpanBatch {
  /// How much each array holds that stages behind decoding append to.
  public struct Sizes: BitwiseCopyable, Sendable {
    fileprivate var sideArena = 0
    fileprivate var meta = 0
    fileprivate var metrics = 0
    fileprivate var addedMetrics = 0
    fileprivate var typedAttributes = 0

    public init() {}
  }

  /// What these arrays hold now.
  public var sizes: Sizes {
    var sizes = Sizes()
    (sizes.sideArena, sizes.meta, sizes.metrics) = (sideArena.count, meta.count, metrics.count)
    (sizes.addedMetrics, sizes.typedAttributes) = (addedMetrics.count, typedAttributes.count)
    return sizes
  }

  /// Forgets what was appended since these arrays had `sizes`. No span or chunk that is still looked at may refer to it.
  public mutating func truncate(to sizes: Sizes) {
    sideArena.truncate(to: sizes.sideArena)
    meta.truncate(to: sizes.meta)
    metrics.truncate(to: sizes.metrics)
    addedMetrics.truncate(to: sizes.addedMetrics)
    typedAttributes.truncate(to: sizes.typedAttributes)
  }
}
