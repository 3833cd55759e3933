// What the program asks of the system while it runs: locks and gathered sends, counted where they
// are called. Include it in one .cc of a program: it defines the calls themselves.
#pragma once

#include <dlfcn.h>
#include <pthread.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>

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

// Looks where the payloads of the memory tier are mapped; false when they are not.
inline bool find_tier() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (!line.contains("yatagarasu-payloads")) continue;
    std::istringstream range(line);
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    char dash = 0;
    range >> std::hex >> begin >> dash >> end;
    calls.tier_begin = begin;
    calls.tier_end = end;
    return true;
  }
  return false;
}

inline void note_pieces(const msghdr& message) {
  for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
    const auto at = reinterpret_cast<std::uint64_t>(message.msg_iov[i].iov_base);
    if (at >= calls.tier_begin && at < calls.tier_end) ++calls.from_tier;
  }
}

}  // namespace yata

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
