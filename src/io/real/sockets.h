// Addresses as the kernel wants them, and the options our sockets have.
#pragma once

#include <sys/socket.h>

#include "io/address.h"

namespace yata::io {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

SocketAddress to_socket_address(const Address& address);
Address from_socket_address(const SocketAddress& address);

// A TCP or Unix stream socket, non-blocking; -1 with errno.
int open_socket(Address::Family family);

void set_option(int fd, int level, int name, int value);
void set_no_delay(int fd);
Address local_address(int fd);
int take_socket_error(int fd);  // SO_ERROR: 0 when there is none

}  // namespace yata::io
