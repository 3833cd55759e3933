// What the program asks of the system while it runs: locks and gathered sends, counted where they
// are called; and what of them comes from the memory tier. Include it in one .cc of a program: it
// defines the calls themselves.
#pragma once

#include <dlfcn.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace yata {

// By all threads, since the start.
struct Calls {
  std::atomic<std::uint64_t> locks{0};
  std::atomic<std::uint64_t> sends{0};       // sendmsg
  std::atomic<std::uint64_t> others{0};      // send, sendfile
  std::atomic<std::uint64_t> from_tier{0};   // pieces of sendmsg that lie where the tier keeps them
  std::atomic<std::uint64_t> tier_begin{0};  // where that is
  std::atomic<std::uint64_t> tier_end{0};
};
inline Calls calls;

// The payloads of the memory tier have by far the most address space of all; the last tier counts.
inline void note_writable(void* at, std::size_t bytes) {
  if (bytes < calls.tier_end - calls.tier_begin) return;
  calls.tier_begin = reinterpret_cast<std::uint64_t>(at);
  calls.tier_end = calls.tier_begin + bytes;
}

inline void note_pieces(const msghdr& message) {
  for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
    const auto at = reinterpret_cast<std::uint64_t>(message.msg_iov[i].iov_base);
    if (at >= calls.tier_begin && at < calls.tier_end) ++calls.from_tier;
  }
}

}  // namespace yata

extern "C" int mprotect(void* at, std::size_t bytes, int protection) noexcept {
  if (protection == (PROT_READ | PROT_WRITE)) yata::note_writable(at, bytes);
  return static_cast<int>(::syscall(SYS_mprotect, at, bytes, protection));
}

extern "C" ssize_t sendmsg(int socket, const msghdr* message, int flags) {
  ++yata::calls.sends;
  yata::note_pieces(*message);
  return ::syscall(SYS_sendmsg, socket, message, flags);
}

extern "C" ssize_t send(int socket, const void* bytes, std::size_t size, int flags) {
  ++yata::calls.others;
  return ::syscall(SYS_sendto, socket, bytes, size, flags, nullptr, 0);
}

extern "C" ssize_t sendfile(int to, int from, off_t* offset, std::size_t size) noexcept {
  ++yata::calls.others;
  return ::syscall(SYS_sendfile, to, from, offset, size);
}

extern "C" int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
  using Lock = int (*)(pthread_mutex_t*);
  static std::atomic<Lock> next{nullptr};
  if (next.load() == nullptr) {
    next.store(reinterpret_cast<Lock>(::dlsym(RTLD_NEXT, "pthread_mutex_lock")));
  }
  ++yata::calls.locks;
  return next.load()(mutex);
}
