import Scrubbing

/// A value of the variable `name`, to paste. Where a secret was taken out of it, it says what to fill in: `YOUR_KEY`.
func fillIn(_ value: String, of name: String) -> String {
  if value == Scrubber.mark {
    let last = name.uppercased().split(separator: "_").last.map(String.init) ?? ""
    return "YOUR_" + (["KEY", "TOKEN", "PASSWORD", "HEADERS"].contains(last) ? last : "SECRET")
  }
  return value.replacing(Scrubber.mark + "@", with: "USER:PASSWORD@").replacing(Scrubber.mark, with: "YOUR_SECRET")
}
