import Configuration
import Control

extension SettingRow {
  /// The row of a setting; it holds no value.
  init(_ setting: SettingWithoutEffect) {
    self.init(
      name: setting.name, origin: "\(setting.origin)", reason: setting.reason.rawValue, about: setting.about)
  }
}
