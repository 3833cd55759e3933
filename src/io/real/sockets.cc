#include "io/real/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace yata::io {

// Everything goes through memcpy: sockaddr types may not be read through each other's pointers.
SocketAddress to_socket_address(const Address& address) {
  SocketAddress out;
  const auto fill = [&](const auto& from, std::size_t size) {
    std::memcpy(&out.storage, &from, sizeof from);
    out.size = static_cast<socklen_t>(size);
  };
  switch (address.family) {
    case Address::Family::V4: {
      sockaddr_in in{};
      in.sin_family = AF_INET;
      in.sin_port = htons(address.port);
      std::memcpy(&in.sin_addr, address.bytes.data(), sizeof in.sin_addr);
      fill(in, sizeof in);
      break;
    }
    case Address::Family::V6: {
      sockaddr_in6 in{};
      in.sin6_family = AF_INET6;
      in.sin6_port = htons(address.port);
      std::memcpy(&in.sin6_addr, address.bytes.data(), sizeof in.sin6_addr);
      fill(in, sizeof in);
      break;
    }
    case Address::Family::Unix: {
      sockaddr_un un{};
      un.sun_family = AF_UNIX;
      const std::size_t length = std::min(address.path.size(), sizeof un.sun_path - 1);
      std::memcpy(un.sun_path, address.path.data(), length);
      fill(un, offsetof(sockaddr_un, sun_path) + length + 1);
      break;
    }
  }
  return out;
}

Address from_socket_address(const SocketAddress& from) {
  Address address;
  switch (from.storage.ss_family) {
    case AF_INET: {
      sockaddr_in in{};
      std::memcpy(&in, &from.storage, sizeof in);
      std::memcpy(address.bytes.data(), &in.sin_addr, sizeof in.sin_addr);
      address.port = ntohs(in.sin_port);
      break;
    }
    case AF_INET6: {
      sockaddr_in6 in{};
      std::memcpy(&in, &from.storage, sizeof in);
      address.family = Address::Family::V6;
      std::memcpy(address.bytes.data(), &in.sin6_addr, sizeof in.sin6_addr);
      address.port = ntohs(in.sin6_port);
      break;
    }
    default: {
      sockaddr_un un{};
      std::memcpy(&un, &from.storage, sizeof un);
      address.family = Address::Family::Unix;
      constexpr std::size_t kHead = offsetof(sockaddr_un, sun_path);
      if (from.size > kHead)
        address.path.assign(un.sun_path, ::strnlen(un.sun_path, from.size - kHead));
      break;
    }
  }
  return address;
}

int open_socket(Address::Family family) {
  const int domain = family == Address::Family::V4   ? AF_INET
                     : family == Address::Family::V6 ? AF_INET6
                                                     : AF_UNIX;
  return ::socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

void set_option(int fd, int level, int name, int value) {
  // Cannot fail for the options we set on the sockets we have.
  [[maybe_unused]] const int ignored = ::setsockopt(fd, level, name, &value, sizeof value);
}

void set_no_delay(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

Address local_address(int fd) {
  SocketAddress address;
  if (::getsockname(fd, address.get(), &address.size) != 0) return {};
  return from_socket_address(address);
}

int take_socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace yata::io
