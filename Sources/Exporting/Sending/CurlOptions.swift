import CCurl

/// Sets options of one transfer handle and remembers the first that libcurl refuses.
struct CurlOptions {
  let curl: UnsafePointer<curl_functions>
  let easy: UnsafeMutableRawPointer
  private(set) var status = CURLE_OK

  init(curl: UnsafePointer<curl_functions>, easy: UnsafeMutableRawPointer) {
    self.curl = curl
    self.easy = easy
  }

  mutating func set(_ option: CURLoption, _ value: Int) { note(curl_set_long(curl, easy, option, value)) }

  /// libcurl keeps a copy of the text.
  mutating func set(_ option: CURLoption, _ text: String) { note(curl_set_text(curl, easy, option, text)) }

  mutating func set(_ option: CURLoption, size: Int) { note(curl_set_size(curl, easy, option, curl_off_t(size))) }

  /// libcurl keeps the pointer as long as the transfer lives.
  mutating func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
    note(curl_set_pointer(curl, easy, option, pointer))
  }

  mutating func set(_ option: CURLoption, _ callback: @escaping curl_transfer_bytes) {
    note(curl_set_transfer(curl, easy, option, callback))
  }

  mutating func setSeek(_ callback: @escaping curl_seek_bytes) { note(curl_set_seek(curl, easy, callback)) }

  /// A transfer that is given up does not wait for a name server that is silent. Older libraries than 7.87 do not know the
  /// option, and wait.
  func endQuickly() { curl_end_quickly(curl, easy) }

  private mutating func note(_ code: CURLcode) {
    if status == CURLE_OK { status = code }
  }
}
