import Scrubbing

/// `NAME=VALUE`, to paste. Where a secret was taken out of the value, it says what to fill in: `DD_API_KEY=YOUR_KEY`.
func settingLine(_ name: String, _ value: String) -> String {
  if value == Scrubber.mark {
    let last = name.uppercased().split(separator: "_").last.map(String.init) ?? ""
    return "\(name)=YOUR_" + (["KEY", "TOKEN", "PASSWORD", "HEADERS"].contains(last) ? last : "SECRET")
  }
  return "\(name)="
    + value.replacing(Scrubber.mark + "@", with: "USER:PASSWORD@").replacing(Scrubber.mark, with: "YOUR_SECRET")
}
