extension Style {
  /// Without red, which is for failures.
  private static let ofServices: [Style] = [
    .cyan, .magenta, .blue, .good, .warning, .brightCyan, .brightMagenta, .brightBlue, .brightGreen, .brightYellow,
  ]

  /// The colour of a service: the same for its name everywhere, in every report and on every day.
  static func ofService(_ name: String) -> Style {
    let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return ofServices[Int((hash >> 32) % UInt64(ofServices.count))]
  }
}
