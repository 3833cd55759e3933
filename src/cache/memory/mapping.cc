#include "cache/memory/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/check.h"

namespace yata::cache::memory {

namespace {

// Address space of `bytes` at a multiple of Mapping::kAlignment, without memory behind it.
std::byte* reserve(std::uint64_t bytes) {
  const std::uint64_t whole = bytes + Mapping::kAlignment;
  void* got = mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(got != MAP_FAILED, "no address space for the memory tier", bytes, errno);
  auto* start = static_cast<std::byte*>(got);
  const std::uint64_t before =
      (Mapping::kAlignment - reinterpret_cast<std::uintptr_t>(start) % Mapping::kAlignment) %
      Mapping::kAlignment;
  if (before > 0) munmap(start, before);
  munmap(start + before + bytes, Mapping::kAlignment - before);
  return start + before;
}

void map_file(const char* name, std::byte* base, std::uint64_t bytes) {
  const int descriptor = memfd_create(name, MFD_CLOEXEC);
  CHECK(descriptor >= 0 && ftruncate(descriptor, static_cast<off_t>(bytes)) == 0,
        "no memory file for the memory tier", bytes, errno);
  void* got = mmap(base, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE,
                   descriptor, 0);
  CHECK(got == base, "cannot map the memory tier", bytes, errno);
  ::close(descriptor);
}

}  // namespace

Mapping::Mapping(const char* name, std::uint64_t bytes, Pages pages)
    : base_(reserve(bytes)), bytes_(bytes) {
  CHECK(bytes % kAlignment == 0, bytes);
  is_file_ = mprotect(base_, bytes, PROT_READ | PROT_WRITE) != 0;
  if (is_file_) map_file(name, base_, bytes);
  // Refused by kernels without large pages; it is a hint.
  madvise(base_, bytes, pages == Pages::Large ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  // A core dump is for our state, not for the clients' bodies.
  madvise(base_, bytes, MADV_DONTDUMP);
}

Mapping::~Mapping() {
  munmap(base_, bytes_);
}

void Mapping::give_back(std::byte* at, std::uint64_t bytes) {
  // Of a file MADV_REMOVE punches the hole; DONTNEED would only unmap.
  const int failed = madvise(at, bytes, is_file_ ? MADV_REMOVE : MADV_DONTNEED);
  CHECK(failed == 0, errno);
}

}  // namespace yata::cache::memory
