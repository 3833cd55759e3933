// bare_loop PORT [NAME BYTES]...: answers GET /NAME, on loopback, with so many bytes, and does
// nothing else: no parsing beyond the name, no log. What it costs is what the kernel takes for one
// receive and one gathered write, the floor under every server of one loop that copies bodies.
// Requests come whole and one after the other, as wrk sends them.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"

namespace {

struct Answer {
  std::string request;  // how it begins
  std::string head;
  std::string body;
};

struct Connection {
  int socket;
  const Answer* answer = nullptr;
  std::size_t sent = 0;
};

// As long as ours is.
Answer answer_of(const std::string& name, std::size_t bytes) {
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes) + "\r\nX-Filling: ";
  head.resize(420, 'x');
  return {"GET /" + name + " ", head + "\r\n\r\n", std::string(bytes, 'b')};
}

// All, or as much as the socket takes: the rest when it takes more.
void send_rest(Connection& connection) {
  const Answer& answer = *connection.answer;
  const std::size_t whole = answer.head.size() + answer.body.size();
  while (connection.sent < whole) {
    const std::size_t of_head = std::min(connection.sent, answer.head.size());
    const std::size_t of_body = connection.sent - of_head;
    iovec pieces[2] = {
        {const_cast<char*>(answer.head.data()) + of_head, answer.head.size() - of_head},
        {const_cast<char*>(answer.body.data()) + of_body, answer.body.size() - of_body}};
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    const ssize_t sent = sendmsg(connection.socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) return;
    connection.sent += static_cast<std::size_t>(sent);
  }
  connection.answer = nullptr;
}

void answer_next(Connection& connection, const std::vector<Answer>& answers) {
  std::array<char, 4096> request;
  const ssize_t got = recv(connection.socket, request.data(), request.size(), MSG_DONTWAIT);
  if (got < 0) return;
  if (got == 0) {
    ::close(std::exchange(connection.socket, -1));
    return;
  }
  const std::string_view text(request.data(), static_cast<std::size_t>(got));
  const auto answer = std::ranges::find_if(
      answers, [&](const Answer& one) { return text.starts_with(one.request); });
  CHECK(answer != answers.end(), text);
  connection.answer = &*answer;
  connection.sent = 0;
  send_rest(connection);
}

void watch(int poll, int socket, std::uint32_t events, Connection* connection) {
  epoll_event event{.events = events, .data = {.ptr = connection}};
  CHECK(epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event) == 0);
}

int listen_on(int port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  sockaddr_in address{.sin_family = AF_INET,
                      .sin_port = htons(static_cast<std::uint16_t>(port)),
                      .sin_addr = {htonl(INADDR_LOOPBACK)}};
  CHECK(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, port);
  CHECK(listen(listener, 1024) == 0);
  return listener;
}

}  // namespace

int main(int count, char** words) {
  if (count < 4 || count % 2 != 0) {
    std::fputs("usage: bare_loop PORT [NAME BYTES]...\n", stderr);
    return 2;
  }
  const int listener = listen_on(std::atoi(words[1]));
  std::vector<Answer> answers;
  for (int i = 2; i < count; i += 2) {
    answers.push_back(answer_of(words[i], std::strtoull(words[i + 1], nullptr, 10)));
  }
  std::vector<std::unique_ptr<Connection>> connections;
  const int poll = epoll_create1(0);
  watch(poll, listener, EPOLLIN, nullptr);
  std::array<epoll_event, 256> events;
  for (;;) {
    const int ready = epoll_wait(poll, events.data(), events.size(), -1);
    for (int i = 0; i < ready; ++i) {
      auto* connection = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (connection == nullptr) {
        const int socket = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        CHECK(socket >= 0 || errno == EAGAIN || errno == ECONNABORTED, errno);
        if (socket < 0) continue;
        const int on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connections.push_back(std::make_unique<Connection>(socket));
        watch(poll, socket, EPOLLIN | EPOLLOUT | EPOLLET, connections.back().get());
      } else if (connection->answer != nullptr) {
        send_rest(*connection);
      } else {
        answer_next(*connection, answers);
      }
    }
  }
}
