// For tests and benchmarks only: what the program allocates. Counts calls of malloc and its kin,
// where operator new, the frames of coroutines and C libraries end; under a sanitizer, which brings
// an allocator of its own, by that one's hook. Include it in one .cc of a program: it defines
// malloc.
//
//   const std::uint64_t before = allocations;
//   work();
//   EXPECT_EQ(allocations - before, 0u);
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace yata {

// Since the program's start, by all threads.
inline std::atomic<std::uint64_t> allocations{0};
// By this thread alone, where threads of other tests may still be ending.
inline thread_local std::uint64_t allocations_here = 0;

inline void count_allocation() {
  allocations.fetch_add(1, std::memory_order_relaxed);
  ++allocations_here;
}

}  // namespace yata

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)

#include <sanitizer/allocator_interface.h>

namespace yata {

[[maybe_unused]] inline const int kAllocationHook = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { count_allocation(); }, [](const volatile void*) {});

}  // namespace yata

#else

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): glibc names them.
extern "C" void* __libc_malloc(std::size_t size);
extern "C" void* __libc_calloc(std::size_t count, std::size_t size);
extern "C" void* __libc_realloc(void* memory, std::size_t size);
extern "C" void* __libc_memalign(std::size_t alignment, std::size_t size);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

extern "C" void* malloc(std::size_t size) {
  yata::count_allocation();
  return __libc_malloc(size);
}
extern "C" void* calloc(std::size_t count, std::size_t size) {
  yata::count_allocation();
  return __libc_calloc(count, size);
}
extern "C" void* realloc(void* memory, std::size_t size) {
  yata::count_allocation();
  return __libc_realloc(memory, size);
}
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) {
  yata::count_allocation();
  return __libc_memalign(alignment, size);
}

#endif
