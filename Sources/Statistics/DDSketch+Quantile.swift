extension DDSketch {
  /// The value below which a share `q` (0…1) of the values lie; 0 when nothing was counted.
  package func quantile(_ q: Double) -> Double {
    guard count > 0 else { return 0 }
    let rank = max(0, min(1, q)) * Double(count - 1)
    var seen = Double(zeroCount)
    if seen > rank { return 0 }
    let used = usedBins
    for bin in used {
      seen += Double(bin.count)
      if seen > rank { return Self.value(ofIndex: bin.index) }
    }
    guard let last = used.last else { return 0 }
    return Self.value(ofIndex: last.index)
  }
}
