import Patterns
import TraceModel

/// Replaces what patterns match in tags, resources and attributes of events, rule by rule in the order of the
/// configuration. A text of which a rule cannot tell what to replace becomes `?` as a whole.
struct ReplacingStep: ProcessingStep {
  private enum Target: Sendable {
    /// All tags whose names do not begin with `_`, and the resource.
    case all
    case resource
    case tag([UInt8])
  }

  struct Rule: Sendable {
    private let target: Target
    let replacement: Replacement
    /// What texts are taken for in the batch's memory of rewritten texts.
    let purpose: UInt32
    var trial: PatternTrial
    let name: String

    init(_ rule: ReplaceRule, _ number: Int) {
      name = rule.name
      target =
        switch rule.name {
        case "*": .all
        case "resource.name": .resource
        default: .tag(Array(rule.name.utf8))
        }
      replacement = rule.replacement
      // Known keys and statements stand for what obfuscating takes texts for.
      purpose = UInt32(clamping: 4 << 16 + number)
      trial = PatternTrial(rule.pattern)
    }

    var changesResource: Bool {
      switch target {
      case .all, .resource: true
      case .tag: false
      }
    }

    var changesTags: Bool { if case .resource = target { false } else { true } }

    /// Whether it is about tags of one name, which may also lie within others.
    var isOfOneTag: Bool { if case .tag = target { true } else { false } }

    /// Whether the rule is about a tag of this name.
    @inline(__always) func isAbout(_ key: UnsafeRawBufferPointer) -> Bool {
      switch target {
      case .all: key.first != UInt8(ascii: "_")
      case .resource: false
      case .tag(let name): name.withUnsafeBytes { ByteString.equal(key, $0) }
      }
    }
  }

  let name = "replace_tags"
  var worksOnStatistics: Bool { true }
  private var rules: [Rule]

  init(rules: [ReplaceRule]) {
    self.rules = rules.enumerated().map { Rule($1, $0) }
  }

  var undecided: [ProcessingCounts.Undecided] {
    rules.map { rule in
      ProcessingCounts.Undecided(
        step: name, rule: "\(rule.name):\(rule.trial.pattern.text)", texts: rule.trial.undecided)
    }
  }

  mutating func begin(_ batch: inout SpanBatch, _ context: inout ProcessingContext) {
    for index in rules.indices { rules[index].trial.begin() }
  }

  mutating func process(
    _ batch: inout SpanBatch, chunk: Int, _ context: inout ProcessingContext
  ) -> RemovalReason? {
    // Span by span: a span that gets more texts moves to the end of all texts, which it should only once.
    for span in batch.chunks[chunk].spans.range {
      for index in rules.indices {
        rules[index].apply(to: &batch, span, &context.rewriting, &context.patterns)
      }
    }
    return nil
  }
}

extension ReplacingStep.Rule {
  fileprivate mutating func apply(
    to batch: inout SpanBatch, _ index: Int, _ rewriting: inout Rewriting, _ matcher: inout PatternMatcher
  ) {
    if changesResource {
      batch.spans[index].resource = replaced(batch.spans[index].resource, &batch, &rewriting, &matcher)
      batch.changeOwnName(ofSpanAt: index) { replaced($0, &$1, &rewriting, &matcher) }
    }
    guard changesTags else { return }
    let span = batch.spans[index]
    for entry in span.meta.range where batch.meta[entry].known != .removed {
      guard isAbout(batch.bytes(batch.meta[entry].key)) else { continue }
      batch.meta[entry].value = replaced(batch.meta[entry].value, &batch, &rewriting, &matcher)
    }
    for entry in span.metrics.range where batch.metrics[entry].known != .removed {
      guard isAbout(batch.bytes(batch.metrics[entry].key)) else { continue }
      replaceNumber(&batch, index, entry, &rewriting, &matcher)
    }
    replaceTyped(&batch, span.typed, &rewriting, &matcher)
    for event in span.events.range { replaceTyped(&batch, batch.events[event].attributes, &rewriting, &matcher) }
    for link in span.links.range {
      for entry in batch.links[link].attributes.range where isAbout(batch.bytes(batch.linkAttributes[entry].key)) {
        let value = batch.linkAttributes[entry].value
        batch.linkAttributes[entry].value = replaced(value, &batch, &rewriting, &matcher)
      }
      replaceTyped(&batch, batch.links[link].typed, &rewriting, &matcher)
    }
  }

  private mutating func replaced(
    _ raw: ByteSlice, _ batch: inout SpanBatch, _ rewriting: inout Rewriting, _ matcher: inout PatternMatcher
  ) -> ByteSlice {
    rewriting.replace(raw, purpose, &batch) { text, out in
      trial.replace { matcher.replaceAll($0, by: replacement, in: text, to: &out, effort: $1) }
    }
  }

  /// A number is taken as its text. What is no number any more moves to the texts.
  private mutating func replaceNumber(
    _ batch: inout SpanBatch, _ index: Int, _ entry: Int, _ rewriting: inout Rewriting,
    _ matcher: inout PatternMatcher
  ) {
    let metric = batch.metrics[entry]
    guard let text = replacedText(NumberText(metric.value), &batch, &rewriting, &matcher) else { return }
    if let number = NumberText.number(batch.bytes(text)) {
      batch.metrics[entry].value = number
      batch.metrics[entry].isInteger = metric.isInteger && number == number.rounded()
      return
    }
    batch.metrics[entry].known = .removed
    for other in batch.spans[index].meta.range where batch.equal(batch.meta[other].key, metric.key) {
      if batch.meta[other].known != .removed { return batch.meta[other].value = text }
    }
    // Whether a number's key is a peer tag was not noted: statistics look again at every key that may be one.
    batch.addMeta(
      MetaEntry(key: metric.key, value: text, known: metric.known), isPeerTag: metric.known != .unknown,
      ofSpanAt: index)
  }

  /// What becomes of the text of a number or a truth value; `nil` when the rule leaves it as it is.
  private mutating func replacedText(
    _ number: NumberText, _ batch: inout SpanBatch, _ rewriting: inout Rewriting, _ matcher: inout PatternMatcher
  ) -> ByteSlice? {
    var number = number
    return number.withBytes { bytes in
      rewriting.replace(bytes, &batch) { text, out in
        trial.replace { matcher.replaceAll($0, by: replacement, in: text, to: &out, effort: $1) }
      }
    }
  }

  /// Replaces in attributes, and in the values within theirs.
  /// - Parameters:
  ///   - depth: of the values, which lie within each other no deeper than `AnyValueRecord.depthMax`.
  ///   - isWithin: whether they are the entries of an attribute that the rule is about.
  private mutating func replaceTyped(
    _ batch: inout SpanBatch, _ attributes: IndexRange, _ rewriting: inout Rewriting, _ matcher: inout PatternMatcher,
    depth: Int = 0, isWithin: Bool = false
  ) {
    for entry in attributes.range {
      let value = batch.typedAttributes[entry].value
      let applies = isWithin || isAbout(batch.bytes(batch.typedAttributes[entry].key))
      if applies { batch.typedAttributes[entry].value = replaced(value, &batch, &rewriting, &matcher) }
      replaceInside(value, &batch, &rewriting, &matcher, depth: depth, isWithin: applies)
    }
  }

  private mutating func replaceInside(
    _ value: AnyValueRecord, _ batch: inout SpanBatch, _ rewriting: inout Rewriting, _ matcher: inout PatternMatcher,
    depth: Int, isWithin: Bool
  ) {
    guard depth < AnyValueRecord.depthMax, isWithin || isOfOneTag else { return }
    if value.type == 4 {
      for element in value.array.range {
        let inner = batch.arrayValues[element]
        if isWithin { batch.arrayValues[element] = replaced(inner, &batch, &rewriting, &matcher) }
        replaceInside(inner, &batch, &rewriting, &matcher, depth: depth + 1, isWithin: isWithin)
      }
    }
    replaceTyped(&batch, value.keyValues, &rewriting, &matcher, depth: depth + 1, isWithin: isWithin)
  }

  /// A text stays one. Of what else is replaced the type is what the new text looks like.
  private mutating func replaced(
    _ value: AnyValueRecord, _ batch: inout SpanBatch, _ rewriting: inout Rewriting, _ matcher: inout PatternMatcher
  ) -> AnyValueRecord {
    let number: NumberText
    switch value.type {
    case 0: return .string(replaced(value.string, &batch, &rewriting, &matcher))
    case 1: number = NumberText(value.bool)
    case 2: number = NumberText(value.int)
    case 3: number = NumberText(value.double)
    default: return value
    }
    guard let text = replacedText(number, &batch, &rewriting, &matcher) else { return value }
    return NumberText.value(text, batch)
  }
}
