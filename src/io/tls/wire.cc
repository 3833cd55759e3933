#include "io/tls/wire.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace yata::io {
namespace {

// After the first buffer a few small ones: a batch of records is a little larger than its
// plaintext, and seldom much.
BufferSize size_of_buffer(std::size_t index, std::size_t expected) {
  if (index == 0) {
    return expected > size_bytes(BufferSize::K16) ? BufferSize::K64 : BufferSize::K16;
  }
  return index < 4 ? BufferSize::K16 : BufferSize::K64;
}

}  // namespace

std::size_t TlsOutput::append(BufferPool& pool, ByteView bytes, std::size_t expected) {
  std::size_t taken = 0;
  while (taken < bytes.size()) {
    const bool full = used_ == 0 || filled_ == buffers_[used_ - 1].bytes().size();
    if (full && used_ == kMaxBuffers) break;
    if (full) {
      buffers_[used_] = pool.borrow(size_of_buffer(used_, expected));
      ++used_;
      filled_ = 0;
    }
    const ByteBuffer room = buffers_[used_ - 1].bytes().subspan(filled_);
    const std::size_t count = std::min(room.size(), bytes.size() - taken);
    std::memcpy(room.data(), bytes.data() + taken, count);
    filled_ += count;
    taken += count;
  }
  size_ += taken;
  return taken;
}

TlsOutput::Pieces TlsOutput::pieces() const {
  Pieces pieces;
  for (; pieces.count < used_; ++pieces.count) {
    const ByteView whole = buffers_[pieces.count].bytes();
    const bool last = pieces.count + 1 == used_;
    pieces.views[pieces.count] = last ? whole.first(filled_) : whole;
  }
  return pieces;
}

ByteBuffer TlsWire::space(std::size_t wanted) {
  CHECK(incoming_.empty(), incoming_.size());
  // A reader with a large buffer expects a body; a full read promises more.
  if (wanted <= kInside && !more_likely_) {
    borrowed_.give_back();
    return inside_;
  }
  const BufferSize size = wanted > size_bytes(BufferSize::K16) ? BufferSize::K64 : BufferSize::K16;
  if (borrowed_.bytes().size() != size_bytes(size)) borrowed_ = pool_->borrow(size);
  return borrowed_.bytes();
}

void TlsWire::received(std::size_t count) {
  const ByteBuffer space = borrowed_.empty() ? ByteBuffer(inside_) : borrowed_.bytes();
  CHECK(count <= space.size(), count, space.size());
  incoming_ = space.first(count);
  more_likely_ = count == space.size();
}

void TlsWire::settle() {
  if (incoming_.empty()) borrowed_.give_back();
}

TlsOutput TlsWire::take_output() {
  return std::exchange(output_, TlsOutput());
}

void TlsWire::keep(ByteView unsent) {
  const std::size_t kept = output_.append(*pool_, unsent, 0);
  CHECK(kept == unsent.size(), kept, unsent.size());
}

BIO* TlsWire::make_bio() {
  BIO* bio = BIO_new(method());
  CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  return bio;
}

const BIO_METHOD* TlsWire::method() {
  // Made once and never freed: sessions may live until the process ends.
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
    CHECK(made != nullptr);
    BIO_meth_set_read_ex(made, &TlsWire::bio_read);
    BIO_meth_set_write_ex(made, &TlsWire::bio_write);
    BIO_meth_set_ctrl(made, &TlsWire::bio_control);
    return made;
  }();
  return method;
}

int TlsWire::bio_read(BIO* bio, char* into, std::size_t size, std::size_t* got) {
  auto& wire = *static_cast<TlsWire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  *got = std::min(size, wire.incoming_.size());
  if (*got == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(into, wire.incoming_.data(), *got);
  wire.incoming_ = wire.incoming_.subspan(*got);
  return 1;
}

int TlsWire::bio_write(BIO* bio, const char* from, std::size_t size, std::size_t* taken) {
  auto& wire = *static_cast<TlsWire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ByteView bytes = std::as_bytes(std::span(from, size));
  *taken = wire.output_.append(*wire.pool_, bytes, wire.expected_);
  if (*taken > 0 || size == 0) return 1;
  BIO_set_retry_write(bio);
  return 0;
}

long TlsWire::bio_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  // What was written has arrived where it was to go; nothing else applies.
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace yata::io
