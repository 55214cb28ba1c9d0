import CDashboardPage

/// One file of the page, as it lies in the binary: pages of memory that nobody asks for are never read.
struct PageFile {
  /// As the browser asks for it: `assets/style.css`.
  let name: String
  let mediaType: String
  let bytes: UnsafeRawBufferPointer

  /// Changes with the bytes, so that a browser asks for a file again only when it is another one.
  var version: String {
    "\"\(String(hash(onto: 0xCBF2_9CE4_8422_2325), radix: 16))\""
  }

  /// Goes on with a hash over the bytes of this file, by FNV-1a.
  private func hash(onto start: UInt64) -> UInt64 {
    bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// Changes with any file: a page that a browser has open since before is another one then.
  static let versionOfAll: String = {
    var place = 0
    var hash = 0xCBF2_9CE4_8422_2325 as UInt64
    while let file = roost_page_file_at(place) {
      hash = PageFile(file.pointee).hash(onto: hash)
      place += 1
    }
    return String(hash, radix: 16)
  }()

  /// The document that every view of the page begins with.
  static var document: PageFile? { named("index.html") }

  /// The file of that name; `nil` when there is none.
  static func named(_ name: String) -> PageFile? {
    var place = 0
    while let file = roost_page_file_at(place) {
      let file = PageFile(file.pointee)
      if file.name == name { return file }
      place += 1
    }
    return nil
  }

  private init(_ file: roost_page_file) {
    name = String(cString: file.name)
    mediaType = String(cString: file.media_type)
    bytes = UnsafeRawBufferPointer(start: file.bytes, count: file.count)
  }
}
