#include "http/h1/workspace.h"

#include <utility>
#include <vector>

namespace yata::http::h1 {
namespace {

constexpr std::size_t kKept = 256;                  // per thread; more are freed
constexpr std::size_t kKeptStringBytes = 8 * 1024;  // a workspace that grew beyond is freed

// Per thread and not passed in, as the frames of coroutines are (io/frame_pool.cc): it holds no
// state that anyone could observe.
thread_local std::vector<std::unique_ptr<Workspace>> shelf;

bool equal(const HeadLimits& a, const HeadLimits& b) {
  return a.header_bytes == b.header_bytes && a.header_fields == b.header_fields &&
         a.target_bytes == b.target_bytes;
}

}  // namespace

WorkspaceLease lease_workspace(const HeadLimits& limits) {
  if (shelf.empty()) return WorkspaceLease(new Workspace(limits));
  std::unique_ptr<Workspace> taken = std::move(shelf.back());
  shelf.pop_back();
  if (equal(taken->limits, limits)) {
    taken->parser.reset();
  } else {
    taken->limits = limits;
    taken->parser = RequestParser(limits);
  }
  return WorkspaceLease(taken.release());
}

void ReturnWorkspace::operator()(Workspace* workspace) const {
  std::unique_ptr<Workspace> returned(workspace);
  const bool grown =
      returned->head.capacity() > kKeptStringBytes || returned->reply.capacity() > kKeptStringBytes;
  if (grown || shelf.size() == kKept) return;
  returned->head.clear();
  returned->reply.clear();
  if (shelf.capacity() == 0) shelf.reserve(kKept);
  shelf.push_back(std::move(returned));
}

}  // namespace yata::http::h1
