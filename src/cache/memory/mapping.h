// Mapping: address space, far more of it than is used: pages appear when they are first written and
// leave by give_back(), so what a tier costs is what it holds, and a payload lies in one piece
// whatever lay there before. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace yata::cache::memory {

class Mapping {
 public:
  static constexpr std::uint64_t kAlignment = 2u << 20;  // of base(); a large page

  enum class Pages : std::uint8_t {
    Small,  // what is given back is gone to the page
    // Where the kernel has them: fewer misses of the TLB for what is read at random. The kernel may
    // fill a large page again of which a part was given back.
    Large,
  };

  // `bytes` a multiple of kAlignment. Anonymous memory; where the system grants only as much of it
  // as it could pay out at once (strict overcommit, a limit on data), a file in memory instead,
  // whose pages count as they appear, and which is slower to fill and to give back.
  Mapping(const char* name, std::uint64_t bytes, Pages pages);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  std::byte* base() const { return base_; }
  std::uint64_t offset_of(const std::byte* at) const {
    return static_cast<std::uint64_t>(at - base_);
  }

  // Frees the pages of [at, at + bytes), whole pages; they read as zero afterwards.
  void give_back(std::byte* at, std::uint64_t bytes);

 private:
  std::byte* base_ = nullptr;
  std::uint64_t bytes_ = 0;
  bool is_file_ = false;
};

}  // namespace yata::cache::memory
