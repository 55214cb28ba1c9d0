/// Ends the fuzzer: what was expected of an input does not hold.
func stop(_ why: String) -> Never {
  // In optimized code too it says so; and of the input's bytes it may hold, none ends the text.
  fatalError(why.debugDescription)
}
