// TlsWire: the ciphertext of one session on its way between OpenSSL and the plain stream. OpenSSL
// sees it as a BIO that never waits: it hands out what was received and takes what is to be sent.
// An idle wire holds no borrowed buffer. Loop-bound; owned by its TlsStream.
#pragma once

#include <openssl/bio.h>

#include <array>
#include <cstddef>

#include "io/buffer_pool.h"
#include "io/stream.h"

namespace yata::io {

// Ciphertext that waits to be written, in order, in borrowed buffers.
class TlsOutput {
 public:
  static constexpr std::size_t kMaxBuffers = 8;
  static_assert(kMaxBuffers <= Stream::kMaxPieces);

  // Takes all of `bytes`, or less when all buffers are full. The first buffer is chosen to hold
  // `expected` bytes, if one can.
  std::size_t append(BufferPool& pool, ByteView bytes, std::size_t expected);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  struct Pieces {
    std::array<ByteView, kMaxBuffers> views;
    std::size_t count = 0;
    std::span<const ByteView> span() const { return std::span(views).first(count); }
  };
  Pieces pieces() const;

 private:
  std::array<Buffer, kMaxBuffers> buffers_;
  std::size_t used_ = 0;    // buffers
  std::size_t filled_ = 0;  // bytes of the last of them
  std::size_t size_ = 0;
};

class TlsWire {
 public:
  explicit TlsWire(BufferPool& pool) : pool_(&pool) {}
  TlsWire(const TlsWire&) = delete;
  TlsWire& operator=(const TlsWire&) = delete;

  // For SSL_set_bio(), which takes it over. It must not be used after the wire is gone.
  BIO* make_bio();

  // Where to put received bytes; OpenSSL must have taken all of those before. Inside this object
  // while little is expected, borrowed otherwise.
  ByteBuffer space(std::size_t wanted);
  void received(std::size_t count);
  bool has_input() const { return !incoming_.empty(); }
  // Gives the borrowed buffer back if nothing is left in it.
  void settle();

  // How much ciphertext is about to be made.
  void expect_output(std::size_t bytes) { expected_ = bytes; }
  const TlsOutput& output() const { return output_; }
  TlsOutput take_output();
  // Puts back what was taken and could not be sent. Nothing was made since.
  void keep(ByteView unsent);

 private:
  static const BIO_METHOD* method();
  static int bio_read(BIO* bio, char* into, std::size_t size, std::size_t* got);
  static int bio_write(BIO* bio, const char* from, std::size_t size, std::size_t* taken);
  static long bio_control(BIO* bio, int command, long number, void* pointer);

  static constexpr std::size_t kInside = 2048;  // holds most requests without their bodies

  BufferPool* pool_;   // the loop's, which outlives the stream
  ByteView incoming_;  // received, not yet taken; in inside_ or borrowed_
  bool more_likely_ = false;
  Buffer borrowed_;
  TlsOutput output_;
  std::size_t expected_ = 0;
  std::array<std::byte, kInside> inside_;
};

}  // namespace yata::io
