#include "http/body.h"

#include <gtest/gtest.h>

#include <string>

#include "io/sim.h"

namespace yata::http {
namespace {

struct Pulled {
  std::string bytes;
  int pieces = 0;
  int ends = 0;
};

// `body` and `pulled` belong to the caller of run().
io::Task<void> pull(Body& body, Pulled& pulled) {
  while (pulled.ends == 0) {
    const Result<BodyPiece> piece = co_await body.next();
    if (!piece) co_return;
    if (const auto* view = std::get_if<io::ByteView>(&*piece)) {
      pulled.bytes += io::as_text(*view);
      ++pulled.pieces;
    } else {
      ++pulled.ends;
    }
  }
}

Pulled pull_all(std::string_view bytes) {
  BytesBody body(io::as_bytes(bytes));
  Pulled pulled;
  const auto loop = io::make_sim_loop({});
  const bool ended =
      loop->run([&](io::Loop&, io::Scope&) { return pull(body, pulled); }, std::chrono::seconds(1));
  EXPECT_TRUE(ended);
  return pulled;
}

TEST(BytesBody, gives_its_bytes_once_and_then_ends) {
  const Pulled pulled = pull_all("hello");
  EXPECT_EQ(pulled.bytes, "hello");
  EXPECT_EQ(pulled.pieces, 1);
  EXPECT_EQ(pulled.ends, 1);
}

TEST(BytesBody, without_bytes_is_an_end_at_once) {
  const Pulled pulled = pull_all("");
  EXPECT_EQ(pulled.pieces, 0);
  EXPECT_EQ(pulled.ends, 1);
}

}  // namespace
}  // namespace yata::http
