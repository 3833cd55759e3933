// A response under way, with the connection it comes on: writes the request, reads the head, and
// gives the body. Loop-bound; belongs to whoever sent the request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/client.h"
#include "http/client/connection.h"
#include "http/h1/chunked.h"
#include "http/h1/stall.h"
#include "io/buffer_pool.h"

namespace yata::http::client {

class Pool;

class Response final : public ClientResponse, public Body {
 public:
  // `pool` outlives the response.
  Response(Pool& pool, std::unique_ptr<Connection> connection);
  ~Response() override;

  // From the frames' free list: a request allocates nothing once warm.
  static void* operator new(std::size_t size) { return io::allocate_frame(size); }
  static void operator delete(void* response, std::size_t size) { io::free_frame(response, size); }

  // Sends the request and reads the response's head.
  io::Task<Result<void>> start(const ClientRequest& request);
  // start() failed because the connection, kept from an earlier request, was dead: nothing came.
  bool was_dead(const Error& error) const;
  Connection& connection() { return *connection_; }

  const ResponseHead& head() const override { return head_; }
  Body& body() override { return *this; }
  bool reused_connection() const override { return connection_->reused; }

  io::Task<Result<BodyPiece>> next() override;
  // Receives straight into the room once what came with the head is given, where both the room and
  // the rest of a sized body are kStraightMin or more. What is small goes through a buffer, where
  // one receive takes more.
  io::Task<Result<BodyPiece>> next_into(io::ByteBuffer room) override;

  static constexpr std::size_t kStraightMin = 64u << 10;
  static constexpr int kMaxInterimHeads = 8;  // 1xx before the answer

 private:
  io::Task<Result<void>> receive_head(Method method);
  Result<bool> take_head(Method method);
  bool grow_head();
  void begin_body();
  Result<BodyPiece> take();
  Result<BodyPiece> take_sized();
  Result<BodyPiece> take_chunked();
  io::Task<Result<BodyPiece>> receive_straight(io::ByteBuffer into);
  io::Task<Result<std::size_t>> receive(io::ByteBuffer into);
  io::ByteBuffer body_room();
  bool reusable() const;
  Error error(ErrorKind kind, std::string_view detail) const;
  Error failed_read(const Error& read, std::string_view late) const;
  std::string_view unread() const;

  Pool* pool_;
  std::unique_ptr<Connection> connection_;
  ResponseHead head_;  // views head_buffer_
  io::Buffer head_buffer_;
  io::Buffer body_buffer_;      // for bodies that do not fit behind the head
  io::ByteBuffer storage_;      // the one being read into
  std::size_t begin_ = 0;       // of what came and was not yet given
  std::size_t end_ = 0;         // both in storage_
  std::size_t head_bytes_ = 0;  // of head_buffer_
  std::uint64_t received_ = 0;  // in all
  std::uint64_t left_ = 0;      // Sized: of the body, not yet given
  h1::ChunkedDecoder decoder_;
  h1::StallBudget patience_;
  int interim_heads_ = 0;
  bool ended_ = false;  // the body was received to its end
};

}  // namespace yata::http::client
