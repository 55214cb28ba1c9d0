@testable import Statistics

extension LocalHistory {
  /// What is wrong with the hour; nothing unless this code is. O(keys and cells of all minutes).
  var brokenInvariants: [String] {
    var broken: [String] = []
    for periods in [minutes, steps] where Set(periods.map(\.startNs)).count != periods.count {
      broken.append("a minute or a step is there twice")
    }
    if minutes.contains(where: { $0.startNs % Self.minuteNs != 0 }) { broken.append("a minute begins within another") }
    let numbers = Set(keyNumbers.values)
    if numbers.count != keyNumbers.count { broken.append("two keys have one number") }
    if keyBytes != keyNumbers.keys.reduce(0, { $0 + $1.bytes }) { broken.append("the bytes of keys are not their sum") }
    if keyBytes > 2 * Self.keyBytesMax { broken.append("\(keyBytes) bytes of keys") }
    if cellBytes != (minutes + steps).reduce(0, { $0 + $1.bytes }) {
      broken.append("the bytes of cells are not their sum")
    }
    for minute in minutes + steps {
      if minute.cells.count > Self.keysPerPeriodMax + Self.collapsedPerPeriodMax {
        broken.append("\(minute.cells.count) keys in a minute")
      }
      if !numbers.isSuperset(of: minute.cells.keys) { broken.append("a cell has no key") }
      for cell in minute.cells.values.map(\.cell) { broken += cell.brokenInvariants }
    }
    return broken
  }
}

extension LocalCell {
  fileprivate var brokenInvariants: [String] {
    var broken = sketch.brokenInvariants
    if hits != sketch.count { broken.append("\(hits) hits and \(sketch.count) values in the sketch") }
    if errors > hits { broken.append("\(errors) errors of \(hits) hits") }
    return broken
  }
}
