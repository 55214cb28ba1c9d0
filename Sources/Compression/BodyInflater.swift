/// Decompresses the bodies of requests, one after the other, within a bound in bytes.
///
/// Owned by one thread at a time. Costs nothing until a body is compressed. Then it holds the last body's memory and a
/// library's context, each reused: `recycle()` after each body keeps at most `keptBytes` of either.
package struct BodyInflater: ~Copyable, @unchecked Sendable {
  /// Memory kept between bodies, for the output and for each library's context.
  package static let keptBytes = 1 << 20

  private var output = InflatedBytes()
  private var gzip = GzipInflater()
  private var zstd = ZstdInflater()

  package init() {}

  /// The decoded body; with `.identity` the body itself.
  ///
  /// Takes time linear in the body and in what comes out, and stops at `bytesMax`. The bytes are valid until `recycle()`
  /// or the next body. After an error the next body may come. Bytes behind the last member or frame that do not begin
  /// another one are an error.
  ///
  /// - Parameter bytesMax: of the decoded body; a body that is as it is has to keep it too.
  package mutating func inflate(
    _ body: UnsafeRawBufferPointer, encoding: ContentEncoding, bytesMax: Int
  ) throws(InflateError) -> UnsafeRawBufferPointer {
    output.removeAll(keepingBytes: Self.keptBytes)
    do throws(InflateError) {
      switch encoding {
      case .identity:
        guard body.count <= bytesMax else { throw .tooLarge(bytesMax: bytesMax) }
        return unsafe body
      case .gzip: try unsafe gzip.inflate(body, into: &output, bytesMax: bytesMax)
      case .zstd: try unsafe zstd.inflate(body, into: &output, bytesMax: bytesMax)
      }
    } catch {
      // A stream that failed cannot be continued: the next body starts from nothing.
      release()
      throw error
    }
    return unsafe output.bytes
  }

  /// The last body that was compressed, for as long as `inflate` says.
  package var lastBody: UnsafeRawBufferPointer { unsafe output.bytes }

  /// Forgets the last body and gives back what is more than `keptBytes`. For after each request.
  package mutating func recycle() {
    output.removeAll(keepingBytes: Self.keptBytes)
    if zstd.heldBytes > Self.keptBytes { zstd.release() }
  }

  /// Forgets the last body and gives all memory back. For when nothing has come for a while.
  package mutating func release() {
    output.removeAll(keepingBytes: 0)
    gzip.release()
    zstd.release()
  }

  /// Bytes held for bodies that come, about.
  package var heldBytes: Int { output.capacity + gzip.heldBytes + zstd.heldBytes }
}
